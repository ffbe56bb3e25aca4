import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

test.each([
  ["0", 0],
  ["-0", 0],
  ["30s", 30e9],
  ["1h2m3.5s", 3_723_500_000_000],
  [".5ms", 500_000],
  ["1.us", 1000],
  ["2\u00b5s", 2000],
  ["2\u03bcs", 2000],
  ["-1m", -60e9],
  ["+1ns", 1],
  ["2562047h", 2562047 * 3600e9],
])("%j is %d ns", (text, expected) => expect(Math.abs((parseDuration(text) as number) - expected)).toBe(0));

test.each(["", "5", "s", ".s", "1 s", "1d", "1s2", "--1s", "2562048h", "1e3s"])("%j is no duration", (text) => expect(parseDuration(text)).toBeUndefined());

test.each([
  [0, "0s"],
  [1, "1ns"],
  [1500, "1.5\u00b5s"],
  [2e6, "2ms"],
  [30e9, "30s"],
  [90e9, "1m30s"],
  [3_600e9, "1h0m0s"],
  [5_400_500_000_000, "1h30m0.5s"],
  [-1e9, "-1s"],
])("%d ns is printed %s", (nanoseconds, expected) => expect(formatDuration(nanoseconds)).toBe(expected));

test("what is printed is read back", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (nanoseconds) => {
      expect((parseDuration(formatDuration(nanoseconds)) as number) - nanoseconds).toBe(0);
    }),
  );
});
