import { close, closeSync, createReadStream, fsync, openSync, rmSync, write } from "node:fs";
import { promisify } from "node:util";
import { algorithmOf, type Digest, Digester } from "../../../core/digest.ts";
import { ProblemError } from "../../../core/problem.ts";
import type { BlobWriter } from "../../../image/blob-store.ts";
import { storeProblem } from "./problem.ts";
import { writeDraft } from "./write-file.ts";

/** Blobs up to this size, the most of all, are written in one go. */
const FIRST_BUFFER = 64 * 1024;
const BUFFER = 1024 * 1024;
/** Buffers kept for the next writer. */
const MOST_SPARE = 8;
const spare: Buffer[] = [];

const writeSome = promisify(write);
const sync = promisify(fsync);
const closeFile = promisify(close);

export interface WriterOptions {
  /** A file that does not exist yet. */
  readonly draft: string;
  readonly durable: boolean;
  /** Puts the finished draft in its place, and removes it. */
  readonly publish: (digest: Digest, size: number) => Promise<void>;
  /** Called once, when the draft is no more. */
  readonly onEnd: (writer: BlobWriter) => void;
}

/** Writes a draft and its digest: one buffer is filled while the one before it is being written. */
export function blobWriter({ draft, durable, publish, onEnd }: WriterOptions): BlobWriter {
  const digester = new Digester("sha256");
  let buffer: Buffer | undefined = Buffer.allocUnsafeSlow(FIRST_BUFFER);
  let filled = 0;
  let size = 0;
  let fd: number | undefined;
  let writing: Promise<Buffer | undefined> = Promise.resolve(undefined);
  let state: "open" | "ended" = "open";

  async function flush(): Promise<void> {
    const full = buffer as Buffer;
    const bytes = full.subarray(0, filled);
    digester.update(bytes);
    const free = await writing;
    fd ??= openSync(draft, "wx", 0o644);
    writing = writeAll(fd, bytes).then(() => (full.byteLength === BUFFER ? full : undefined));
    // The failure is told by whoever awaits next.
    writing.catch(() => undefined);
    buffer = free ?? spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER);
    filled = 0;
  }

  async function end(): Promise<void> {
    if (state === "ended") return;
    state = "ended";
    const free = await writing.catch(() => undefined);
    for (const b of [buffer, free]) if (b?.byteLength === BUFFER && spare.length < MOST_SPARE) spare.push(b);
    buffer = undefined;
    if (fd !== undefined) closeSync(fd);
    rmSync(draft, { force: true });
    onEnd(writer);
  }

  const endingOnFailure = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      await end();
      throw storeProblem(error, draft);
    }
  };

  const writer: BlobWriter = {
    get size() {
      return size;
    },
    async write(chunk) {
      if (state === "ended") throw new Error("written to after commit or abort");
      for (let at = 0; at < chunk.byteLength; ) {
        const room = (buffer as Buffer).byteLength - filled;
        const part = chunk.subarray(at, at + room);
        (buffer as Buffer).set(part, filled);
        filled += part.byteLength;
        at += part.byteLength;
        if (filled === (buffer as Buffer).byteLength) await endingOnFailure(flush);
      }
      size += chunk.byteLength;
    },
    async commit(expected = {}) {
      if (state === "ended") throw new Error("committed twice, or after abort");
      const done = await endingOnFailure(async () => {
        if (expected.size !== undefined && expected.size !== size) {
          throw new ProblemError("size-mismatch", {
            message: `content has ${size} bytes, wanted ${expected.size}`,
            facts: { got: size, wanted: expected.size },
          });
        }
        const other = expected.digest !== undefined && algorithmOf(expected.digest) !== "sha256" ? new Digester(algorithmOf(expected.digest)) : undefined;
        if (fd === undefined) {
          const bytes = (buffer as Buffer).subarray(0, filled);
          digester.update(bytes);
          other?.update(bytes);
          // Known to be wrong before it is written.
          const digest = (other ?? digester).digest();
          checkDigest(digest, expected.digest);
          writeDraft(draft, bytes, durable);
          await publish(digest, size);
          return { digest, size };
        }
        if (filled > 0) await flush();
        await writing;
        // Nobody said at the start that another digest than sha256 was wanted.
        if (other !== undefined) for await (const chunk of createReadStream(draft, { highWaterMark: BUFFER })) other.update(chunk);
        const digest = (other ?? digester).digest();
        checkDigest(digest, expected.digest);
        if (durable) await sync(fd);
        const written = fd;
        fd = undefined;
        await closeFile(written);
        await publish(digest, size);
        return { digest, size };
      });
      await end();
      return done;
    },
    abort: end,
  };
  return writer;
}

function checkDigest(got: Digest, wanted: Digest | undefined): void {
  if (wanted === undefined || got === wanted) return;
  throw new ProblemError("digest-mismatch", { message: `content has the digest ${got}, wanted ${wanted}`, facts: { got, wanted } });
}

async function writeAll(fd: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) at += (await writeSome(fd, bytes, at, bytes.byteLength - at, null)).bytesWritten;
}
