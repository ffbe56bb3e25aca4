import fc from "fast-check";
import { expect, test } from "vitest";
import { lineReader } from "./line-reader.ts";

function linesOf(chunks: readonly Uint8Array[], limit?: number): string[] {
  const lines: string[] = [];
  const reader = lineReader((line) => lines.push(line), limit);
  for (const chunk of chunks) reader.write(chunk);
  reader.end();
  return lines;
}

test("cuts between bytes do not matter, also within a letter", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom("a", "é", "漢", "😀", " ") }), { minLength: 1 }), fc.integer({ min: 1, max: 7 }), (lines, step) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, i) => bytes.subarray(i * step, (i + 1) * step));
      expect(linesOf(chunks)).toEqual(lines);
    }),
  );
});

test.each<[name: string, text: string, lines: readonly string[]]>([
  ["nothing", "", []],
  ["a last line without an end", "a\nb", ["a", "b"]],
  ["empty lines", "\n\na\n", ["", "", "a"]],
  ["of another system", "a\r\nb\r\n", ["a", "b"]],
  ["too long a line is cut, the next is whole", "abcdefghi\nxy\n", ["abcde", "xy"]],
])("%s", (_name, text, lines) => {
  expect(linesOf([Buffer.from(text)], 5)).toEqual(lines);
  expect(
    linesOf(
      [...Buffer.from(text)].map((byte) => Buffer.of(byte)),
      5,
    ),
  ).toEqual(lines);
});
