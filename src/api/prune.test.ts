import { describe, expect, test } from "vitest";
import { parseAge, parseSize } from "./prune.ts";

const usage = expect.objectContaining({ code: "usage" });

describe("an age", () => {
  test.each([
    ["90m", 5_400_000],
    ["24h", 86_400_000],
    ["7d", 604_800_000],
    ["1h30m", 5_400_000],
    ["0.5h", 1_800_000],
    ["2w", 1_209_600_000],
    ["0s", 0],
  ])("%s", (text, ms) => expect(parseAge(text)).toBe(ms));
  test.each(["", "soon", "7", "7 d", "d", "-1h", "1h 30m", "1y", "1h!"])("%j is none", (text) => expect(() => parseAge(text)).toThrow(usage));
});

describe("a size", () => {
  test.each([
    ["500MB", 5e8],
    ["10gb", 1e10],
    ["1GiB", 2 ** 30],
    ["1.5k", 1500],
    ["42", 42],
    ["0", 0],
    ["3 TB", 3e12],
  ])("%s", (text, bytes) => expect(parseSize(text)).toBe(bytes));
  test.each(["", "much", "-1", "1XB", "1e3", "MB", "1,5GB"])("%j is none", (text) => expect(() => parseSize(text)).toThrow(usage));
});
