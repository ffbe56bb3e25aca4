import { ProblemError } from "../core/problem.ts";
import type { ByteStream } from "./blob-store.ts";

// The format as the reference program reads it, and as Go's compress/bzip2 does, which is what BuildKit unpacks with: several streams one after another, no
// randomized blocks, nothing behind the end. Sources: sourceware.org/bzip2 manual, Go compress/bzip2, read 2026-11-22.

const BLOCK_MAGIC = [0x314159, 0x265359] as const;
const END_MAGIC = [0x177245, 0x385090] as const;
/** No block takes more input than this: 900,000 symbols of 20 bits, and its tables. */
const MOST_BLOCK_INPUT = 2_400_000;
const LONGEST_CODE = 20;
const GROUP = 50;
const CHUNK_BYTES = 256 * 1024;

/**
 * Unpacks bzip2, a block at a time: memory is a few megabytes whatever comes.
 * @throws {ProblemError} `layer-invalid` when it is damaged, cut short or followed by something else | what `source` throws
 */
export async function* bunzip2(source: ByteStream): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  const bits = new Bits();
  let ended = false;
  /** Lets the next block be read without waiting: all of it is here, or all that there is. */
  const fill = async (): Promise<void> => {
    const chunks: Uint8Array[] = [];
    for (let have = bits.bytesLeft; !ended && have < MOST_BLOCK_INPUT; ) {
      const { done, value } = await iterator.next();
      if (done === true) ended = true;
      else {
        chunks.push(Uint8Array.from(value));
        have += value.byteLength;
      }
    }
    if (chunks.length > 0) bits.append(chunks);
  };
  await fill();
  do {
    const [b, z, h, level] = [bits.read(8), bits.read(8), bits.read(8), bits.read(8) - 0x30];
    if (b !== 0x42 || z !== 0x5a || h !== 0x68 || level < 1 || level > 9) throw damaged("no bzip2 stream begins where one should");
    const block = new Uint32Array(level * 100_000);
    let streamCheck = 0;
    for (let magic = bits.magic(); !isMagic(magic, END_MAGIC); magic = bits.magic()) {
      if (!isMagic(magic, BLOCK_MAGIC)) throw damaged("no block begins where one should");
      const wanted = bits.word();
      const check = { value: 0xffff_ffff };
      yield* plainBytes(block, readBlock(bits, block), check);
      const got = ~check.value >>> 0;
      if (got !== wanted) throw damaged("a block has another checksum than it says");
      streamCheck = (((streamCheck << 1) | (streamCheck >>> 31)) ^ got) >>> 0;
      await fill();
    }
    if (bits.word() !== streamCheck) throw damaged("the stream has another checksum than it says");
    bits.alignToByte();
    await fill();
  } while (bits.bytesLeft > 0);
}

const isMagic = (got: readonly [number, number], wanted: readonly [number, number]): boolean => got[0] === wanted[0] && got[1] === wanted[1];

const damaged = (why: string): ProblemError => new ProblemError("layer-invalid", { message: `the bzip2 content is damaged or cut short (${why})` });

/** Most significant bit first. */
class Bits {
  #bytes: Uint8Array = Buffer.of();
  #at = 0;
  #held = 0;
  #count = 0;

  get bytesLeft(): number {
    return this.#bytes.byteLength - this.#at;
  }

  append(chunks: readonly Uint8Array[]): void {
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), ...chunks]);
    this.#at = 0;
  }

  /** @param count  1 to 24 */
  read(count: number): number {
    while (this.#count < count) {
      if (this.#at >= this.#bytes.byteLength) throw damaged("it ends too early");
      this.#held = ((this.#held & ((1 << this.#count) - 1)) << 8) | (this.#bytes[this.#at++] as number);
      this.#count += 8;
    }
    this.#count -= count;
    return (this.#held >>> this.#count) & ((1 << count) - 1);
  }

  magic(): readonly [number, number] {
    return [this.read(24), this.read(24)];
  }

  /** 32 bits. */
  word(): number {
    return (this.read(16) * 0x10000 + this.read(16)) >>> 0;
  }

  alignToByte(): void {
    this.#count -= this.#count % 8;
  }
}

/** A canonical code: for each length the largest code, and where its symbols are. */
interface Code {
  readonly limit: Int32Array;
  readonly offset: Int32Array;
  readonly symbols: Uint16Array;
  readonly shortest: number;
}

/** @returns how many bytes it holds and where they begin; `block` is left as the chain through them: byte in the low 8 bits, what comes next above */
function readBlock(bits: Bits, block: Uint32Array): { readonly length: number; readonly start: number } {
  if (bits.read(1) === 1) throw damaged("it has a randomized block, which nothing has written since 1998");
  const origin = bits.read(24);
  const used = usedBytes(bits);
  const codes = readCodes(bits, used.length + 2);
  const counts = new Int32Array(256);
  const length = readSymbols(bits, codes, used, block, counts);
  if (origin >= length) throw damaged("a block begins outside itself");
  // The inverse of the Burrows-Wheeler transform: each byte leads to the one behind it.
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = counts[byte] as number;
    counts[byte] = sum;
    sum += count;
  }
  for (let i = 0; i < length; i++) {
    const byte = (block[i] as number) & 0xff;
    const place = counts[byte] as number;
    counts[byte] = place + 1;
    block[place] = ((block[place] as number) | (i << 8)) >>> 0;
  }
  return { length, start: (block[origin] as number) >>> 8 };
}

function usedBytes(bits: Bits): number[] {
  const ranges = bits.read(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const inRange = bits.read(16);
    for (let i = 0; i < 16; i++) if ((inRange & (0x8000 >> i)) !== 0) used.push(range * 16 + i);
  }
  if (used.length === 0) throw damaged("a block uses no bytes");
  return used;
}

/** The codes of a block, one for each group of 50 symbols. */
function readCodes(bits: Bits, symbols: number): readonly Code[] {
  const count = bits.read(3);
  if (count < 2 || count > 6) throw damaged(`a block has ${count} codes`);
  const groups = bits.read(15);
  const recent = Array.from({ length: count }, (_, i) => i);
  const selectors: number[] = [];
  for (let i = 0; i < groups; i++) {
    let back = 0;
    while (bits.read(1) === 1) if (++back >= count) throw damaged("a block names a code that it has not");
    const [code] = recent.splice(back, 1);
    recent.unshift(code as number);
    selectors.push(code as number);
  }
  const codes = Array.from({ length: count }, () => readCode(bits, symbols));
  return selectors.map((selector) => codes[selector] as Code);
}

function readCode(bits: Bits, symbols: number): Code {
  const lengths = new Uint8Array(symbols);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbols; symbol++) {
    for (;;) {
      if (length < 1 || length > LONGEST_CODE) throw damaged(`a code has a word of ${length} bits`);
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  const limit = new Int32Array(LONGEST_CODE + 1).fill(-1);
  const offset = new Int32Array(LONGEST_CODE + 1);
  const order = new Uint16Array(symbols);
  let code = 0;
  let filled = 0;
  let shortest = 0;
  for (let bitsLong = 1; bitsLong <= LONGEST_CODE; bitsLong++) {
    offset[bitsLong] = filled - code;
    for (let symbol = 0; symbol < symbols; symbol++) {
      if (lengths[symbol] !== bitsLong) continue;
      shortest ||= bitsLong;
      order[filled++] = symbol;
      code++;
    }
    limit[bitsLong] = code - 1;
    if (code > 1 << bitsLong) throw damaged("a code has more words than there are");
    code <<= 1;
  }
  return { limit, offset, symbols: order, shortest };
}

/** Undoes the Huffman codes, the runs of the commonest byte and move-to-front. @returns how many bytes the block holds */
function readSymbols(bits: Bits, codes: readonly Code[], used: readonly number[], block: Uint32Array, counts: Int32Array): number {
  const recent = Uint8Array.from(used);
  const end = used.length + 1;
  let length = 0;
  let run = 0;
  let weight = 1;
  const put = (byte: number, times: number): void => {
    if (length + times > block.length) throw damaged("a block is longer than the stream allows");
    block.fill(byte, length, length + times);
    counts[byte] = (counts[byte] as number) + times;
    length += times;
  };
  for (const code of codes) {
    for (let i = 0; i < GROUP; i++) {
      let bitsLong = code.shortest;
      let word = bits.read(bitsLong);
      while (word > (code.limit[bitsLong] as number)) {
        if (++bitsLong > LONGEST_CODE) throw damaged("a word is in no code");
        word = (word << 1) | bits.read(1);
      }
      const symbol = code.symbols[word + (code.offset[bitsLong] as number)] as number;
      if (symbol < 2) {
        run += weight << symbol;
        weight <<= 1;
        if (run > block.length) throw damaged("a run is longer than the stream allows");
        continue;
      }
      if (run > 0) put(recent[0] as number, run);
      run = 0;
      weight = 1;
      if (symbol === end) return length;
      const byte = recent[symbol - 1] as number;
      recent.copyWithin(1, 0, symbol - 1);
      recent[0] = byte;
      put(byte, 1);
    }
  }
  throw damaged("a block does not end");
}

/** Follows the chain and undoes the outermost runs: four equal bytes are followed by how many more there are. */
function* plainBytes(
  block: Uint32Array,
  { length, start }: { readonly length: number; readonly start: number },
  check: { value: number },
): Generator<Uint8Array> {
  let out = Buffer.allocUnsafe(CHUNK_BYTES);
  let size = 0;
  let crc = check.value;
  let last = -1;
  let equal = 0;
  let at = start;
  for (let i = 0; i < length; i++) {
    const link = block[at] as number;
    const byte = link & 0xff;
    at = link >>> 8;
    let times = 1;
    let value = byte;
    if (equal === 4) {
      times = byte;
      value = last;
      equal = 0;
      last = -1;
    } else {
      equal = byte === last ? equal + 1 : 1;
      last = byte;
    }
    if (size + times > CHUNK_BYTES) {
      yield out.subarray(0, size);
      out = Buffer.allocUnsafe(CHUNK_BYTES);
      size = 0;
    }
    for (let n = 0; n < times; n++) {
      out[size++] = value;
      crc = (crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ value] as number);
    }
  }
  check.value = crc;
  if (size > 0) yield out.subarray(0, size);
}

/** CRC-32 with the most significant bit first. */
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc;
});
