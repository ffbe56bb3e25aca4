import { describe, expect, test } from "vitest";
import { type MadeTrace, madeStudy } from "../../test/harness/made-study.ts";
import { memoryFiles } from "../adapters/memory/repository-files.ts";
import type { Finding } from "../findings/finding.ts";
import { createReaders } from "../simulate/create-readers.ts";
import type { Study, Trace } from "../simulate/trace.ts";
import { checkStudy } from "./check.ts";
import { defineRule, type Rule, type Told } from "./rule.ts";

const WORKFLOW = `on:
  push:
    branches: [main]
    tags: ['v*']
  pull_request:
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo one
      - run: echo two
`;
const check = (study: Study, ...rules: Rule[]): readonly Finding[] => checkStudy(study, rules, createReaders(memoryFiles({})));

const META = { id: "test", summary: "s", severity: "error", confidence: "certain", fix: "none", covers: [] } as const;
const ONE = WORKFLOW.indexOf("- run: echo one");

/** Tells of the first step in the traces for which `holds`. */
const ruleWhere = (holds: (trace: Trace) => boolean, told: (trace: Trace) => Partial<Told> = () => ({})): Rule =>
  defineRule({
    meta: META,
    step(step, trace, report) {
      if (step.index !== 0 || !holds(trace)) return;
      report({ message: "m", cause: "c", place: { file: step.place.file, span: { start: ONE, end: ONE + 1 } }, ...told(trace) });
    },
  });

const PUSH = "push main";
const TAG = "push tag v1.2.3";
const FORK = "pull_request from a fork";

describe("when a finding holds", () => {
  const all: MadeTrace[] = [{ scenario: PUSH }, { scenario: TAG }, { scenario: FORK }];
  const cases: Record<string, { walks: MadeTrace[]; told: (trace: Trace) => boolean; when: Partial<Finding["when"]>; cut?: boolean }> = {
    "always: in all walks": { walks: all, told: () => true, when: { always: true, condition: undefined, rows: [] } },
    "in some scenarios": {
      walks: all,
      told: (trace) => trace.scenario.kind === "tag",
      when: { always: false, scenarios: ["a push of a tag such as v1.2.3"], condition: undefined },
    },
    "scenarios in the workflow's order, whatever that of walks": {
      walks: [{ scenario: PUSH }, { scenario: TAG }, { scenario: FORK }],
      told: (trace) => trace.scenario.kind !== "tag",
      when: { scenarios: ["a push to the default branch main", "a pull request from a fork"] },
    },
    "always: in all walks that come by the step": {
      walks: [{ scenario: PUSH, runs: [1] }, { scenario: TAG }],
      told: (trace) => trace.scenario.kind === "tag",
      when: { always: true, scenarios: ["a push of a tag such as v1.2.3"] },
    },
    "under a condition": {
      walks: [
        { scenario: PUSH, assumed: "secrets.A" },
        { scenario: PUSH, assumed: "!secrets.A" },
      ],
      told: (trace) => trace.assumed[0]?.value === true,
      when: { always: false, scenarios: ["a push to the default branch main"], condition: "secrets.A" },
    },
    "not under a condition that other scenarios bring": {
      walks: [{ scenario: PUSH, assumed: "secrets.A" }, { scenario: TAG }],
      told: (trace) => trace.scenario.kind !== "tag",
      when: { condition: undefined },
    },
    "under a condition in one scenario only": {
      walks: [{ scenario: PUSH }, { scenario: TAG, assumed: "secrets.A" }, { scenario: TAG, assumed: "!secrets.A" }],
      told: (trace) => trace.assumed[0]?.value !== false,
      when: { scenarios: ["a push to the default branch main", "a push of a tag such as v1.2.3, when secrets.A"], condition: undefined },
    },
    "in some rows": {
      walks: [
        { scenario: PUSH, row: "amd64" },
        { scenario: PUSH, row: "arm64" },
      ],
      told: (trace) => trace.row.name === "arm64",
      when: { always: false, rows: ["arm64"] },
    },
    "never always where not every way was walked": { walks: all, told: () => true, when: { always: false }, cut: true },
  };
  for (const [name, { walks, told, when, cut }] of Object.entries(cases)) {
    test(name, () => {
      const found = check(madeStudy(WORKFLOW, { build: walks }, cut), ruleWhere(told));
      expect(found).toHaveLength(1);
      expect(found[0]?.when).toMatchObject(when);
    });
  }
});

test("the traces that a rule names count, whoever tells it", () => {
  const study = madeStudy(WORKFLOW, { build: [{ scenario: PUSH }, { scenario: TAG }] });
  const rule = defineRule({
    meta: META,
    job: (job, workflow, report) => report({ message: "m", cause: "c", place: { file: workflow.file, span: job.job.node.span }, traces: job.traces.slice(1) }),
  });
  expect(check(study, rule)[0]?.when).toMatchObject({ always: false, scenarios: ["a push of a tag such as v1.2.3"] });
});

test("without a trace it holds whatever happens", () => {
  const rule = defineRule({
    meta: META,
    workflow: (workflow, report) => report({ message: "m", cause: "c", place: { file: workflow.file, span: { start: 0, end: 1 } } }),
  });
  expect(check(madeStudy(WORKFLOW, {}), rule)[0]?.when).toEqual({ always: true, scenarios: [], rows: [], condition: undefined });
});

describe("one cause is one finding", () => {
  const study = madeStudy(WORKFLOW, { build: [{ scenario: PUSH }, { scenario: TAG }] });
  test("of one place and message", () =>
    expect(
      check(
        study,
        ruleWhere(() => true),
      ),
    ).toHaveLength(1));
  test("of one place and key, the first message counts", () => {
    const found = check(
      study,
      ruleWhere(
        () => true,
        (trace) => ({ key: "k", message: trace.scenario.id }),
      ),
    );
    expect(found.map(({ message }) => message)).toEqual([PUSH]);
  });
  test("but two of one place and different keys", () => {
    const found = check(
      study,
      ruleWhere(
        () => true,
        (trace) => ({ key: trace.scenario.id }),
      ),
    );
    expect(found).toHaveLength(2);
  });
  test("the surest counts, with the scenarios in which it is so", () => {
    const found = check(
      study,
      ruleWhere(
        () => true,
        (trace) => (trace.scenario.kind === "tag" ? {} : { confidence: "likely" }),
      ),
    );
    expect(found).toMatchObject([{ confidence: "certain", when: { always: false, scenarios: ["a push of a tag such as v1.2.3"] } }]);
  });
  test("the worst counts", () => {
    const found = check(
      study,
      ruleWhere(
        () => true,
        (trace) => (trace.scenario.kind === "tag" ? {} : { severity: "warning" }),
      ),
    );
    expect(found).toMatchObject([{ severity: "error", when: { scenarios: ["a push of a tag such as v1.2.3"] } }]);
  });
  test("a fact is told once", () => {
    const fact = { sentence: "f", place: undefined };
    expect(
      check(
        study,
        ruleWhere(
          () => true,
          () => ({ facts: [fact, { ...fact }] }),
        ),
      )[0]?.facts,
    ).toEqual([fact]);
  });
});

test("what holds only in rows that may not be there is not certain", () => {
  const study = madeStudy(WORKFLOW, {
    build: [
      { scenario: PUSH, row: "a" },
      { scenario: PUSH, row: "b", rowCertain: false },
    ],
  });
  expect(
    check(
      study,
      ruleWhere((trace) => !trace.row.certain),
    )[0]?.confidence,
  ).toBe("likely");
  expect(
    check(
      study,
      ruleWhere(() => true),
    )[0]?.confidence,
  ).toBe("certain");
});

test("findings come by file, place and severity", () => {
  const at = (name: string, start: number, severity: "error" | "info"): Told => ({
    message: `${name} ${start} ${severity}`,
    cause: "c",
    severity,
    place: { file: { name, text: "" }, span: { start, end: start } },
  });
  const rule = defineRule({
    meta: META,
    study: (_, report) => [at("b", 0, "error"), at("a", 5, "info"), at("a", 5, "error"), at("a", 1, "info")].forEach(report),
  });
  expect(check(madeStudy(WORKFLOW, {}), rule).map(({ message }) => message)).toEqual(["a 1 info", "a 5 error", "a 5 info", "b 0 error"]);
});
