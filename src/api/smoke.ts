import type { World } from "../adapters/node/world.ts";
import type { BlobReader } from "../image/blob-store.ts";
import type { SmokeResult } from "../verify/smoke.ts";
import type { PlatformImage } from "../verify/subject.ts";
import { machineSandbox } from "./machine-sandbox.ts";
import type { Session } from "./session.ts";
import { commandWords } from "./smoke-command.ts";
import { smokeImages } from "./smoke-images.ts";

/** What is started, and for how long it may run. */
export interface SmokeRequest {
  /**
   * `--smoke CMD`, split into words as a shell does. Beginning with `-` they are arguments of the image's entrypoint, else the whole command line.
   * Undefined: what the image starts by itself.
   */
  readonly command?: string | undefined;
  /** Default {@link SMOKE_TIMEOUT_MS}. */
  readonly timeoutMs?: number | undefined;
  /** `--emulator`: what `obtainEmulators` takes. */
  readonly emulators?: readonly string[] | undefined;
  /** Told of what takes long: that an emulator is fetched. */
  readonly note?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How long a platform's program may run unless told otherwise. */
export const SMOKE_TIMEOUT_MS = 10_000;

/**
 * Starts each platform's program in the machine's sandbox: no network, nothing of the machine in sight, what it writes forgotten. A failure, and what cannot be tried here,
 * are results. Layers of platforms that can run are unpacked into the store's sandbox, as for a build upon the image.
 * @param blobs  where the layers are
 * @returns one for each image, in their order
 * @throws {ProblemError} `usage` for a command that cannot be split | `interrupted`, or the signal's reason | what bringing an emulator or reading a registry throws
 */
export async function smoke(
  images: readonly PlatformImage[],
  asked: SmokeRequest,
  blobs: BlobReader,
  session: Session,
  world: World,
): Promise<readonly SmokeResult[]> {
  const words = asked.command === undefined ? undefined : commandWords(asked.command);
  const host = await machineSandbox(asked, world, session);
  try {
    return await smokeImages(
      images,
      { words, limitMs: asked.timeoutMs ?? SMOKE_TIMEOUT_MS },
      { host, blobs, clock: world.clock, signal: asked.signal ?? new AbortController().signal },
    );
  } finally {
    await host?.close();
  }
}
