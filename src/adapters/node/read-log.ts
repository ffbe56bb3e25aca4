import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { ProblemError } from "../../core/problem.ts";
import type { ByteStream } from "../../image/blob-store.ts";
import type { World } from "./world.ts";

const CHUNK_BYTES = 256 * 1024;

/**
 * A log's bytes, from a file or from standard input (`-`).
 * @throws {ProblemError} `file-unreadable` at the first read, and the signal's reason
 */
export async function* readLog(path: string, world: World, signal: AbortSignal | undefined): ByteStream {
  if (path === "-") return yield* interruptible(world.stdin(), signal);
  try {
    if ((await stat(path)).isDirectory()) throw new ProblemError("file-unreadable", { message: `"${path}" cannot be read: it is a folder`, hint: HINT });
    yield* interruptible(createReadStream(path, { highWaterMark: CHUNK_BYTES }), signal);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new ProblemError("file-unreadable", {
      message: `"${path}" cannot be read: ${code === "ENOENT" ? "there is no such file" : code}`,
      hint: HINT,
      cause: error,
    });
  }
}

/** The same, ended by a signal even while nothing comes. */
async function* interruptible(stream: ByteStream, signal: AbortSignal | undefined): ByteStream {
  if (signal === undefined) return yield* stream;
  const stopped = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }));
  stopped.catch(() => {});
  const iterator = stream[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await Promise.race([iterator.next(), stopped]);
    if (done === true) return;
    yield value;
  }
}

const HINT = "name the log's file, or pipe the log in: gh run view RUN --log-failed | multihull explain -";
