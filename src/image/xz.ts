import { createHash } from "node:crypto";
import * as zlib from "node:zlib";
import { ProblemError } from "../core/problem.ts";
import type { ByteStream } from "./blob-store.ts";
import { Lzma2Decoder } from "./lzma2.ts";

// The container: doc/xz-file-format.txt 1.2.1, read 2026-11-22. Of the filters only LZMA2, which is all that `xz` uses unless told otherwise.

const HEADER_MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]);
const FOOTER_MAGIC = Buffer.from("YZ");
const LZMA2 = 0x21;
/** `xz -9` has a dictionary of 64 MiB. */
const MOST_DICTIONARY_BYTES = 128 * 1024 * 1024;
/** Records of an index: one for each block, and a block is seldom less than a megabyte. */
const MOST_BLOCKS = 1_000_000;
const CHECK_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 4, 4: 8, 10: 32 };

/**
 * Unpacks xz, a chunk of at most two megabytes at a time; memory is the dictionary's size.
 * @throws {ProblemError} `layer-invalid` when it is damaged, cut short or followed by something else | `layer-unsupported` for other filters or checks |
 *   `limit-exceeded` for a dictionary that is too large | what `source` throws
 */
export async function* unxz(source: ByteStream): AsyncGenerator<Uint8Array> {
  const bytes = new Bytes(source);
  do {
    yield* readStream(bytes);
    while ((await bytes.peek()) === 0) if ((await bytes.take(4)).some((byte) => byte !== 0)) throw damaged("what follows the end is no padding");
  } while ((await bytes.peek()) !== undefined);
}

const damaged = (why: string): ProblemError => new ProblemError("layer-invalid", { message: `the xz content is damaged or cut short (${why})` });
const unsupported = (what: string): ProblemError =>
  new ProblemError("layer-unsupported", {
    message: `the xz content uses ${what}, which cannot be read here`,
    hint: "pack it anew with plain xz, or with gzip",
  });

async function* readStream(bytes: Bytes): AsyncGenerator<Uint8Array> {
  const header = await bytes.take(12);
  if (!header.subarray(0, 6).equals(HEADER_MAGIC)) throw damaged("no xz stream begins where one should");
  const flags = header.subarray(6, 8);
  if (zlib.crc32(flags) !== header.readUInt32LE(8)) throw damaged("the header has another checksum than it says");
  const check = flags[1] as number;
  const checkBytes = CHECK_BYTES[check];
  if (flags[0] !== 0 || checkBytes === undefined) throw unsupported(`the check ${check}`);
  const blocks: { readonly unpadded: number; readonly size: number }[] = [];
  while ((await bytes.peek()) !== 0) {
    if (blocks.length >= MOST_BLOCKS) throw new ProblemError("limit-exceeded", { message: `the xz content has more than ${MOST_BLOCKS} blocks` });
    blocks.push(yield* readBlock(bytes, check, checkBytes));
  }
  const indexBytes = await readIndex(bytes, blocks);
  const footer = await bytes.take(12);
  const sound = footer.readUInt32LE(0) === zlib.crc32(footer.subarray(4, 10)) && (footer.readUInt32LE(4) + 1) * 4 === indexBytes;
  if (!sound || !footer.subarray(8, 10).equals(flags) || !footer.subarray(10).equals(FOOTER_MAGIC)) throw damaged("the footer does not fit the rest");
}

async function* readBlock(bytes: Bytes, check: number, checkBytes: number): AsyncGenerator<Uint8Array, { readonly unpadded: number; readonly size: number }> {
  const began = bytes.taken;
  const header = await bytes.take((((await bytes.peek()) ?? 0) + 1) * 4);
  const { dictionary, packedSize, size } = parseBlockHeader(header);
  const dataBegan = bytes.taken;
  const decoder = new Lzma2Decoder(dictionary);
  const summer = checker(check);
  let made = 0;
  for (;;) {
    const [control = 0] = await bytes.take(1);
    if (control === 0) break;
    if (control > 2 && control < 0x80) throw damaged(`a chunk of the unknown kind ${control}`);
    const sizes = await bytes.take(control < 0x80 ? 2 : 4);
    let chunk: Uint8Array;
    if (control < 0x80) {
      chunk = Buffer.from(await bytes.take(sizes.readUInt16BE(0) + 1));
      decoder.plain(chunk, control === 1);
    } else {
      const [property = 0] = control >= 0xc0 ? await bytes.take(1) : [];
      chunk = decoder.packed(control, property, await bytes.take(sizes.readUInt16BE(2) + 1), ((control & 0x1f) << 16) + sizes.readUInt16BE(0) + 1);
    }
    made += chunk.byteLength;
    summer.update(chunk);
    yield chunk;
  }
  const packed = bytes.taken - dataBegan;
  if ((packedSize !== undefined && packedSize !== packed) || (size !== undefined && size !== made)) throw damaged("a block has another size than it says");
  const padding = (4 - (packed % 4)) % 4;
  if ((await bytes.take(padding)).some((byte) => byte !== 0)) throw damaged("the padding of a block is not empty");
  if (!(await bytes.take(checkBytes)).equals(summer.digest())) throw damaged("a block has another checksum than it says");
  return { unpadded: bytes.taken - began - padding, size: made };
}

function parseBlockHeader(header: Buffer): { readonly dictionary: number; readonly packedSize: number | undefined; readonly size: number | undefined } {
  const fields = header.subarray(0, -4);
  if (zlib.crc32(fields) !== header.readUInt32LE(fields.length)) throw damaged("a block's header has another checksum than it says");
  const flags = fields[1] as number;
  const at = { offset: 2 };
  const packedSize = (flags & 0x40) === 0 ? undefined : readNumber(fields, at);
  const size = (flags & 0x80) === 0 ? undefined : readNumber(fields, at);
  if ((flags & 0x3c) !== 0 || (flags & 3) !== 0) throw unsupported("several filters");
  const filter = readNumber(fields, at);
  const properties = readNumber(fields, at);
  if (filter !== LZMA2 || properties !== 1) throw unsupported(`the filter ${filter}`);
  const bits = fields[at.offset] ?? 0xff;
  if (bits > 40) throw damaged("a dictionary has no size");
  const dictionary = bits === 40 ? 0xffff_ffff : (2 | (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11);
  if (dictionary > MOST_DICTIONARY_BYTES) {
    throw new ProblemError("limit-exceeded", {
      message: `the xz content wants a dictionary of ${dictionary} bytes, at most ${MOST_DICTIONARY_BYTES} are accepted`,
    });
  }
  return { dictionary, packedSize, size };
}

/** @returns its bytes, with padding and checksum */
async function readIndex(bytes: Bytes, blocks: readonly { readonly unpadded: number; readonly size: number }[]): Promise<number> {
  const began = bytes.taken;
  let sum = 0;
  const take = async (count: number): Promise<Buffer> => {
    const taken = await bytes.take(count);
    sum = zlib.crc32(taken, sum);
    return taken;
  };
  const number = async (): Promise<number> => {
    const parts: number[] = [];
    do parts.push((await take(1))[0] as number);
    while ((parts.at(-1) as number) >= 0x80 && parts.length < 9);
    return readNumber(Buffer.from(parts), { offset: 0 });
  };
  await take(1);
  if ((await number()) !== blocks.length) throw damaged("the index has another number of blocks");
  for (const { unpadded, size } of blocks) {
    if ((await number()) !== unpadded || (await number()) !== size) throw damaged("the index has another size of a block");
  }
  if ((await take((4 - ((bytes.taken - began) % 4)) % 4)).some((byte) => byte !== 0)) throw damaged("the padding of the index is not empty");
  if ((await bytes.take(4)).readUInt32LE(0) !== sum) throw damaged("the index has another checksum than it says");
  return bytes.taken - began;
}

/** A number of seven bits a byte, lowest first. */
function readNumber(bytes: Buffer, at: { offset: number }): number {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    const byte = bytes[at.offset++];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return value;
  }
  throw damaged("a number does not end");
}

function checker(check: number): { update(chunk: Uint8Array): void; digest(): Buffer } {
  if (check === 10) return createHash("sha256");
  if (check === 4) return new Crc64();
  let sum = 0;
  return {
    update(chunk) {
      if (check === 1) sum = zlib.crc32(chunk, sum);
    },
    digest() {
      const bytes = Buffer.alloc(check === 1 ? 4 : 0);
      if (check === 1) bytes.writeUInt32LE(sum);
      return bytes;
    },
  };
}

/** CRC-64 of ECMA-182, in two halves because a number of JavaScript's has not 64 bits. */
class Crc64 {
  static readonly #table = crc64Table();
  #low = ~0;
  #high = ~0;

  update(chunk: Uint8Array): void {
    const table = Crc64.#table;
    let [low, high] = [this.#low, this.#high];
    for (const byte of chunk) {
      const at = ((low ^ byte) & 0xff) * 2;
      low = ((low >>> 8) | (high << 24)) ^ (table[at] as number);
      high = (high >>> 8) ^ (table[at + 1] as number);
    }
    [this.#low, this.#high] = [low, high];
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32LE(~this.#low, 0);
    bytes.writeInt32LE(~this.#high, 4);
    return bytes;
  }
}

function crc64Table(): Int32Array {
  const table = new Int32Array(512);
  for (let byte = 0; byte < 256; byte++) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit++) {
      const odd = (low & 1) !== 0;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (odd) {
        low ^= 0xd7870f42;
        high ^= 0xc96c5795;
      }
    }
    table[byte * 2] = low;
    table[byte * 2 + 1] = high;
  }
  return table;
}

/** Takes bytes off a stream in the portions that are asked for. */
class Bytes {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.of();
  taken = 0;

  constructor(source: ByteStream) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  /** The next byte, which stays; undefined at the end. */
  async peek(): Promise<number | undefined> {
    return (await this.#hold(1)) ? this.#held[0] : undefined;
  }

  /** Valid until the next call. */
  async take(count: number): Promise<Buffer> {
    if (!(await this.#hold(count))) throw damaged("it ends too early");
    const bytes = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    this.taken += count;
    return bytes;
  }

  async #hold(count: number): Promise<boolean> {
    while (this.#held.byteLength < count) {
      const { done, value } = await this.#iterator.next();
      if (done === true) return false;
      this.#held = Buffer.concat([this.#held, value]);
    }
    return true;
  }
}
