import { close, fstatSync, openSync, read, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { algorithmOf, type Digest, Digester } from "../../../core/digest.ts";
import { ProblemError } from "../../../core/problem.ts";
import type { ByteStream } from "../../../image/blob-store.ts";
import { digestPath, type StoreLayout } from "./layout.ts";
import { makeFolder } from "./make-folder.ts";
import { isErrno, storeProblem } from "./problem.ts";

const CHUNK = 1024 * 1024;

const readSome = promisify(read);
const closeFile = promisify(close);

/**
 * Streams a blob's file, or a part of it. The next chunk is read while one is being used.
 * @throws {ProblemError} `store-damaged`: absent, or (whole blobs only) not what its digest says; it is then moved aside, so that it can come anew
 */
export async function* readBlob(layout: StoreLayout, digest: Digest, range?: { readonly start: number; readonly end?: number }): ByteStream {
  const path = digestPath(layout.blobs, digest);
  const fd = openBlob(path, digest);
  let ahead: Promise<Uint8Array> | undefined;
  try {
    const digester = range === undefined ? new Digester(algorithmOf(digest)) : undefined;
    const size = fstatSync(fd).size;
    const end = Math.min(range?.end ?? size, size);
    let at = range?.start ?? 0;
    ahead = readChunk(fd, at, end);
    while (at < end) {
      const chunk = await ahead;
      if (chunk.byteLength === 0) break;
      at += chunk.byteLength;
      ahead = readChunk(fd, at, end);
      ahead.catch(() => undefined);
      digester?.update(chunk);
      yield chunk;
    }
    if (digester !== undefined && digester.digest() !== digest) throw damaged(layout, path, digest, fd);
  } catch (error) {
    throw storeProblem(error, path);
  } finally {
    await ahead?.catch(() => undefined);
    await closeFile(fd);
  }
}

function openBlob(path: string, digest: Digest): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw storeProblem(error, path);
    throw new ProblemError("store-damaged", {
      message: `blob ${digest} is not in the store`,
      hint: "run the command again: what is missing is then made or brought anew",
      facts: { digest, path },
    });
  }
}

// A fresh buffer each: who reads may keep it.
async function readChunk(fd: number, at: number, end: number): Promise<Uint8Array> {
  const length = Math.min(CHUNK, end - at);
  if (length <= 0) return new Uint8Array();
  const buffer = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await readSome(fd, buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}

function damaged(layout: StoreLayout, path: string, digest: Digest, fd: number): ProblemError {
  const aside = digestPath(layout.damaged, digest);
  // Only the file that was read: another process may have put a sound one there.
  if (statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino) {
    makeFolder(dirname(aside));
    renameSync(path, aside);
  }
  return new ProblemError("store-damaged", {
    message: `blob ${digest} in the store is not what its digest says; it was moved to "${aside}"`,
    hint: "run the command again: the blob is then made or brought anew; if this comes back, look at the disk",
    facts: { digest, path: aside },
  });
}
