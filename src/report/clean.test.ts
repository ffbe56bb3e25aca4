import { describe, expect, test } from "vitest";
import { clean, cleanLines } from "./clean.ts";

describe("text of others", () => {
  test.each([
    ["escape codes", "\u001b[31mred\u009b0m\u0007", "\\x1b[31mred\\x9b0m\\x07"],
    ["what turns words round", "a\u202egnp.exe\u202c \u2066b\u2069", "a\\u202egnp.exe\\u202c \\u2066b\\u2069"],
    ["lines that only some see", "a\u2028b\u2029c", "a\\u2028b\\u2029c"],
    ["letters of any script", "größe שלום 日本 🐳", "größe שלום 日本 🐳"],
  ])("%s", (_, text, shown) => {
    expect([clean(text), cleanLines(text)]).toEqual([shown, shown]);
  });

  test("lines of its own stay where it may have them", () => {
    expect([clean("a\nb\tc\r"), cleanLines("a\nb\tc\r")]).toEqual(["a\\x0ab\\x09c\\x0d", "a\nb\tc\\x0d"]);
  });
});
