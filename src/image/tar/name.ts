import { isUtf8 } from "node:buffer";

// A file's name is bytes. Bytes that are not UTF-8 become lone surrogates U+DC80–U+DCFF (as Python's "surrogateescape"), so that a
// name survives the way through our strings and two different names never become one.

/** A name's bytes as a string; {@link encodeName} gives the same bytes back. */
export function decodeName(bytes: Uint8Array): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(view)) return view.toString("utf8");
  let text = "";
  for (let at = 0; at < view.length; ) {
    const length = sequenceLength(view, at);
    text += length === 0 ? String.fromCharCode(0xdc00 + (view[at] as number)) : view.toString("utf8", at, at + length);
    at += length || 1;
  }
  return text;
}

/** The bytes of a name that {@link decodeName} or the program itself made. */
export function encodeName(text: string): Buffer {
  if (!/\p{Surrogate}/u.test(text)) return Buffer.from(text, "utf8");
  const parts: Buffer[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - 0xdc00) : Buffer.from(char, "utf8"));
  }
  return Buffer.concat(parts);
}

/** Bytes of the UTF-8 sequence at `at`; 0 when there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}
