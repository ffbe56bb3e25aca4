import { posix } from "node:path";
import type { Clock } from "../core/clock.ts";
import type { Platform } from "../core/platform.ts";
import { isProblem, type ProblemCode } from "../core/problem.ts";
import type { Sandbox, SandboxEnd, SandboxProgram } from "../engine/sandbox.ts";
import type { BlobReader } from "../image/blob-store.ts";
import { sized } from "../image/layer.ts";
import { decompress } from "../image/unpack.ts";
import type { SmokeResult } from "../verify/smoke.ts";
import type { PlatformImage } from "../verify/subject.ts";
import { ended, notRun, notStarted, outlasted } from "./smoke-ends.ts";
import { outputEnd } from "./smoke-output.ts";

/** One platform's start. */
export interface SmokeStart {
  readonly image: PlatformImage;
  /** Never empty. */
  readonly command: readonly string[];
  readonly platform: Platform;
  readonly how: "native" | "emulated";
  readonly limitMs: number;
  /** It is the image's own command, which may be a server. */
  readonly own: boolean;
}

export interface SmokeSurroundings {
  readonly sandbox: Sandbox;
  readonly blobs: BlobReader;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What keeps a layer from being unpacked or a program from being set apart: no word on the image's program. */
const NOT_TRIED: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  ...(["digest-mismatch", "size-mismatch", "diff-id-mismatch", "layer-invalid", "layer-unsupported", "limit-exceeded"] as const),
  ...(["disk-full", "sandbox-unavailable", "emulator-missing"] as const),
]);

/**
 * Starts a program upon the image's files, waits for its end or for its time to be over, and forgets what it changed.
 * @throws {ProblemError} `interrupted` | the signal's reason | what `blobs` throws of a registry. What is wrong with the image or the machine is a result.
 */
export async function startImage(start: SmokeStart, { sandbox, blobs, clock, signal }: SmokeSurroundings): Promise<SmokeResult> {
  const printed = outputEnd();
  let began = clock.nowMs();
  const soFar = () => ({ output: printed.text(), ms: clock.nowMs() - began });
  try {
    for (const { descriptor, diffId } of start.image.layers)
      if (diffId !== undefined) await sandbox.unpack(diffId, decompress(sized(blobs.open(descriptor.digest), descriptor)), signal);
    const program = programOf(start, (_, bytes) => printed.add(bytes));
    began = clock.nowMs();
    const end = await withinLimit(start.limitMs, clock, signal, (stop) => sandbox.run(program, stop));
    await end?.discard();
    return end === undefined ? outlasted(start, soFar()) : ended(start, end, soFar());
  } catch (error) {
    signal.throwIfAborted();
    if (isProblem(error, "run-failed")) return notStarted(start, error, soFar());
    if (isProblem(error) && NOT_TRIED.has(error.code)) return notRun(start, { why: error.message, act: error.hint });
    throw error;
  }
}

function programOf({ image, command, platform }: SmokeStart, output: SandboxProgram["output"]): SandboxProgram {
  const { Env = [], WorkingDir = "", User = "" } = image.config.value?.config ?? {};
  const layers = image.layers.flatMap(({ diffId }) => diffId ?? []);
  return {
    // A layer that lies over itself hides all of its lower self; overlayfs takes none twice.
    layers: [...new Set(layers.toReversed())].toReversed(),
    platform,
    arguments: command,
    environment: Env,
    workdir: posix.resolve("/", WorkingDir),
    user: User,
    mounts: [],
    network: "none",
    hosts: [],
    ulimits: [],
    output,
  };
}

/** Runs a program until it ends or its time is over, in any case to its end; undefined: its time was over. */
async function withinLimit(
  limitMs: number,
  clock: Clock,
  signal: AbortSignal,
  run: (stop: AbortSignal) => Promise<SandboxEnd>,
): Promise<SandboxEnd | undefined> {
  const stop = new AbortController();
  const over = new AbortController();
  const interrupt = (): void => stop.abort(signal.reason);
  signal.addEventListener("abort", interrupt, { once: true });
  if (signal.aborted) interrupt();
  let late = false;
  const waited = clock.sleep(limitMs, over.signal).then(
    () => {
      late = true;
      stop.abort();
    },
    () => {},
  );
  try {
    return await run(stop.signal);
  } catch (error) {
    if (late && !signal.aborted && isProblem(error, "interrupted")) return undefined;
    throw error;
  } finally {
    signal.removeEventListener("abort", interrupt);
    over.abort();
    await waited;
  }
}
