import { expect, test } from "vitest";
import type { Finding, Remedy } from "../findings/finding.ts";
import type { FixReport } from "../fix/report.ts";
import { fixJson } from "./fix-json.ts";
import { fixText } from "./fix-text.ts";

const file = { name: "ci.yml", text: "a\nbc\n" };
const remedies: readonly Remedy[] = [
  { title: "set it up", price: "5 s", fix: { with: "buildx", safety: "safe", edits: [] } },
  { title: "think", price: "time", fix: undefined },
];
const finding: Finding = {
  rule: "missing",
  severity: "error",
  confidence: "certain",
  message: "it is \u001b[31mmissing",
  place: { file, span: { start: 3, end: 4 } },
  facts: [],
  when: { always: true, scenarios: [], rows: [], condition: undefined },
  log: undefined,
  cause: "because",
  remedies,
};
const [first, second] = remedies as readonly [Remedy, Remedy];
const report: FixReport = {
  root: ".",
  asOf: "2026-08-21",
  applied: [{ finding, remedy: first, files: ["ci.yml"] }],
  remaining: [{ finding, advice: [{ remedy: second, reason: "no edit" }] }],
  files: [{ path: "ci.yml", diff: "--- a/ci.yml\n" }],
  written: false,
  unreached: [],
  failed: true,
};

test("what is mended, what it costs, and what is left", () => {
  expect(fixText(report).split("\n")).toEqual([
    "ci.yml:2:2: set it up",
    "    mends: it is \\x1b[31mmissing [missing]",
    "    costs: 5 s",
    "",
    "left to you:",
    "ci.yml:2:2: it is \\x1b[31mmissing [missing]",
    "    think (no edit)",
    "",
    '1 fix in 1 file; nothing was written: add --write, or give the diff to "git apply"',
  ]);
});

test("hints are counted beside something worse, and told where they are all", () => {
  const hint = { finding: { ...finding, severity: "info", message: "slow" } as const, advice: [{ remedy: second, reason: "no edit" }] };
  expect(
    fixText({ ...report, remaining: [hint, hint, ...report.remaining] })
      .split("\n")
      .slice(4, 8),
  ).toEqual(["left to you:", "ci.yml:2:2: it is \\x1b[31mmissing [missing]", "    think (no edit)", 'and 2 hints, which "multihull doctor" tells']);
  expect(
    fixText({ ...report, applied: [], files: [], remaining: [hint] })
      .split("\n")
      .slice(0, 3),
  ).toEqual(["left to you:", "ci.yml:2:2: slow [missing]", "    think (no edit)"]);
});

test("what was written", () => expect(fixText({ ...report, remaining: [], written: true })).toMatch(/\n\nwrote 1 fix in 1 file$/));
test("nothing to mend", () => expect(fixText({ ...report, applied: [], remaining: [], files: [] })).toBe("nothing to mend"));
test("nothing that can be mended", () => expect(fixText({ ...report, applied: [], files: [] })).toMatch(/\n\nnothing that can be mended by itself$/));

test("for programs, without the files' texts", () => {
  const told = { rule: "missing", severity: "error", confidence: "certain", message: finding.message, file: "ci.yml", line: 2, column: 2 };
  expect(JSON.parse(JSON.stringify(fixJson(report)))).toEqual({
    version: 1,
    root: ".",
    asOf: "2026-08-21",
    written: false,
    failed: true,
    applied: [{ finding: told, remedy: { title: "set it up", price: "5 s", with: "buildx", safety: "safe" }, files: ["ci.yml"] }],
    remaining: [{ finding: told, advice: [{ remedy: { title: "think", price: "time" }, reason: "no edit" }] }],
    files: [{ path: "ci.yml", diff: "--- a/ci.yml\n" }],
    unreached: [],
  });
});

test("what registries told nothing of", () => {
  const unreached = [{ image: "docker.io/a/b:1", why: "there was no\u001b[31m answer" }];
  expect(fixText({ ...report, unreached })).toContain('\n\nnote: nothing is known of the base image "docker.io/a/b:1": there was no');
  expect(fixText({ ...report, unreached })).not.toContain("\u001b");
});
