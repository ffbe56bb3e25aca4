import fc from "fast-check";
import { expect, test } from "vitest";
import { outputEnd } from "./smoke-output.ts";

test.each<readonly [name: string, limit: number, chunks: readonly string[], text: string]>([
  ["nothing", 8, [], ""],
  ["all of little", 8, ["ab", "cd"], "abcd"],
  ["the end of much", 4, ["ab", "cd", "ef"], "cdef"],
  ["the end of one large piece", 4, ["abcdefgh"], "efgh"],
  ["exactly as much", 4, ["abcd", ""], "abcd"],
  ["control characters as they are", 8, ["\u001b[1m\r\0"], "\u001b[1m\r\0"],
  ["a character that is cut is left out", 4, ["aé€x"], "€x"],
  ["of a whole one nothing is", 5, ["a", "é", "€"], "é€"],
])("%s", (_, limit, chunks, text) => {
  const end = outputEnd(limit);
  for (const chunk of chunks) end.add(Buffer.from(chunk));
  expect(end.text()).toBe(text);
});

test("a character that comes in two pieces is one", () => {
  const end = outputEnd();
  const [first, ...rest] = Buffer.from("é");
  end.add(Uint8Array.of(first as number));
  end.add(Uint8Array.from(rest));
  expect(end.text()).toBe("é");
});

test("what is kept is the end of all, however it comes", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.integer({ min: 1, max: 50 }), (chunks, limit) => {
      const end = outputEnd(limit);
      for (const chunk of chunks) end.add(chunk);
      const all = Buffer.concat(chunks);
      const kept = all.subarray(Math.max(0, all.byteLength - limit));
      const starts = [0, 1, 2, 3].map((start) => new TextDecoder().decode(kept.subarray(start)));
      expect(starts).toContain(end.text());
    }),
  );
});
