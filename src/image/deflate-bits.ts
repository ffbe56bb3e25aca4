/** Bytes that grow, written bit by bit, the first bit lowest (RFC 1951, 3.1.1). */
export interface BitWriter {
  /** Makes room. Nothing may be written without. */
  reserve(bytes: number): void;
  /** @param count  0–16 */
  bits(value: number, count: number): void;
  /** Fills the last byte with zeros. */
  align(): void;
  /** Whole bytes, after {@link align}. */
  bytes(bytes: Uint8Array): void;
  /** Whole bytes so far. */
  size(): number;
  take(): Uint8Array;
}

export function bitWriter(capacity: number): BitWriter {
  let out = new Uint8Array(capacity);
  let at = 0;
  let held = 0;
  let count = 0;
  return {
    reserve(bytes) {
      if (at + bytes <= out.length) return;
      const larger = new Uint8Array(Math.max(out.length * 2, at + bytes));
      larger.set(out.subarray(0, at));
      out = larger;
    },
    bits(value, more) {
      held |= value << count;
      count += more;
      while (count >= 8) {
        out[at++] = held;
        held >>>= 8;
        count -= 8;
      }
    },
    align() {
      if (count > 0) out[at++] = held;
      held = 0;
      count = 0;
    },
    bytes(bytes) {
      out.set(bytes, at);
      at += bytes.length;
    },
    size: () => at,
    take: () => out.subarray(0, at),
  };
}
