/** Writes numbers in one byte order. */
export interface Bytes {
  /** Bytes of an address: 4 or 8. */
  readonly size: number;
  readonly u16: (value: number) => Buffer;
  readonly u32: (value: number) => Buffer;
  /** An address, offset or size. */
  readonly word: (value: number) => Buffer;
}

export function bytesOf(order: "little" | "big", size: number): Bytes {
  const written = (length: number, value: bigint): Buffer => {
    const buffer = Buffer.alloc(length);
    for (let i = 0; i < length; i++) buffer[order === "little" ? i : length - 1 - i] = Number((value >> BigInt(8 * i)) & 255n);
    return buffer;
  };
  return {
    size,
    u16: (value) => written(2, BigInt(value)),
    u32: (value) => written(4, BigInt(value)),
    word: (value) => written(size, BigInt(value)),
  };
}

/** The next multiple of `align`. */
export const padded = (at: number, align: number): number => Math.ceil(at / align) * align;
