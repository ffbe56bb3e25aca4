/** Bytes of a program's output that are kept: its end. */
export const SMOKE_OUTPUT_BYTES = 16 * 1024;

/** The end of what a program printed. */
export interface OutputEnd {
  /** The next bytes, which are the receiver's to keep. */
  add(bytes: Uint8Array): void;
  /** As UTF-8; a character that was cut at the beginning is left out. */
  text(): string;
}

/** Keeps no more than about `limit` bytes at a time, however much is printed. */
export function outputEnd(limit = SMOKE_OUTPUT_BYTES): OutputEnd {
  let kept: Uint8Array = new Uint8Array(0);
  let cut = false;
  return {
    add(bytes) {
      cut ||= kept.byteLength + bytes.byteLength > limit;
      const tail = bytes.byteLength > limit ? bytes.subarray(-limit) : bytes;
      const before = Math.min(kept.byteLength, limit - tail.byteLength);
      kept = Buffer.concat([before === 0 ? new Uint8Array(0) : kept.subarray(-before), tail]);
    },
    text() {
      let start = 0;
      // Bytes that go on with a character: at most three, or it is no UTF-8.
      while (cut && start < 3 && ((kept[start] ?? 0) & 0xc0) === 0x80) start++;
      return new TextDecoder().decode(kept.subarray(start));
    },
  };
}
