// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are GitHub's.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readWorkflow } from "../read-workflow.ts";
import type { Scalar } from "../tree.ts";
import { type Assumptions, assume, NO_ASSUMPTIONS } from "./assumptions.ts";
import { type Contexts, type Data, open, UNKNOWN, UNKNOWN_BOOLEAN } from "./data.ts";
import { evaluate, evaluateCondition, evaluateText } from "./evaluate.ts";
import { truthOf } from "./value.ts";

const CONTEXTS: Contexts = {
  github: open({ event_name: "pull_request", ref: "refs/tags/v1.2.3", event: open({ number: UNKNOWN }) }),
  matrix: { platform: "linux/arm64", rows: [{ a: 1 }, { a: 2 }], odd: UNKNOWN },
  inputs: { push: UNKNOWN_BOOLEAN, name: "x" },
};

describe("what does not hang on the unknown", () => {
  const cases: Record<string, Data> = {
    "github.event_name != 'pull_request'": false,
    "github.event_name == 'PULL_REQUEST'": true,
    "github.event_name != 'pull_request' && secrets.TOKEN": false,
    "startsWith(github.ref, 'refs/tags/') || secrets.X": true,
    "inputs.push && false": false,
    "inputs.push || true": true,
    "secrets.X == 'a' && github.event_name == 'push'": false,
    "contains(fromJSON('[\"linux/arm64\"]'), matrix.platform) && 'arm' || 'x86'": "arm",
    "join(matrix.rows.*.a, ',')": "1,2",
    "matrix.nothing": null,
    "matrix['PLATFORM']": "linux/arm64",
    "format('{0}-{1}', 'a', 1)": "a-1",
    "toJSON(fromJSON('[1]'))": "[\n  1\n]",
    "inputs.push == 'false'": false,
    "format('a{0}', secrets.X) == ''": false,
    "!secrets.X && false": false,
    "case(true, 'a', secrets.X)": "a",
    "'it''s ''quoted'''": "it's 'quoted'",
    "1 == '1'": true,
    "always()": true,
    "matrix.rows && true": true,
    "(inputs.push == true) == 'no'": false,
  };
  for (const [expression, data] of Object.entries(cases)) test(expression, () => expect(evaluate(expression, CONTEXTS)).toEqual({ kind: "known", data }));
});

describe("what does", () => {
  const cases: Record<string, { residual: string; atoms: string[]; truthiness?: boolean }> = {
    "secrets.X": { residual: "secrets.X", atoms: ["secrets.X"] },
    "!secrets.X": { residual: "!secrets.X", atoms: ["secrets.X"] },
    "'' == secrets.X": { residual: "!secrets.X", atoms: ["secrets.X"] },
    "secrets['a-b']": { residual: "secrets.a-b", atoms: ["secrets.a-b"] },
    "github.event.number > 5": { residual: "github.event.number > 5", atoms: ["github.event.number > 5"] },
    "steps.a.outputs.b == 'x' && 'y' || 'z'": { residual: "((steps.a.outputs.b == 'x' && 'y') || 'z')", atoms: ["steps.a.outputs.b == 'x'"], truthiness: true },
    "'x' != steps.a.outputs.b": { residual: "!(steps.a.outputs.b == 'x')", atoms: ["steps.a.outputs.b == 'x'"] },
    "true && vars.A && github.event_name && vars.B": { residual: "(vars.A && vars.B)", atoms: ["vars.A", "vars.B"] },
    "vars.A || '' || vars.B": { residual: "(vars.A || vars.B)", atoms: ["vars.A", "vars.B"] },
    "vars.REGISTRY || 'ghcr.io'": { residual: "(vars.REGISTRY || 'ghcr.io')", atoms: ["vars.REGISTRY"], truthiness: true },
    "inputs.push == true": { residual: "inputs.push", atoms: ["inputs.push"] },
    "hashFiles('a', 'b')": { residual: "hashFiles('a', 'b')", atoms: ["hashFiles('a', 'b')"] },
    "fromJSON(steps.a.outputs.b).c[0]": { residual: "fromJSON(steps.a.outputs.b).c[0]", atoms: ["fromJSON(steps.a.outputs.b).c[0]"] },
    "contains(github.event.label, 'x')": { residual: "contains(github.event.label, 'x')", atoms: ["contains(github.event.label, 'x')"] },
    "github.b == github.a": { residual: "github.a == github.b", atoms: ["github.a == github.b"] },
    "failure() || success()": { residual: "(failure() || success())", atoms: ["failure()", "success()"] },
    "case(vars.A, 'a', 'b')": { residual: "case(vars.A, 'a', 'b')", atoms: ["vars.A"] },
    "needs.*.result": { residual: "needs.*.result", atoms: ["needs.*.result"] },
  };
  for (const [expression, wanted] of Object.entries(cases))
    test(expression, () => expect(evaluate(expression, CONTEXTS)).toMatchObject({ kind: "unknown", ...wanted }));
});

describe("mistakes", () => {
  const cases: Record<string, { message: RegExp; at: string }> = {
    "foo(1)": { message: /unrecognized function: "foo"/, at: "foo" },
    "1 == constructor(1)": { message: /unrecognized function: "constructor"/, at: "constructor" },
    "github.ref == bar.x": { message: /unrecognized named-value: "bar"/, at: "bar" },
    "a b": { message: /unexpected symbol|unrecognized named-value/, at: "a" },
    "github.ref = 'x'": { message: /unexpected symbol: "="/, at: "= 'x'" },
    "'open": { message: /unexpected symbol/, at: "'open" },
    "fromJSON('{')": { message: /json/i, at: "fromJSON('{')" },
    "format('{0}')": { message: /format|argument|parameter/i, at: "" },
    "": { message: /expression/, at: "" },
  };
  for (const [expression, { message, at }] of Object.entries(cases)) {
    test(expression || "nothing", () => {
      const value = evaluate(expression, CONTEXTS);
      if (value.kind !== "invalid") return expect.unreachable();
      expect(value.mistake.message).toMatch(message);
      if (at !== "") expect(expression.slice(value.mistake.span.start, value.mistake.span.end)).toBe(at);
    });
  }

  test("what doubles and doubles is stopped", () => {
    let expression = "'0123456789'";
    for (let i = 0; i < 40; i++) expression = `format('{0}{0}', ${expression})`;
    expect(evaluate(expression, {})).toMatchObject({ kind: "invalid", mistake: { message: expect.stringContaining("longer than") as string } });
  });
  test("deep nesting is told", () => expect(evaluate("(".repeat(5_000), {})).toMatchObject({ kind: "invalid" }));
});

describe("assumptions", () => {
  const under = (expression: string, assumptions: Assumptions) => evaluate(expression, CONTEXTS, { assumptions });
  test("a secret that is not there is the empty text", () =>
    expect(under("secrets.X == 'a'", assume(NO_ASSUMPTIONS, "secrets.x", false))).toEqual({ kind: "known", data: false }));
  test("a secret that is there counts as true but is unknown", () =>
    expect(under("secrets.X", assume(NO_ASSUMPTIONS, "secrets.X", true))).toMatchObject({ kind: "unknown", truthiness: true, atoms: [] }));
  test("a value", () => expect(under("steps.a.outputs.b", assume(NO_ASSUMPTIONS, "steps.a.outputs.b", { value: "v" }))).toEqual({ kind: "known", data: "v" }));
  test("an equality gives its value", () =>
    expect(under("steps.a.outputs.b == 'y'", assume(NO_ASSUMPTIONS, "steps.a.outputs.b == 'x'", true))).toEqual({ kind: "known", data: false }));
  test("of the statuses one is true", () => expect(under("success()", assume(NO_ASSUMPTIONS, "failure()", true))).toEqual({ kind: "known", data: false }));
});

describe("conditions", () => {
  const step = (condition: string) =>
    readWorkflow({ name: "w.yml", text: `on: push\njobs: { a: { runs-on: x, steps: [{ run: x, if: ${condition} }] } }\n` }).workflow?.jobs[0]?.steps[0]?.if;
  const cases: Record<string, { condition: string; status: "success" | "failure"; runs: boolean }> = {
    "a failure skips what asks for no status": { condition: "github.ref != ''", status: "failure", runs: false },
    "always runs after a failure": { condition: "always()", status: "failure", runs: true },
    "failure() runs after one": { condition: "failure()", status: "failure", runs: true },
    "a status within a text is none": { condition: "\"github.ref != 'always()'\"", status: "failure", runs: false },
    "a mixed text is true": { condition: "\"${{ github.ref }} == 'no'\"", status: "success", runs: true },
  };
  for (const [name, { condition, status, runs }] of Object.entries(cases))
    test(name, () => expect(truthOf(evaluateCondition(step(condition), CONTEXTS, { status }))).toBe(runs));
  test("without a condition a step runs on success", () => expect(truthOf(evaluateCondition(undefined, {}, { status: "success" }))).toBe(true));
});

test("mixed text keeps what is known around what is not", () => {
  const { workflow } = readWorkflow({ name: "w.yml", text: 'name: "a-${{ matrix.platform }}-${{ 1 }}:${{ secrets.X }}!${{ true }}"\non: push\njobs: {}\n' });
  const name = workflow?.name as Scalar;
  expect(evaluateText(name, CONTEXTS)).toMatchObject({ kind: "unknown", parts: ["a-linux/arm64-1:", { residual: "secrets.X" }, "!true"] });
  expect(evaluateText(name, { ...CONTEXTS, secrets: { x: "s" } })).toEqual({ kind: "known", text: "a-linux/arm64-1:s!true" });
});

describe("properties", () => {
  const atom = fc.constantFrom("vars.A", "vars.B", "vars.C");
  const literal = fc.constantFrom("'x'", "''", "'xy'", "true", "false", "1", "0", "null");
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      atom,
      literal,
      fc.tuple(tie("tree"), fc.constantFrom("&&", "||", "==", "!="), tie("tree")).map(([a, op, b]) => `(${a} ${op} ${b})`),
      tie("tree").map((a) => `!${a}`),
      fc.tuple(fc.constantFrom("contains", "startsWith", "endsWith"), tie("tree"), tie("tree")).map(([f, a, b]) => `${f}(${a}, ${b})`),
      fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => `format('{0}-{1}', ${a}, ${b})`),
      fc.tuple(tie("tree"), tie("tree"), tie("tree")).map(([a, b, c]) => `case(!${a}, ${b}, ${c})`),
    ),
  }));
  const value = fc.constantFrom("", "x", "xy", "true");
  const values = fc.record({ A: value, B: value, C: value });

  test("a known result, a sure truth and the residual agree with any values", () => {
    fc.assert(
      fc.property(tree, values, (expression, vars) => {
        const partial = evaluate(expression, {});
        const full = evaluate(expression, { vars });
        if (partial.kind === "known") expect(partial).toEqual(full);
        if (partial.kind !== "unknown") return;
        if (partial.truthiness !== undefined) expect(truthOf(full)).toBe(partial.truthiness);
        expect(evaluate(partial.residual, { vars })).toEqual(full);
      }),
      { numRuns: 2000 },
    );
  });

  test("splitting atom by atom ends, and with the right truth", () => {
    fc.assert(
      fc.property(tree, values, (expression, vars) => {
        let assumptions = NO_ASSUMPTIONS;
        for (let round = 0; ; round++) {
          expect(round).toBeLessThan(40);
          const found = evaluate(expression, {}, { assumptions });
          const truth = truthOf(found);
          if (truth !== undefined) return truth === truthOf(evaluate(expression, { vars }));
          const [first] = found.kind === "unknown" ? found.atoms : [];
          if (first === undefined) return false;
          assumptions = assume(assumptions, first, truthOf(evaluate(first, { vars })) === true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("no text makes it throw", () => {
    const words = fc.array(
      fc.constantFrom(
        "github",
        ".",
        "ref",
        "[",
        "]",
        "(",
        ")",
        "*",
        "'",
        "''",
        "x",
        "&&",
        "||",
        "!",
        "==",
        "<",
        "fromJSON",
        "toJSON",
        "join",
        ",",
        " ",
        "1e999",
        "-0",
        "NaN",
        "constructor",
        "__proto__",
        "constructor(",
        "\n",
      ),
      { maxLength: 15 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          words.map((all) => all.join("")),
          fc.string(),
        ),
        (text) => {
          const found = evaluate(text, CONTEXTS);
          if (found.kind === "invalid") expect(found.mistake.span.start <= found.mistake.span.end && found.mistake.span.end <= text.length).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
