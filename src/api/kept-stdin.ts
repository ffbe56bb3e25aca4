import { join } from "node:path";
import { addAbortSignal, Readable } from "node:stream";
import { spool } from "../adapters/node/context/spool.ts";
import type { World } from "../adapters/node/world.ts";
import { contextOnStdin } from "./main-context.ts";
import type { BuildRequest } from "./request.ts";

/** Most bytes of a context on standard input. */
const STDIN_LIMIT_BYTES = 64 * 1024 ** 3;

/**
 * A world whose standard input can be read more than once, where the request takes anything from it: an engine is chosen after we have read the Dockerfile, and several
 * nodes each want the whole. Kept in a private file below `storeFolder` until `use` has ended.
 * @throws {ProblemError} `limit-exceeded` | `disk-full` | `store-unusable`
 */
export async function withKeptStdin<T>(request: BuildRequest, world: World, storeFolder: string, use: (world: World) => Promise<T>): Promise<T> {
  if (!contextOnStdin(request.context ?? ".", request.file)) return await use(world);
  const stdin = world.stdin();
  // Who types at it may never end it.
  const stream = request.signal !== undefined && stdin instanceof Readable ? addAbortSignal(request.signal, stdin) : stdin;
  const kept = await spool(stream, join(storeFolder, "work"), "standard input", STDIN_LIMIT_BYTES);
  try {
    return await use({ ...world, stdin: () => kept.open() });
  } finally {
    await kept.close();
  }
}
