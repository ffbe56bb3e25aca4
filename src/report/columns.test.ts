import { describe, expect, test } from "vitest";
import { columnsOf, cut, padTo } from "./columns.ts";

test.each([
  ["abc", 3],
  ["", 0],
  ["日本", 4],
  ["é", 1],
  ["e\u0301", 1],
  ["🚀x", 3],
  ["한글", 4],
  ["ｆ", 2],
])("%j takes %i columns", (text, columns) => expect(columnsOf(text)).toBe(columns));

describe("a line is cut", () => {
  test.each([
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["日本語", 6, "日本語"],
    ["日本語", 5, "日本…"],
    ["日本語", 4, "日…"],
    ["a\tb\u001b[2J", 20, "a b [2J"],
    ["abc", 1, "…"],
    ["abc", 0, ""],
  ])("%j to %i", (text, columns, wanted) => {
    expect(cut(text, columns)).toBe(wanted);
    expect(columnsOf(cut(text, columns))).toBeLessThanOrEqual(columns);
  });
});

test("and padded", () => expect(padTo("日x", 5)).toBe("日x  "));
