import { expect, test } from "vitest";
import { yamlValue } from "./yaml-value.ts";

const CASES: readonly [name: string, text: string, wanted: unknown][] = [
  ["scalars are texts", "a: 1.20\nb: true\nc:\n", { a: "1.20", b: "true", c: "" }],
  ["lists and maps", "- a: [x, y]\n", [{ a: ["x", "y"] }]],
  ["anchors", "a: &x [1]\nb: *x\n", { a: ["1"], b: ["1"] }],
  ["merged maps, the own entries first", "a: &x {p: 1, q: 1}\nb: {<<: *x, q: 2}\n", { a: { p: "1", q: "1" }, b: { p: "1", q: "2" } }],
  ["what is no YAML", "a: [", undefined],
  ["nothing", "", undefined],
];

test.each(CASES)("%s", (_, text, wanted) => {
  expect(yamlValue("x", text)).toEqual(wanted);
});

test("aliases that make much of little are given up", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 9; i++) lines.push(`a${i}: &a${i} [${Array.from({ length: 9 }, () => `*a${i - 1}`).join(", ")}]`);
  expect(yamlValue("x", lines.join("\n"))).toBeUndefined();
});
