import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { ProblemError } from "../../../core/problem.ts";
import type { ContextEntry } from "../../../engine/context.ts";
import type { ByteStream } from "../../../image/blob-store.ts";

const CHUNK_BYTES = 256 * 1024;
// A fifo that took the file's place must not hold us up, a link that did must not be followed.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Identity and state of a file; equal as long as its content surely is. */
export function stampOf(stat: { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint; ctimeNs: bigint; mode: bigint }): string {
  return `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}:${stat.mode}`;
}

/**
 * Content of the file that `entry` told of. The file is known by its inode, so that a link or folder that was put in its place or into its path
 * leads to a problem and never to another file's content.
 * @throws {ProblemError} `context-changed` | `context-unreadable`
 */
export async function* openUnchanged(path: string, entry: ContextEntry, context: string): ByteStream {
  let file: FileHandle;
  try {
    file = await open(path, FLAGS);
  } catch (error) {
    throw problemOf(error, entry, context);
  }
  try {
    refuseOther(await file.stat({ bigint: true }), entry, context);
    let left = entry.size;
    while (left > 0) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(left, CHUNK_BYTES)));
      if (bytesRead === 0) break;
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    if (left > 0) throw changed(entry, context);
    refuseOther(await file.stat({ bigint: true }), entry, context);
  } catch (error) {
    throw problemOf(error, entry, context);
  } finally {
    await file.close();
  }
}

/** The same in one go. */
export function readUnchanged(path: string, entry: ContextEntry, context: string): Uint8Array {
  let fd: number;
  try {
    fd = openSync(path, FLAGS);
  } catch (error) {
    throw problemOf(error, entry, context);
  }
  try {
    refuseOther(fstatSync(fd, { bigint: true }), entry, context);
    const bytes = Buffer.allocUnsafe(entry.size);
    let done = 0;
    while (done < bytes.length) {
      const read = readSync(fd, bytes, done, bytes.length - done, null);
      if (read === 0) throw changed(entry, context);
      done += read;
    }
    return bytes;
  } catch (error) {
    throw problemOf(error, entry, context);
  } finally {
    closeSync(fd);
  }
}

function refuseOther(stat: Parameters<typeof stampOf>[0] & { isFile(): boolean }, entry: ContextEntry, context: string): void {
  if (!stat.isFile() || stampOf(stat) !== entry.stamp) throw changed(entry, context);
}

function changed(entry: ContextEntry, context: string): ProblemError {
  return new ProblemError("context-changed", {
    message: `"${entry.path}" of the context "${context}" changed while it was read`,
    hint: "let nothing change the context while it is built, then build again",
    facts: { path: entry.path },
  });
}

function problemOf(error: unknown, entry: ContextEntry, context: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof ProblemError || code === undefined) return error;
  // What was a file when we looked is absent, a link, or no file any more.
  if (["ENOENT", "ELOOP", "ENOTDIR", "EISDIR", "ENXIO"].includes(code)) return changed(entry, context);
  return new ProblemError("context-unreadable", {
    message: `"${entry.path}" of the context "${context}" cannot be read: ${code}`,
    hint: code === "EACCES" ? "give yourself the right to read it, or leave it out by .dockerignore" : "leave it out by .dockerignore",
    cause: error,
    facts: { path: entry.path },
  });
}
