import {
  DISTANCE_BASE,
  DISTANCE_CODES,
  DISTANCE_EXTRA,
  distanceCode,
  END_OF_BLOCK,
  LENGTH_BASE,
  LENGTH_CODE,
  LENGTH_EXTRA,
  LITERAL_CODES,
  MIN_MATCH,
} from "./deflate-alphabet.ts";
import type { BitWriter } from "./deflate-bits.ts";
import { assignCodes, buildTree, type HuffmanTree, huffmanTree } from "./deflate-tree.ts";

/** A length code is this above its place in the tables of lengths. */
const FIRST_LENGTH = END_OF_BLOCK + 1;

/** Codes for the lengths of codes: RFC 1951, 3.2.7. */
const REPEAT = 16;
const ZEROS = 17;
const MANY_ZEROS = 18;
const LENGTH_ORDER = Uint8Array.of(16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15);

/** Literals and matches of a deflate block, gathered until it is written. */
export interface DeflateBlock {
  /** @returns whether the block is full and has to be written */
  literal(byte: number): boolean;
  /** @returns as {@link literal} */
  match(length: number, distance: number): boolean;
  isEmpty(): boolean;
  /**
   * Writes the block in the form that is smallest, and begins the next.
   * @param content  what the block stands for; undefined when it is no longer at hand
   */
  write(out: BitWriter, content: Uint8Array | undefined, final: boolean): void;
}

/** @param capacity  literals and matches that make it full */
export function deflateBlock(capacity: number): DeflateBlock {
  /** 0: a literal. */
  const distances = new Uint16Array(capacity);
  /** The byte, or the length less {@link MIN_MATCH}. */
  const values = new Uint8Array(capacity);
  const literalTree = huffmanTree(LITERAL_CODES, 15);
  const distanceTree = huffmanTree(DISTANCE_CODES, 15);
  let count = 0;

  function writeSymbols(out: BitWriter, literals: Codes, distanceCodes: Codes): void {
    for (let i = 0; i < count; i++) {
      const distance = distances[i] as number;
      const value = values[i] as number;
      if (distance === 0) {
        send(out, literals, value);
        continue;
      }
      const lengthCode = LENGTH_CODE[value] as number;
      send(out, literals, FIRST_LENGTH + lengthCode);
      out.bits(value - (LENGTH_BASE[lengthCode] as number), LENGTH_EXTRA[lengthCode] as number);
      const code = distanceCode(distance - 1);
      send(out, distanceCodes, code);
      out.bits(distance - 1 - (DISTANCE_BASE[code] as number), DISTANCE_EXTRA[code] as number);
    }
    send(out, literals, END_OF_BLOCK);
  }

  return {
    literal(byte) {
      values[count] = byte;
      distances[count++] = 0;
      increment(literalTree.frequency, byte);
      return count === capacity;
    },
    match(length, distance) {
      values[count] = length - MIN_MATCH;
      distances[count++] = distance;
      increment(literalTree.frequency, FIRST_LENGTH + (LENGTH_CODE[length - MIN_MATCH] as number));
      increment(distanceTree.frequency, distanceCode(distance - 1));
      return count === capacity;
    },
    isEmpty: () => count === 0,
    write(out, content, final) {
      literalTree.frequency[END_OF_BLOCK] = 1;
      const header = codeLengths(literalTree, buildTree(literalTree), distanceTree, buildTree(distanceTree));
      const extra = extraBits(literalTree, distanceTree);
      const dynamicBytes = bytesFor(header.bits + extra + bitsOf(literalTree, literalTree) + bitsOf(distanceTree, distanceTree));
      const fixedBytes = bytesFor(extra + bitsOf(literalTree, FIXED_LITERALS) + bitsOf(distanceTree, FIXED_DISTANCES));
      const best = Math.min(dynamicBytes, fixedBytes);
      // Its two lengths take four bytes. Like zlib, we leave out the bits before them, and of equals take the one without trees.
      if (content !== undefined && content.length + 4 <= best) {
        writeStored(out, content, final);
      } else if (fixedBytes === best) {
        out.reserve(best + 8);
        out.bits((1 << 1) | Number(final), 3);
        writeSymbols(out, FIXED_LITERALS, FIXED_DISTANCES);
      } else {
        out.reserve(best + 8);
        out.bits((2 << 1) | Number(final), 3);
        header.write(out);
        writeSymbols(out, literalTree, distanceTree);
      }
      if (final) {
        out.reserve(8);
        out.align();
      }
      literalTree.frequency.fill(0);
      distanceTree.frequency.fill(0);
      count = 0;
    },
  };
}

/** @param content  at most 65,535 bytes */
export function writeStored(out: BitWriter, content: Uint8Array, final: boolean): void {
  out.reserve(content.length + 8);
  out.bits(Number(final), 3);
  out.align();
  out.bits(content.length, 16);
  out.bits(content.length ^ 0xffff, 16);
  out.bytes(content);
}

type Codes = Pick<HuffmanTree, "length" | "code">;

const send = (out: BitWriter, codes: Codes, symbol: number): void => out.bits(codes.code[symbol] as number, codes.length[symbol] as number);

function increment(counts: Uint16Array, at: number): void {
  counts[at] = (counts[at] as number) + 1;
}

/** With the three bits before a block, rounded up. */
const bytesFor = (bits: number): number => (bits + 3 + 7) >> 3;

function bitsOf({ frequency, symbols }: HuffmanTree, { length }: Codes): number {
  let bits = 0;
  for (let symbol = 0; symbol < symbols; symbol++) bits += (frequency[symbol] as number) * (length[symbol] as number);
  return bits;
}

function extraBits(literals: HuffmanTree, distances: HuffmanTree): number {
  let bits = 0;
  for (let code = 0; code < LENGTH_EXTRA.length; code++) bits += (literals.frequency[FIRST_LENGTH + code] as number) * (LENGTH_EXTRA[code] as number);
  for (let code = 0; code < DISTANCE_CODES; code++) bits += (distances.frequency[code] as number) * (DISTANCE_EXTRA[code] as number);
  return bits;
}

/** The two codes as a dynamic block tells them, and how many bits that takes. */
function codeLengths(
  literals: HuffmanTree,
  lastLiteral: number,
  distances: HuffmanTree,
  lastDistance: number,
): { readonly bits: number; write(out: BitWriter): void } {
  const tree = huffmanTree(LENGTH_ORDER.length, 7);
  // Each is run-length coded by itself; a run does not go on from one to the other.
  const runs = [...runsOf(literals.length, lastLiteral), ...runsOf(distances.length, lastDistance)];
  for (const { symbol } of runs) increment(tree.frequency, symbol);
  buildTree(tree);
  let sent = LENGTH_ORDER.length;
  while (sent > 4 && tree.length[LENGTH_ORDER[sent - 1] as number] === 0) sent--;
  const bits = 5 + 5 + 4 + 3 * sent + bitsOf(tree, tree) + runs.reduce((sum, { extra }) => sum + extra, 0);
  return {
    bits,
    write(out) {
      out.bits(lastLiteral + 1 - FIRST_LENGTH, 5);
      out.bits(lastDistance, 5);
      out.bits(sent - 4, 4);
      for (let i = 0; i < sent; i++) out.bits(tree.length[LENGTH_ORDER[i] as number] as number, 3);
      for (const { symbol, value, extra } of runs) {
        send(out, tree, symbol);
        out.bits(value, extra);
      }
    },
  };
}

interface Run {
  readonly symbol: number;
  readonly value: number;
  readonly extra: number;
}

function* runsOf(lengths: Uint8Array, last: number): Generator<Run> {
  let previous = -1;
  for (let at = 0; at <= last; ) {
    const length = lengths[at] as number;
    const most = length === 0 ? 138 : length === previous ? 6 : 7;
    let count = 1;
    while (count < most && at + count <= last && lengths[at + count] === length) count++;
    at += count;
    // A length that is not the one before is sent once before it is repeated.
    const first = length !== 0 && length !== previous ? 1 : 0;
    if (count - first < 3) for (let n = 0; n < count; n++) yield { symbol: length, value: 0, extra: 0 };
    else if (length === 0) yield count <= 10 ? { symbol: ZEROS, value: count - 3, extra: 3 } : { symbol: MANY_ZEROS, value: count - 11, extra: 7 };
    else {
      if (first === 1) yield { symbol: length, value: 0, extra: 0 };
      yield { symbol: REPEAT, value: count - first - 3, extra: 2 };
    }
    previous = length;
  }
}

/** RFC 1951, 3.2.6. */
const FIXED_LITERALS = codesOf(Uint8Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)));
const FIXED_DISTANCES = codesOf(new Uint8Array(DISTANCE_CODES).fill(5));

function codesOf(length: Uint8Array): Codes {
  const code = new Uint16Array(length.length);
  const counts = new Uint16Array(16);
  for (const bits of length) increment(counts, bits);
  assignCodes(length, code, length.length - 1, counts);
  return { length, code };
}
