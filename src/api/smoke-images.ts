import type { Clock } from "../core/clock.ts";
import { inParallel } from "../core/in-parallel.ts";
import { formatPlatform, type Platform, platformOf } from "../core/platform.ts";
import type { SandboxHost } from "../engine/sandbox.ts";
import type { BlobReader } from "../image/blob-store.ts";
import type { SmokeResult } from "../verify/smoke.ts";
import type { PlatformImage } from "../verify/subject.ts";
import { smokeCommand } from "./smoke-command.ts";
import { notRun, notStarted } from "./smoke-ends.ts";
import { cannotStart, foreignStart, provesNothing } from "./smoke-foreign.ts";
import { obstacleIn, wayHere } from "./smoke-obstacle.ts";
import { startImage } from "./smoke-start.ts";

/** More would take each other's time. */
const AT_ONCE = 2;

export interface SmokePorts {
  /** Undefined: this machine runs no programs of Linux. */
  readonly host: SandboxHost | undefined;
  readonly blobs: BlobReader;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Starts what can be started of these images, two at a time.
 * @param words  of a command; undefined: the image's own
 * @returns one for each image, in their order
 * @throws {ProblemError} `interrupted` | the signal's reason | what `blobs` throws of a registry
 */
export async function smokeImages(
  images: readonly PlatformImage[],
  { words, limitMs }: { readonly words: readonly string[] | undefined; readonly limitMs: number },
  { host, blobs, clock, signal }: SmokePorts,
): Promise<readonly SmokeResult[]> {
  const asked = images.map((image) => {
    const command = smokeCommand(image.config.value?.config, words);
    return { image, command, platform: runsOn(image), obstacle: obstacleIn(image, command) };
  });
  const platforms = new Map(asked.flatMap(({ platform, obstacle }) => (obstacle === undefined ? [[formatPlatform(platform), platform] as const] : [])));
  const ability = platforms.size === 0 ? undefined : await host?.ability([...platforms.values()]);

  const results: SmokeResult[] = [];
  await inParallel([...asked.entries()], AT_ONCE, async ([i, one]) => {
    signal.throwIfAborted();
    const way = one.obstacle ?? wayHere(ability, one.platform);
    if (host === undefined || typeof way === "object") {
      results[i] = notRun(one, typeof way === "object" ? way : { why: "there is no sandbox" });
      return;
    }
    const start = { ...one, limitMs, own: words === undefined, how: way };
    const foreign = foreignStart(start, words);
    if (foreign?.certain === true) {
      results[i] = notStarted(start, cannotStart(foreign, start), { output: "", ms: 0 });
      return;
    }
    const result = await startImage(start, { sandbox: await host.open(), blobs, clock, signal });
    const { output, ms } = result;
    results[i] = result.state === "passed" && foreign !== undefined ? { ...notRun(start, provesNothing(foreign, start)), output, ms } : result;
  });
  return results;
}

/** What runs it: nothing but these decides. */
const runsOn = ({ platform: { os, architecture, variant } }: PlatformImage): Platform => platformOf({ os, architecture, variant });
