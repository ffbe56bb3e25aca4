// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are GitHub's.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SourceFile } from "../core/span.ts";
import { DEEPEST_NESTING, LONGEST_FILE, MOST_COMPLAINTS } from "./limits.ts";
import { readWorkflow } from "./read-workflow.ts";
import type { Node, Scalar } from "./tree.ts";
import { entriesOf, scalarOf } from "./tree.ts";

const file = (text: string): SourceFile => ({ name: "ci.yml", text });
const read = (text: string) => readWorkflow(file(text));
const complaintsOf = (text: string): string[] =>
  read(text).complaints.map(({ message, place }) => `${text.slice(place.span.start, place.span.end).split("\n")[0]} | ${message}`);

const WORKFLOW = `name: Image
on:
  push:
    branches: [main, 'release/**']
    tags: ["v*"]
  workflow_dispatch:
    inputs:
      push:
        type: boolean
        default: true
      arch: { type: choice, options: [amd64, arm64] }
  schedule:
    - cron: '0 4 * * 1'
env:
  IMAGE: ghcr.io/\${{ github.repository }}
defaults: { run: { shell: bash } }
jobs:
  prepare:
    runs-on: [self-hosted, linux]
    outputs:
      version: \${{ steps.v.outputs.version }}
    steps:
      - id: v
        run: |
          echo "a"
            echo "version=\${{ github.ref_name }}" >> $GITHUB_OUTPUT
  build:
    needs: prepare
    if: github.event_name != 'pull_request'
    runs-on: \${{ matrix.runner }}
    strategy:
      fail-fast: false
      matrix:
        runner: [ubuntu-24.04, ubuntu-24.04-arm]
    services:
      registry: { image: "registry:2", ports: ["5000:5000"] }
    steps:
      - uses: docker/build-push-action@v6
        if: \${{ inputs.push }}
        with:
          platforms: linux/amd64,linux/arm64
          tags: "\${{ env.IMAGE }}:\\"\${{ needs.prepare.outputs.version }}"
      - uses: ./.github/actions/x
      - { uses: "docker://alpine:3", continue-on-error: true }
  call:
    uses: o/r/.github/workflows/w.yml@main
    with: { a: 'it''s \${{ format(''{0}'', github.sha) }}' }
    secrets: inherit
`;

describe("a whole workflow", () => {
  const { workflow, complaints } = read(WORKFLOW);
  const [prepare, build, call] = workflow?.jobs ?? [];

  test("is read without complaint", () => expect(complaints).toEqual([]));

  test("knows its events, filters and inputs", () => {
    expect(workflow?.triggers.map(({ event }) => event)).toEqual(["push", "workflow_dispatch", "schedule"]);
    expect(workflow?.triggers[0]?.filters.branches?.map(({ text }) => text)).toEqual(["main", "release/**"]);
    expect(workflow?.triggers[0]?.filters.tags?.map(({ text }) => text)).toEqual(["v*"]);
    expect(workflow?.triggers[1]?.inputs.map(({ name, type, default: value }) => [name.text, type, value?.value])).toEqual([
      ["push", "boolean", true],
      ["arch", "choice", undefined],
    ]);
    expect(workflow?.triggers[2]?.cron.map(({ text }) => text)).toEqual(["0 4 * * 1"]);
  });

  test("knows its jobs", () => {
    expect(workflow?.jobs.map(({ id }) => id.text)).toEqual(["prepare", "build", "call"]);
    expect(prepare?.runsOn?.labels.map(({ text }) => text)).toEqual(["self-hosted", "linux"]);
    expect(prepare?.outputs.map(({ name, value }) => [name.text, value?.expressions[0]?.text])).toEqual([["version", "steps.v.outputs.version"]]);
    expect(build?.needs.map(({ text }) => text)).toEqual(["prepare"]);
    expect(build?.if).toMatchObject({ expression: "github.event_name != 'pull_request'", isText: false });
    expect(build?.strategy?.failFast?.value).toBe(false);
    expect(build?.services.map(({ id, container }) => [id.text, container.image?.text])).toEqual([["registry", "registry:2"]]);
    expect(call?.uses?.target).toEqual({ kind: "repository", owner: "o", repo: "r", path: ".github/workflows/w.yml", ref: "main" });
    expect(call?.secrets).toMatchObject({ text: "inherit" });
    expect(workflow?.defaults.shell?.text).toBe("bash");
  });

  test("knows its steps", () => {
    expect(build?.steps.map(({ uses }) => uses?.target)).toEqual([
      { kind: "repository", owner: "docker", repo: "build-push-action", path: "", ref: "v6" },
      { kind: "local", path: ".github/actions/x" },
      { kind: "docker", image: "alpine:3" },
    ]);
    expect(build?.steps[0]?.if).toMatchObject({ expression: "inputs.push", isText: false });
    expect(build?.steps[0]?.with.map(({ key }) => key.text)).toEqual(["platforms", "tags"]);
    expect(build?.steps[2]?.continueOnError?.value).toBe(true);
  });

  test("has the place of each expression, however it is written", () => {
    const found = [...scalarsWithin(workflow?.node)].flatMap((scalar) => scalar.expressions.map(({ span }) => WORKFLOW.slice(span.start, span.end)));
    expect(found).toEqual([
      "${{ github.repository }}",
      "${{ steps.v.outputs.version }}",
      "${{ github.ref_name }}",
      "${{ matrix.runner }}",
      "${{ inputs.push }}",
      "${{ env.IMAGE }}",
      "${{ needs.prepare.outputs.version }}",
      "${{ format(''{0}'', github.sha) }}",
    ]);
  });
});

const job = (body: string): string => `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n${body}`;

describe("complaints", () => {
  const cases: Record<string, { text: string; says: string[] }> = {
    "an unknown key": { text: job("      - run: x\n        platform: y\n"), says: ['platform | unexpected value "platform"'] },
    "a list where text is wanted": { text: job("      - uses: a/b@v1\n        with: { platforms: [x] }\n"), says: ["[ | a sequence was not expected"] },
    "a job that comes twice": {
      text: "on: push\njobs:\n  a: { runs-on: x, steps: [{ run: y }] }\n  a: { runs-on: x, steps: [{ run: y }] }\n",
      says: ['a | "a" is already defined'],
    },
    "an unknown need": {
      text: "on: push\njobs:\n  build: { runs-on: x, steps: [{ run: y }] }\n  b: { needs: buidl, runs-on: x, steps: [{ run: y }] }\n",
      says: ['buidl | job "b" needs the unknown job "buidl"'],
    },
    "needs in a circle": {
      text: "on: push\njobs:\n  a: { needs: [b], runs-on: x, steps: [{ run: y }] }\n  b: { needs: A, runs-on: x, steps: [{ run: y }] }\n",
      says: ['b | job "a" waits for job "b" in a circle, so that neither can start', 'A | job "b" waits for job "A" in a circle, so that neither can start'],
    },
    "an unknown context, at its expression": { text: job("      - run: a ${{ foo.x }} b\n"), says: ['${{ foo.x }} | unrecognized named-value: "foo"'] },
    "an unknown function in a block": {
      text: job("      - run: |\n          a\n          b ${{ foo() }} c\n"),
      says: ['${{ foo() }} | unrecognized function: "foo"'],
    },
    "the second expression of a quoted text": {
      text: job('      - run: "a \\" ${{ github.sha }} ${{ foo() }}"\n'),
      says: ['${{ foo() }} | unrecognized function: "foo"'],
    },
    "a condition without braces": { text: job("      - run: x\n        if: github.ref = 'x'\n"), says: ["github.ref = 'x' | unexpected symbol: \"=\""] },
    "a context that a job's condition has not": {
      text: "on: push\njobs:\n  a: { if: secrets.X, runs-on: x, steps: [{ run: y }] }\n",
      says: ['secrets.X | unrecognized named-value: "secrets"'],
    },
    "a merge key": {
      text: "on: push\nx: &a {}\njobs:\n  a: { <<: *a, runs-on: x, steps: [{ run: y }] }\n",
      says: ['x | unexpected value "x"', '<< | unexpected value "<<"'],
    },
    "an alias without anchor": {
      text: "on: *x\njobs:\n  a: { runs-on: x, steps: [{ run: y }] }\n",
      says: ['*x | "*x" names an anchor that does not stand before it', ' | unexpected value ""'],
    },
    "broken YAML": { text: "on: [push\njobs:\n", says: [expect.stringContaining("not valid YAML: ") as string] },
    "two documents": { text: "a: b\n---\nc: d\n", says: [expect.stringContaining("several YAML documents") as string] },
    "an empty file": { text: "", says: [" | the file is empty"] },
    "a text": { text: "hello", says: ['hello | unexpected value "hello"'] },
  };
  for (const [name, { text, says }] of Object.entries(cases)) test(name, () => expect(complaintsOf(text)).toEqual(says));

  test("an alias tells one mistake once", () => {
    expect(complaintsOf("on: push\njobs:\n  a: &j { runs-on: x, steps: [{ rum: y }] }\n  b: *j\n").filter((said) => said.startsWith("rum"))).toHaveLength(1);
  });

  test("what can be read is read all the same", () => {
    const { workflow } = read(job("      - run: x\n        platform: y\n      - uses: a/b@v1\n"));
    expect(workflow?.jobs[0]?.steps).toHaveLength(2);
  });
});

describe("limits", () => {
  const bomb = `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(", ")}]\n`).join("")}`;
  const cases: Record<string, { text: string; says: RegExp }> = {
    "ten million characters": { text: "a".repeat(10_000_000), says: /has 10000000 characters/ },
    "just too long": { text: " ".repeat(LONGEST_FILE + 1), says: /characters, more than/ },
    "an alias bomb": { text: bomb, says: /once its aliases are written out/ },
    "an alias of itself": { text: "a: &a [*a]\n", says: /stands within what it names/ },
    "a hundred brackets": { text: "[".repeat(DEEPEST_NESTING + 2) + "]".repeat(DEEPEST_NESTING + 2), says: /nested deeper/ },
    "fifty thousand brackets": { text: "[".repeat(50_000) + "]".repeat(50_000), says: /nested deeper/ },
    "aliases one in the other": {
      text: `a0: &a0 [x]\n${Array.from({ length: 200 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]\n`).join("")}`,
      says: /nested deeper/,
    },
  };
  for (const [name, { text, says }] of Object.entries(cases))
    test(name, () =>
      expect(
        read(text)
          .complaints.map(({ message }) => message)
          .join("\n"),
      ).toMatch(says),
    );

  test("no more complaints than can be read", () => {
    const { complaints } = read(Array.from({ length: 500 }, (_, i) => `k${i}: x\n`).join(""));
    expect(complaints).toHaveLength(MOST_COMPLAINTS + 1);
    expect(complaints.at(-1)?.code).toBe("limit-exceeded");
  });
});

describe("line ends and marks", () => {
  test.each([
    ["CRLF", (text: string) => text.replaceAll("\n", "\r\n")],
    ["a byte order mark", (text: string) => `\uFEFF${text}`],
  ])("%s", (_name, turned) => {
    const text = turned(WORKFLOW);
    const { workflow, complaints } = read(text);
    expect(complaints).toEqual([]);
    const found = [...scalarsWithin(workflow?.node)].flatMap((scalar) => scalar.expressions.map(({ span }) => text.slice(span.start, span.end)));
    expect(found).toHaveLength(8);
    for (const slice of found) expect(slice).toMatch(/^\$\{\{.*\}\}$/);
  });
});

test.each([
  "%YAML 1.1\n---\n",
  "x: !!omap [a: b]\n",
  "x: !!set { a, b }\n",
  "x: !!binary aGk=\n",
  "x: !!pairs [a: b]\n",
  "x: !unknown 1\n",
  "? [a, b]\n: c\n",
  "? &k a\n: *k\n",
])("odd YAML is no trouble: %s", (head) => {
  const { workflow } = read(`${head}on: yes\njobs:\n  a: { runs-on: x, steps: [{ run: y }] }\n`);
  expect(workflow?.jobs[0]?.steps[0]?.run?.text).toBe("y");
});

test("an alias is the very node of its anchor", () => {
  const { workflow } = read("on: push\njobs:\n  a: &j { runs-on: x, steps: [{ run: y }] }\n  b: *j\n");
  expect(workflow?.jobs[0]?.node).toBe(workflow?.jobs[1]?.node);
});

test("text around braces makes a condition always true", () => {
  const { workflow } = read(job("      - run: x\n        if: ${{ github.ref }} == 'x'\n"));
  expect(workflow?.jobs[0]?.steps[0]?.if).toMatchObject({ expression: "format('{0} == ''x''', github.ref)", isText: true });
});

describe("properties", () => {
  const word = fc.constantFrom(
    ...[
      "on:",
      "jobs:",
      " ",
      "\n",
      "  ",
      "- ",
      "a: ",
      "run: ",
      "${{ ",
      " }}",
      "github.ref",
      "'",
      '"',
      "|",
      ">",
      "&a ",
      "*a",
      "[",
      "]",
      "{",
      "}",
      ",",
      "#",
      "\t",
      "\r\n",
      "\\",
      "?",
      "!x",
      "\uFEFF",
      "💥",
    ],
  );
  const mutated = fc
    .tuple(fc.nat(WORKFLOW.length), fc.nat(20), fc.array(word, { maxLength: 4 }))
    .map(([at, gone, put]) => WORKFLOW.slice(0, at) + put.join("") + WORKFLOW.slice(at + gone));

  test("no text makes it throw, and every span lies in the text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 60 }),
          fc.array(word, { maxLength: 30 }).map((words) => words.join("")),
          mutated,
        ),
        (text) => {
          const { workflow, complaints } = read(text);
          const spans = [
            ...complaints.map(({ place }) => place.span),
            ...(workflow === undefined ? [] : [...nodesWithin(workflow.node)].map(({ span }) => span)),
          ];
          for (const { start, end } of spans) expect(0 <= start && start <= end && end <= text.length).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  test("at a span stands what the span is of", () => {
    fc.assert(
      fc.property(mutated, (text) => {
        for (const scalar of scalarsWithin(read(text).workflow?.node)) {
          const slice = text.slice(scalar.span.start, scalar.span.end);
          if (scalar.style === "plain" && typeof scalar.value === "string" && !slice.includes("\n")) expect(slice).toBe(scalar.text);
          for (const { span } of scalar.expressions)
            if (span.start !== scalar.span.start || span.end !== scalar.span.end) expect(text.slice(span.start, span.end)).toMatch(/^\$\{\{[\s\S]*\}\}$/);
        }
      }),
      { numRuns: 200 },
    );
  });
});

function* nodesWithin(node: Node | undefined): Generator<Node> {
  if (node === undefined) return;
  yield node;
  if (node.kind === "sequence") for (const item of node.items) yield* nodesWithin(item);
  for (const { key, value } of entriesOf(node)) {
    yield key;
    yield* nodesWithin(value);
  }
}

function* scalarsWithin(node: Node | undefined): Generator<Scalar> {
  for (const found of nodesWithin(node)) if (found.kind === "scalar") yield found;
}

test("numbers become text as GitHub makes it", () => {
  const { workflow } = read(job("      - uses: a/b@v1\n        with: { a: 1.20, b: 0x10, c: true, d: ~, e: '1.20' }\n"));
  const values = workflow?.jobs[0]?.steps[0]?.with ?? [];
  expect(values.map(({ value }) => (value.kind === "scalar" ? value.text : ""))).toEqual(["1.2", "16", "true", "", "1.20"]);
  expect(scalarOf(workflow?.node, "nothing")).toBeUndefined();
});
