/** Reads numbers in a file's byte order and class. Positions lie in the buffer: whoever asks has taken enough of it. */
export interface Numbers {
  readonly u16: (from: Buffer, at: number) => number;
  readonly u32: (from: Buffer, at: number) => number;
  /** An address, offset or size. Above 2^53 it is inexact, and no offset of any file. */
  readonly word: (from: Buffer, at: number) => number;
  /** Bytes of a word. */
  readonly size: 4 | 8;
}

export function numbersOf(order: "little" | "big", bits: 32 | 64): Numbers {
  const little = order === "little";
  const u16 = (from: Buffer, at: number): number => (little ? from.readUInt16LE(at) : from.readUInt16BE(at));
  const u32 = (from: Buffer, at: number): number => (little ? from.readUInt32LE(at) : from.readUInt32BE(at));
  const u64 = (from: Buffer, at: number): number => u32(from, little ? at + 4 : at) * 2 ** 32 + u32(from, little ? at : at + 4);
  return { u16, u32, word: bits === 64 ? u64 : u32, size: bits === 64 ? 8 : 4 };
}
