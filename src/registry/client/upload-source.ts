import { ProblemError } from "../../core/problem.ts";
import type { ByteStream } from "../../image/blob-store.ts";
import type { OutgoingBody } from "./transport.ts";

/** A blob as it is sent: whole, or in parts. Reading on where the last part ended costs nothing; elsewhere the beginning is read again. */
export interface UploadSource {
  readonly size: number;
  /** The bytes from `start` up to and without `end`. `onBytes` is told where in the blob the reading stands. */
  part(start: number, end: number, onBytes: (at: number) => void): OutgoingBody;
  /** What went wrong in reading, if anything: never the registry's fault, never to be tried again. */
  readonly failure: unknown;
  /** Releases what is open. */
  close(): void;
}

interface Reading {
  readonly bytes: AsyncIterator<Uint8Array>;
  at: number;
  left: Uint8Array;
  busy: boolean;
}

export function uploadSource(what: string, size: number, open: () => ByteStream): UploadSource {
  let reading: Reading | undefined;
  let failure: unknown;

  const close = (): void => {
    const before = reading;
    reading = undefined;
    // Not waited for: a source that hangs must not hang its own end. Its errors come too late to matter.
    before?.bytes.return?.().then(undefined, () => undefined);
  };
  const wrongSize = (got: string): ProblemError =>
    new ProblemError("size-mismatch", { message: `${what} has ${got} bytes, its descriptor says ${size}`, facts: { wanted: size } });

  const readingAt = (start: number): Reading => {
    // One that was left in the middle may still be waiting for its bytes: never read on there.
    if (reading === undefined || reading.busy || reading.at !== start) {
      close();
      reading = { bytes: open()[Symbol.asyncIterator](), at: 0, left: new Uint8Array(), busy: true };
    }
    reading.busy = true;
    return reading;
  };

  async function* read(start: number, end: number, onBytes: (at: number) => void): ByteStream {
    const mine = readingAt(start);
    // The last part looks beyond the end: a source that is too long must not pass.
    while (mine.at < end || end === size) {
      if (mine.left.byteLength === 0) {
        const next = await mine.bytes.next();
        if (next.done === true) {
          if (mine.at !== size) throw wrongSize(`only ${mine.at}`);
          break;
        }
        mine.left = next.value;
        if (mine.at + mine.left.byteLength > size) throw wrongSize("more");
        continue;
      }
      const piece = mine.left.subarray(0, (mine.at < start ? start : end) - mine.at);
      const wanted = mine.at >= start;
      mine.left = mine.left.subarray(piece.byteLength);
      mine.at += piece.byteLength;
      if (!wanted) continue;
      yield piece;
      onBytes(mine.at);
    }
    mine.busy = false;
  }

  return {
    size,
    get failure() {
      return failure;
    },
    close,
    part: (start, end, onBytes) => ({
      length: end - start,
      async *open() {
        try {
          yield* read(start, end, onBytes);
        } catch (error) {
          failure ??= error;
          throw error;
        }
      },
    }),
  };
}
