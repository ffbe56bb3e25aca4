import { describe, expect, test } from "vitest";
import type { FileEdit } from "../../findings/finding.ts";
import { applyFix } from "../../fix/apply.ts";
import { removeListItem, replaceListItem } from "./list-items.ts";

const around = (
  list: string,
): { readonly file: { readonly name: string; readonly text: string }; readonly span: { readonly start: number; readonly end: number } } => ({
  file: { name: "a", text: `x: linux/arm64\n${list}\ny: linux/arm64\n` },
  span: { start: 15, end: 15 + list.length },
});

/** The list as an edit leaves it. */
function after(list: string, edit: FileEdit | undefined): string | undefined {
  if (edit === undefined) return undefined;
  const made = applyFix({ with: undefined, safety: "safe", edits: [edit] }, () => around(list).file.text);
  if (!("texts" in made)) throw new Error(made.refused);
  return made.texts.get("a")?.slice("x: linux/arm64\n".length, -"\ny: linux/arm64\n".length);
}

describe("another text for an item", () => {
  const cases: readonly (readonly [name: string, list: string, item: string, result: string | undefined])[] = [
    ["by commas", "linux/amd64,linux/armv7", "linux/armv7", "linux/amd64,NEW"],
    ["within another item", "linux/armv7l,linux/amd64", "linux/armv7", undefined],
    ["the last of two", "a, b, a", "a", "a, b, NEW"],
    ["in quotes", '"linux/amd64, x86"', "x86", '"linux/amd64, NEW"'],
    ["over the lines of a folded block", ">-\n  linux/amd64\n  linux/arm64", "linux/amd64 linux/arm64", ">-\n  NEW"],
    ["signs of patterns", "a.c,abc", "a.c", "NEW,abc"],
    ["not there", "linux/amd64", "linux/s390x", undefined],
  ];
  test.each(cases)("%s", (_name, list, item, result) => expect(after(list, replaceListItem(around(list), item, "NEW"))).toBe(result));
});

describe("without an item", () => {
  const cases: readonly (readonly [name: string, list: string, item: string, result: string | undefined])[] = [
    ["the last", "a, b", "b", "a"],
    ["the first", "a, b", "a", "b"],
    ["in the middle", "a,b,c", "b", "a,c"],
    ["a line", "|\n  a\n  b\n  c", "b", "|\n  a\n  c"],
    ["the last line", "|\n  a\n  b", "b", "|\n  a"],
    ["in quotes", '"a,b"', "b", '"a"'],
    ["quoted by itself", '["a", "b"]', "b", undefined],
    ["the only one", "a", "a", undefined],
  ];
  test.each(cases)("%s", (_name, list, item, result) => expect(after(list, removeListItem(around(list), item))).toBe(result));
});
