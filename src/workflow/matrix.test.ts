// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are GitHub's.
import { describe, expect, test } from "vitest";
import { type Contexts, OPEN, UNKNOWN } from "./expression/data.ts";
import { expandMatrix } from "./matrix.ts";
import { readWorkflow } from "./read-workflow.ts";

function expand(matrix: string, contexts: Contexts = {}) {
  const indented = matrix.trim().replaceAll("\n", "\n        ");
  const { workflow } = readWorkflow({
    name: "w.yml",
    text: `on: push\njobs:\n  a:\n    runs-on: x\n    strategy:\n      matrix:\n        ${indented}\n    steps: [{ run: x }]\n`,
  });
  return expandMatrix(workflow?.jobs[0]?.strategy?.matrix, contexts);
}

const whole: Record<string, { matrix: string; rows: unknown[] }> = {
  "the first vector turns slowest": {
    matrix: "os: [a, b]\nn: [1, 2]",
    rows: [
      { os: "a", n: 1 },
      { os: "a", n: 2 },
      { os: "b", n: 1 },
      { os: "b", n: 2 },
    ],
  },
  "exclude by a part": { matrix: "os: [a, b]\nn: [1, 2]\nexclude:\n  - os: a\n  - { os: b, n: 1 }", rows: [{ os: "b", n: 2 }] },
  "exclude compares as == does": { matrix: "n: [1, 2, X]\nexclude:\n  - n: '1'\n  - n: x", rows: [{ n: 2 }] },
  "exclude by a part of an object": {
    matrix: "p: [{ os: linux, a: arm64 }, { os: linux, a: amd64 }]\nexclude:\n  - p: { a: amd64 }",
    rows: [{ p: { os: "linux", a: "arm64" } }],
  },
  "include adds where it fits": {
    matrix: "a: [x, y]\ninclude:\n  - { a: x, runner: big }\n  - { all: 1 }",
    rows: [
      { a: "x", runner: "big", all: 1 },
      { a: "y", all: 1 },
    ],
  },
  "include that fits nothing is a row, and gets nothing from others": {
    matrix:
      "fruit: [apple, pear]\nanimal: [cat, dog]\ninclude:\n  - color: green\n  - { color: pink, animal: cat }\n  - { fruit: apple, shape: circle }\n  - fruit: banana\n  - { fruit: banana, animal: cat }",
    rows: [
      { fruit: "apple", animal: "cat", color: "pink", shape: "circle" },
      { fruit: "apple", animal: "dog", color: "green", shape: "circle" },
      { fruit: "pear", animal: "cat", color: "pink" },
      { fruit: "pear", animal: "dog", color: "green" },
      { fruit: "banana" },
      { fruit: "banana", animal: "cat" },
    ],
  },
  "include alone": {
    matrix: "include:\n  - { platform: linux/amd64, runner: a }\n  - { platform: linux/arm64, runner: b }",
    rows: [
      { platform: "linux/amd64", runner: "a" },
      { platform: "linux/arm64", runner: "b" },
    ],
  },
  "an empty vector makes no row": { matrix: "a: []", rows: [] },
  "a vector by expression": { matrix: "a: ${{ fromJSON('[1, 2]') }}", rows: [{ a: 1 }, { a: 2 }] },
  "a whole matrix by expression": { matrix: '${{ fromJSON(\'{"a":[1],"include":[{"b":2}]}\') }}', rows: [{ a: 1, b: 2 }] },
};
describe("what is known", () => {
  for (const [name, { matrix, rows }] of Object.entries(whole)) {
    test(name, () => {
      const expansion = expand(matrix);
      expect(expansion.rows.map(({ values }) => values)).toEqual(rows);
      expect(expansion.rows.every(({ certain }) => certain)).toBe(true);
      expect(expansion.tooMany).toBe(false);
    });
  }
});

describe("what is unknown", () => {
  const cases: Record<string, { matrix: string; rows: unknown[] }> = {
    "a whole matrix": { matrix: "${{ fromJSON(needs.a.outputs.m) }}", rows: [{ values: { [OPEN]: true }, certain: false }] },
    "a vector": { matrix: "a: ${{ fromJSON(needs.a.outputs.m) }}\nb: [1]", rows: [{ values: { a: UNKNOWN, b: 1 }, certain: false }] },
    "one value": {
      matrix: "a: ['${{ vars.X }}', z]",
      rows: [
        { values: { a: UNKNOWN }, certain: true },
        { values: { a: "z" }, certain: true },
      ],
    },
    "an exclude that may fit": {
      matrix: "a: [x, y]\nexclude:\n  - a: ${{ vars.X }}",
      rows: [
        { values: { a: "x" }, certain: false },
        { values: { a: "y" }, certain: false },
      ],
    },
    "an include that may fit": {
      matrix: "a: [x]\ninclude:\n  - { a: '${{ vars.X }}', b: 1 }",
      rows: [
        { values: { a: "x", b: UNKNOWN }, certain: true },
        { values: { a: UNKNOWN, b: 1 }, certain: false },
      ],
    },
    "an include of which nothing is known": {
      matrix: "a: [x]\ninclude: ${{ fromJSON(vars.X) }}",
      rows: [
        { values: { a: "x", [OPEN]: true }, certain: true },
        { values: { [OPEN]: true }, certain: false },
      ],
    },
  };
  for (const [name, { matrix, rows }] of Object.entries(cases)) test(name, () => expect(expand(matrix).rows).toMatchObject(rows as object[]));
});

test("a job without a matrix runs once", () =>
  expect(expandMatrix(undefined, {})).toEqual({ rows: [{ values: {}, name: "", certain: true }], tooMany: false }));

test("rows are named by their vectors, objects and all, not by what include adds", () => {
  expect(expand("p: [{ os: linux, arch: arm64 }]\nn: [3.12]\ninclude:\n  - { extra: 1 }").rows.map(({ name }) => name)).toEqual(["linux, arm64, 3.12"]);
});

test("more rows than GitHub takes", () => {
  const list = (n: number) => `[${Array.from({ length: n }, (_, i) => i).join(", ")}]`;
  expect(expand(`a: ${list(16)}\nb: ${list(16)}`)).toMatchObject({ tooMany: false });
  const expansion = expand(`a: ${list(257)}`);
  expect(expansion.tooMany).toBe(true);
  expect(expansion.rows).toHaveLength(256);
  expect(expand(Array.from({ length: 10 }, (_, i) => `k${i}: ${list(50)}`).join("\n")).tooMany).toBe(true);
});
