import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, type DigestAlgorithm, Digester } from "../../../core/digest.ts";
import { ProblemError } from "../../../core/problem.ts";
import type { ByteStream } from "../../../image/blob-store.ts";
import { makeFolder } from "../store/make-folder.ts";

/** Bytes that came from elsewhere, in a file of ours until `close`. */
export interface Spooled {
  readonly size: number;
  /** sha256. */
  readonly digest: Digest;
  /** By the algorithm asked for. */
  readonly checksum: Digest;
  /** @param range  bytes from `start` up to and without `end` */
  open(range?: { readonly start: number; readonly end: number }): ByteStream;
  close(): Promise<void>;
}

/**
 * Keeps a stream in a new file below `folder`. Nothing is left of it when it fails.
 * @param what  for messages: what is being kept
 * @throws {ProblemError} `limit-exceeded` | `disk-full` | `store-unusable`; what the stream throws
 */
export async function spool(stream: ByteStream, folder: string, what: string, limitBytes: number, algorithm: DigestAlgorithm = "sha256"): Promise<Spooled> {
  const own = machine(folder, () => {
    makeFolder(folder, 0o700);
    return mkdtempSync(join(folder, "spool-"));
  });
  const path = join(own, "content");
  const sha256 = new Digester();
  const other = algorithm === "sha256" ? undefined : new Digester(algorithm);
  let size = 0;
  try {
    const fd = machine(path, () => openSync(path, "wx", 0o600));
    try {
      for await (const chunk of stream) {
        size += chunk.byteLength;
        if (size > limitBytes)
          throw new ProblemError("limit-exceeded", {
            message: `${what} has more than ${limitBytes} bytes`,
            hint: "bring it into the context yourself",
            facts: { limitBytes },
          });
        sha256.update(chunk);
        other?.update(chunk);
        machine(path, () => writeWhole(fd, chunk));
      }
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    throw error;
  }
  const digest = sha256.digest();
  return {
    size,
    digest,
    checksum: other?.digest() ?? digest,
    async *open(range) {
      if (range !== undefined && range.end <= range.start) return;
      const content = createReadStream(path, { highWaterMark: 1024 * 1024, ...(range === undefined ? {} : { start: range.start, end: range.end - 1 }) });
      for await (const chunk of content) yield chunk as Uint8Array;
    },
    close: () => rm(own, { recursive: true, force: true }),
  };
}

function writeWhole(fd: number, chunk: Uint8Array): void {
  for (let done = 0; done < chunk.byteLength; ) done += writeSync(fd, chunk, done);
}

function machine<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT")
      throw new ProblemError("disk-full", { message: `no room to write "${path}"`, hint: "free some room", cause: error });
    throw new ProblemError("store-unusable", { message: `"${path}" cannot be written: ${code}`, hint: "name another folder with --store", cause: error });
  }
}
