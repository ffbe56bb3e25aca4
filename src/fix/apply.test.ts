import { describe, expect, test } from "vitest";
import type { FileEdit, Replacement } from "../findings/finding.ts";
import { applyFix } from "./apply.ts";
import { strayChange } from "./stray-change.ts";

const apply = (text: string, ...edits: FileEdit[]) => applyFix({ with: undefined, safety: "safe", edits }, (path) => (path === "a" ? text : undefined));
const textEdit = (text: string, ...replacements: Replacement[]): FileEdit => ({ kind: "text", file: { name: "a", text }, replacements });

describe("edits", () => {
  test("of texts may come in any order", () => {
    expect(apply("abc", textEdit("abc", { start: 2, end: 3, text: "C" }, { start: 0, end: 1, text: "A" }))).toEqual({ texts: new Map([["a", "AbC"]]) });
  });
  test("of one file: texts first, whose offsets are those of the file as it was", () => {
    const text = "x:\n  - a: 1\n  - b: 2\n";
    const yaml: FileEdit = { kind: "yaml", file: { name: "a", text }, patches: [{ op: "set", at: ["x", 1, "b"], value: 3 }] };
    expect(apply(text, yaml, textEdit(text, { start: 7, end: 8, text: "first" }))).toEqual({ texts: new Map([["a", "x:\n  - first: 1\n  - b: 3\n"]]) });
  });
  const refused: readonly (readonly [name: string, edits: readonly FileEdit[], reason: string])[] = [
    ["overlapping", [textEdit("abc", { start: 0, end: 2, text: "" }, { start: 1, end: 3, text: "" })], "its edits overlap"],
    ["beyond the end", [textEdit("abc", { start: 2, end: 9, text: "" })], "its edits overlap"],
    ["of another text", [textEdit("abd", { start: 0, end: 1, text: "x" })], '"a" is not what it was any more'],
    ["of a file that is not there", [{ kind: "yaml", file: { name: "b", text: "" }, patches: [] }], '"b" cannot be edited: it is not there, or not in UTF-8'],
    ["of nothing", [textEdit("abc", { start: 0, end: 1, text: "a" })], "it changes nothing"],
    ["of what is not there", [{ kind: "yaml", file: { name: "a", text: "abc" }, patches: [{ op: "remove", at: ["x"] }] }], "there is no x"],
  ];
  test.each(refused)("%s are refused", (_, edits, reason) => expect(apply("abc", ...edits)).toEqual({ refused: reason }));
});

describe("a line that a patch is not about", () => {
  const text = "# top\na: 1\nb:\n  - x: 1\n  # own\n  - y: 2\n\nc: 3\n";
  const file = { name: "f", text };
  const insert = { op: "insert", at: ["b"], index: 1, value: {} } as const;
  const cases: readonly (readonly [name: string, after: string, patch: Parameters<typeof strayChange>[2], stray: boolean])[] = [
    ["an item put in", text.replace("  # own", "  - z: 0\n  # own"), insert, false],
    ["and a line above", text.replace("  # own", "  - z: 0\n  # own").replace("a: 1", "a: 2"), insert, true],
    ["and a line below", text.replace("  # own", "  - z: 0\n  # own").replace("c: 3", "c: 4"), insert, true],
    ["a value set", text.replace("c: 3", "c: 4"), { op: "set", at: ["c"], value: 4 }, false],
    ["and another", text.replace("c: 3", "c: 4").replace("x: 1", "x: 2"), { op: "set", at: ["c"], value: 4 }, true],
    ["items moved", text.replace("  - x: 1\n  # own\n  - y: 2\n", "  # own\n  - y: 2\n  - x: 1\n"), { op: "move", at: ["b", 0], to: 1 }, false],
    ["a key of the top taken away", text.replace("a: 1\n", ""), { op: "remove", at: ["a"] }, false],
  ];
  test.each(cases)("%s", (_, after, patch, stray) => expect(strayChange(file, after, patch) !== undefined).toBe(stray));
});
