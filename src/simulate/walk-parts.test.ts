import { describe, expect, test } from "vitest";
import { memoryFiles } from "../adapters/memory/repository-files.ts";
import { assume, NO_ASSUMPTIONS } from "../workflow/expression/assumptions.ts";
import { type Given, UNKNOWN_BOOLEAN } from "../workflow/expression/data.ts";
import { evaluate } from "../workflow/expression/evaluate.ts";
import { createReaders } from "./create-readers.ts";
import { givenOf, type Scope, textOfExpression } from "./evaluate-text.ts";
import { needsShell } from "./needs-shell.ts";
import { directoryOf } from "./step-work.ts";
import { studyRepository } from "./study.ts";
import { knownText, type Text } from "./text.ts";
import { MOST_STEPS } from "./walk-limits.ts";

const FILE = { name: "w.yml", text: "" };
const PLACE = { file: FILE, span: { start: 0, end: 0 } };
const scope = (contexts: Readonly<Record<string, Given>>): Scope => ({ file: FILE, contexts, assumptions: NO_ASSUMPTIONS, saw: () => undefined });

describe("an expression as text", () => {
  test.each<[string, Readonly<Record<string, Given>>, Text["parts"]]>([
    ["inputs.a", { inputs: { a: true } }, ["true"]],
    ["inputs.a", { inputs: {} }, []],
    ["inputs.a * 2", { inputs: {} }, [{ source: "inputs.a * 2", atoms: [] }]],
    ["vars.A", {}, [{ source: "vars.A", atoms: [] }]],
    ["vars.A == 'x'", {}, [{ source: "vars.A == 'x'", atoms: ["vars.A == 'x'"], choices: ["true", "false"] }]],
    ["inputs.a && 'x' || 'y'", { inputs: { a: UNKNOWN_BOOLEAN } }, [{ source: "((inputs.a && 'x') || 'y')", atoms: ["inputs.a"] }]],
  ])("%s of %j", (source, contexts, parts) => {
    expect(textOfExpression(source, PLACE, scope(contexts)).parts).toEqual(parts);
  });
});

describe("a text seen through another name", () => {
  const seen = (given: Given, expression: string, assumed?: [string, boolean]) =>
    evaluate(expression, { env: { X: given } }, { assumptions: assumed ? assume(NO_ASSUMPTIONS, ...assumed) : NO_ASSUMPTIONS });
  const hole = (source: string, atoms: readonly string[] = []) => ({ source, atoms });

  test.each<[string, Text["parts"], string, unknown]>([
    ["known", ["x"], "env.X == 'x'", { kind: "known", data: true }],
    ["keeps its words", [hole("vars.A")], "env.X == 'x'", { residual: "vars.A == 'x'", atoms: ["vars.A == 'x'"] }],
    ["hangs on what it is made of", [hole("vars.A && 'x'", ["vars.A"])], "env.X == 'x'", { atoms: ["vars.A"] }],
    ["is not empty where something known stands", ["v", hole("vars.A")], "env.X", { truthiness: true, residual: "format('v{0}', vars.A)" }],
    ["is no expression where the shell made it", [hole("$(date)")], "env.X", { residual: "env.X", atoms: ["env.X"] }],
  ])("%s", (_, parts, expression, expected) => {
    expect(seen(givenOf({ parts, place: PLACE }), expression)).toMatchObject(expected as object);
  });

  test("follows what is assumed of the other", () => {
    expect(seen(givenOf({ parts: [hole("vars.A")], place: PLACE }), "env.X == 'y'", ["vars.A == 'x'", true])).toEqual({ kind: "known", data: false });
  });
});

test.each<[string | undefined, string | undefined]>([
  [undefined, ""],
  [".", ""],
  ["./a/b/", "a/b"],
  ["a/../b", "b"],
  ["../a", undefined],
  ["/tmp", undefined],
  ["C:\\x", undefined],
])("the working directory %s", (given, directory) => {
  expect(directoryOf(given === undefined ? undefined : knownText(given, PLACE))).toBe(directory);
});

test("a working directory below github.workspace", () => {
  expect(directoryOf({ parts: [{ source: "github.workspace", atoms: [] }, "/a"], place: PLACE })).toBe("a");
  expect(directoryOf({ parts: [{ source: "matrix.dir", atoms: [] }, "/a"], place: PLACE })).toBeUndefined();
});

test.each<[string, boolean]>([
  ["run: docker build .", true],
  ["run: make images", true],
  ["uses: ./.github/actions/x", true],
  ["run: npm test", false],
  ["name: remake", false],
])("whether the shell's grammar is wanted for %s", (text, wanted) => {
  expect(needsShell(memoryFiles({ ".github/workflows/w.yaml": text, "other.yml": "docker" }))).toBe(wanted);
});

test("a list that is given where text is wanted is given, and unknown", () => {
  const text =
    "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: docker/build-push-action@v7\n        with:\n          tags: [a, b]\n";
  const study = studyRepository(createReaders(memoryFiles({ ".github/workflows/a.yml": text }), {}), { asOf: "2026-09-15" });
  const build = study.workflows[0]?.jobs[0]?.traces[0]?.events[0]?.operation;
  expect(build?.kind === "build" && [build.tags.open, build.tags.items.length]).toEqual([true, 1]);
});

test("the same complaint is told once", () => {
  const readers = createReaders(memoryFiles({}));
  const complaint = { code: "workflow-syntax", severity: "error", message: "no", place: PLACE } as const;
  readers.complain([complaint, complaint]);
  readers.complain([{ ...complaint, message: "other" }]);
  expect(readers.complaints.map(({ message }) => message)).toEqual(["no", "other"]);
});

test("actions that use each other manifold are cut off", () => {
  const files: Record<string, string> = {
    ".github/workflows/w.yml": "on: { push: { branches: [main] } }\njobs: { j: { runs-on: ubuntu-24.04, steps: [{ uses: ./a0 }] } }",
  };
  for (let level = 0; level < 12; level++) {
    files[`a${level}/action.yml`] = `runs: { using: composite, steps: [${Array(20)
      .fill(`{ uses: ./a${level + 1} }`)
      .join(", ")}] }`;
  }
  const study = studyRepository(createReaders(memoryFiles(files)), { asOf: "2026-08-21" });
  const [job] = study.workflows[0]?.jobs ?? [];
  expect(job?.cut).toBe(true);
  expect(job?.traces[0]?.steps.length).toBe(MOST_STEPS);
  expect(study.complaints.some(({ message }) => message.includes("nested deeper than the 10 levels"))).toBe(true);
});

test("jobs that need each other in a circle, or nobody, are walked", () => {
  const job = (needs: string) => `{ needs: ${needs}, runs-on: ubuntu-24.04, steps: [{ run: "true" }] }`;
  const text = `on: { push: { branches: [main] } }\njobs: { a: ${job("b")}, b: ${job("a")}, c: ${job("nobody")} }`;
  const study = studyRepository(createReaders(memoryFiles({ ".github/workflows/w.yml": text })), { asOf: "2026-08-21" });
  expect(study.workflows[0]?.jobs.map(({ traces }) => traces.length)).toEqual([1, 1, 1]);
});
