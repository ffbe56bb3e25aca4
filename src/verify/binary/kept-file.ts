/** A file of which only pieces may be kept. */
export interface KeptFile {
  /** Bytes it has. */
  readonly size: number;
  /** Exactly `length` bytes; `beyond` when the file ends before, `dropped` when they are in the file and were not kept. Any numbers may be asked for. */
  take(offset: number, length: number): Buffer | "beyond" | "dropped";
}

export interface KeptPiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** @param pieces  the likeliest first */
export function keptFile(size: number, pieces: readonly KeptPiece[]): KeptFile {
  return {
    size,
    take(offset, length) {
      // Written so that NaN and Infinity are beyond as well.
      if (!(offset >= 0 && length >= 0 && offset + length <= size)) return "beyond";
      for (const piece of pieces) {
        const at = offset - piece.offset;
        if (at >= 0 && at + length <= piece.bytes.length) return Buffer.from(piece.bytes.buffer, piece.bytes.byteOffset + at, length);
      }
      return "dropped";
    },
  };
}
