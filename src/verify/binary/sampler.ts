import type { Binary } from "./binary.ts";
import { elfPlaces } from "./elf.ts";
import { type KeptPiece, keptFile } from "./kept-file.ts";
import { MAGIC_BYTES, mayBeBinary, readBinary } from "./read.ts";

/**
 * Takes a file's bytes as they pass and tells what binary it is. One sampler serves one stream, file after file; its memory is bounded ({@link SAMPLE_LIMITS}) and reused.
 */
export interface BinarySampler {
  /** A file of this many bytes begins. */
  begin(size: number): void;
  /** The next bytes, valid during the call. @returns false once nothing more of this file is wanted */
  write(chunk: Uint8Array): boolean;
  /** The file is over, or cut short. Undefined: it is no binary. Never throws. */
  end(): Binary | undefined;
}

/** Bytes kept of one file: its beginning, and its end where section headers lie. Of a larger ELF file small pieces between them are kept as well: the dynamic section, its interpreter's name, its properties. */
export const SAMPLE_LIMITS = { head: 16 * 1024 * 1024, tail: 1024 * 1024 } as const;

/** A piece of the file that is gathered. */
interface Window {
  offset: number;
  length: number;
  bytes: Buffer;
}

export function binarySampler(limits: { readonly head: number; readonly tail: number } = SAMPLE_LIMITS): BinarySampler {
  const head = windowOf();
  const middles = [windowOf(), windowOf(), windowOf()];
  const tail = windowOf();
  let size = 0;
  let at = 0;
  let isWanted = false;
  let found: Binary | undefined;

  function take(chunk: Uint8Array): void {
    const end = at + chunk.length;
    gather(head, chunk, at);
    if (at < head.length && end >= head.length && head.length < size) planMiddles();
    for (const middle of middles) gather(middle, chunk, at);
    gather(tail, chunk, at);
    at = end;
  }

  function planMiddles(): void {
    const first = head.bytes.subarray(0, head.length);
    const places = elfPlaces(keptFile(size, [{ offset: 0, bytes: first }])).filter(
      ({ offset, length }) => offset + length > head.length && offset < tail.offset,
    );
    for (const [i, { offset, length }] of places.entries()) {
      const middle = middles[i];
      if (middle === undefined) return;
      open(middle, offset, length);
      gather(middle, first, 0);
    }
  }

  return {
    begin(bytes) {
      size = bytes;
      at = 0;
      found = undefined;
      isWanted = size >= MAGIC_BYTES;
      for (const middle of middles) middle.length = 0;
      const isLarge = size > limits.head;
      open(tail, Math.max(0, size - limits.tail), isLarge ? limits.tail : 0);
      // Most files are no binaries: their memory is not asked for before they prove to be one.
      head.offset = 0;
      head.length = 0;
    },
    write(chunk) {
      if (!isWanted || chunk.length === 0) return isWanted;
      if (at === 0 && chunk.length >= MAGIC_BYTES) {
        const isBinary = mayBeBinary(chunk);
        isWanted = isBinary && chunk.length < size;
        // What came whole needs no copy.
        if (isBinary && !isWanted) found = readBinary(keptFile(size, [{ offset: 0, bytes: chunk }]));
        if (!isWanted) return false;
      }
      if (at === 0) open(head, 0, Math.min(size, limits.head));
      const before = at;
      take(chunk.length > size - at ? chunk.subarray(0, size - at) : chunk);
      if (before < MAGIC_BYTES && at >= MAGIC_BYTES && !mayBeBinary(head.bytes)) isWanted = false;
      return isWanted && at < size;
    },
    end() {
      if (!isWanted || at < MAGIC_BYTES) return found;
      isWanted = false;
      const pieces: KeptPiece[] = [head, tail, ...middles]
        .filter(({ length }) => length > 0)
        .map(({ offset, length, bytes }) => ({ offset, bytes: bytes.subarray(0, length) }));
      return readBinary(keptFile(at, pieces));
    },
  };
}

const windowOf = (): Window => ({ offset: 0, length: 0, bytes: Buffer.alloc(0) });

/** Grows by doubling: few files are large, and many are of one size. */
function open(window: Window, offset: number, length: number): void {
  window.offset = offset;
  window.length = length;
  if (window.bytes.length < length) window.bytes = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(length)));
}

function gather(window: Window, chunk: Uint8Array, at: number): void {
  const start = Math.max(window.offset, at);
  const end = Math.min(window.offset + window.length, at + chunk.length);
  if (start < end) window.bytes.set(chunk.subarray(start - at, end - at), start - window.offset);
}
