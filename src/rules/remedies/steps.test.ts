import { describe, expect, test } from "vitest";
import { type EditStep, edited, jobOf as job } from "../../../test/harness/edited-step.ts";
import { applyFix } from "../../fix/apply.ts";
import type { StepPlace } from "../../simulate/trace.ts";
import { insertSteps, type NewStep } from "./insert-step.ts";
import { remedy } from "./remedy.ts";
import { copyCondition, moveStep, removeCondition, removeStep, setCondition } from "./steps.ts";

type Case = readonly [name: string, before: string, edit: EditStep, after: string];

const table = (cases: readonly Case[]): void => test.each(cases)("%s", (_, before, edit, after) => expect(edited(before, edit)).toBe(after));

describe("a step put in", () => {
  const buildx: NewStep = { name: "Set up Docker Buildx", uses: "docker/setup-buildx-action@v4" };
  const pinned: NewStep = { ...buildx, uses: "docker/setup-buildx-action@0123", comment: "v4.1.0" };
  const putBefore =
    (index: number, ...steps: NewStep[]): EditStep =>
    (at) =>
      insertSteps(steps, "before", at(index));
  table([
    [
      "has a name where the others have one, and a blank line where they have one",
      job("    - name: One\n      run: a\n\n    # why\n    - name: Two\n      run: b\n"),
      putBefore(1, buildx),
      job(
        "    - name: One\n      run: a\n\n    - name: Set up Docker Buildx\n      uses: docker/setup-buildx-action@v4\n\n    # why\n    - name: Two\n      run: b\n",
      ),
    ],
    [
      "has no name where they have none",
      job("      - uses: a@v1\n      - uses: b@v1\n"),
      putBefore(1, buildx),
      job("      - uses: a@v1\n      - uses: docker/setup-buildx-action@v4\n      - uses: b@v1\n"),
    ],
    [
      "goes behind another",
      job("      - uses: a@v1 # last\n"),
      (at) => insertSteps([buildx], "after", at(0)),
      job("      - uses: a@v1 # last\n      - uses: docker/setup-buildx-action@v4\n"),
    ],
    [
      "begins on the dash's next line where the others do",
      job("      -\n        name: One\n        run: a\n      -\n        name: Two\n        run: b\n"),
      putBefore(1, buildx),
      job(
        "      -\n        name: One\n        run: a\n      -\n        name: Set up Docker Buildx\n        uses: docker/setup-buildx-action@v4\n      -\n        name: Two\n        run: b\n",
      ),
    ],
    [
      "has its keys in its neighbour's order",
      job("      - uses: a@v1\n        name: One\n        if: x\n"),
      putBefore(0, { ...buildx, if: "x" }),
      job(
        "      - uses: docker/setup-buildx-action@v4\n        name: Set up Docker Buildx\n        if: x\n      - uses: a@v1\n        name: One\n        if: x\n",
      ),
    ],
    [
      "keeps the spaces behind the dash",
      job("      -   uses: a@v1\n          id: b\n"),
      putBefore(0, { ...buildx, with: { driver: "docker-container" } }),
      job("      -   uses: docker/setup-buildx-action@v4\n          with:\n            driver: docker-container\n      -   uses: a@v1\n          id: b\n"),
    ],
    [
      "indents by four where the file does",
      "jobs:\n    a:\n        steps:\n            - uses: a@v1\n              with:\n                  x: 1\n",
      putBefore(0, { ...buildx, with: { config: "a\nb\n" } }),
      "jobs:\n    a:\n        steps:\n            - uses: docker/setup-buildx-action@v4\n              with:\n                  config: |\n                      a\n                      b\n            - uses: a@v1\n              with:\n                  x: 1\n",
    ],
    [
      "several, in their order, a pinned one with its version behind it",
      job("      - uses: a@v1\n"),
      putBefore(0, { name: "", uses: "docker/setup-qemu-action@v4" }, pinned),
      job("      - uses: docker/setup-qemu-action@v4\n      - uses: docker/setup-buildx-action@0123 # v4.1.0\n      - uses: a@v1\n"),
    ],
    [
      "with CRLF, before the last step without a line break",
      "jobs:\r\n  a:\r\n    steps:\r\n      - uses: a@v1",
      putBefore(0, pinned),
      "jobs:\r\n  a:\r\n    steps:\r\n      - uses: docker/setup-buildx-action@0123 # v4.1.0\r\n      - uses: a@v1",
    ],
    ["among steps in braces", job("      - {uses: a@v1}\n"), putBefore(0, buildx), job("      - uses: docker/setup-buildx-action@v4\n      - {uses: a@v1}\n")],
    [
      "within brackets, without room for the version",
      "jobs: {a: {steps: [{uses: a@v1}]}}\n",
      putBefore(0, pinned),
      "jobs: {a: {steps: [{uses: docker/setup-buildx-action@0123}, {uses: a@v1}]}}\n",
    ],
    [
      "in a composite action",
      "runs:\n  using: composite\n  steps:\n  - run: a\n    shell: sh\n",
      putBefore(0, buildx),
      "runs:\n  using: composite\n  steps:\n  - uses: docker/setup-buildx-action@v4\n  - run: a\n    shell: sh\n",
    ],
    ["not where it stands already", job("      - uses: docker/setup-buildx-action@v4\n      - uses: a@v1\n"), putBefore(1, buildx), "undefined"],
    [
      "where the same stands under another condition",
      job("      - uses: docker/setup-buildx-action@v4\n        if: x\n      - uses: a@v1\n"),
      putBefore(1, buildx),
      job("      - uses: docker/setup-buildx-action@v4\n        if: x\n      - uses: docker/setup-buildx-action@v4\n      - uses: a@v1\n"),
    ],
    ["not into what an alias repeats", "jobs:\n  b:\n    steps: &s\n      - uses: a@v1\n  a:\n    steps: *s\n", putBefore(0, buildx), "undefined"],
    ["not where there is no such step", job("      - uses: a@v1\n"), putBefore(1, buildx), "undefined"],
  ]);
});

describe("a step moved", () => {
  table([
    [
      "up, with its comment",
      job("      - uses: a@v1\n      # why\n      - uses: b@v1 # b\n"),
      (at) => moveStep(at(1), at(0)),
      job("      # why\n      - uses: b@v1 # b\n      - uses: a@v1\n"),
    ],
    [
      "down, to before another",
      job("      - uses: a@v1\n      - uses: b@v1\n      - uses: c@v1\n"),
      (at) => moveStep(at(0), at(2)),
      job("      - uses: b@v1\n      - uses: a@v1\n      - uses: c@v1\n"),
    ],
    ["not to where it is", job("      - uses: a@v1\n      - uses: b@v1\n"), (at) => moveStep(at(0), at(1)), "undefined"],
    [
      "not above what gives it something",
      job(`      - id: m\n        uses: a@v1\n      - run: echo \${{ steps.m.outputs.x }}\n`),
      (at) => moveStep(at(1), at(0)),
      "undefined",
    ],
    [
      "not below what needs something of it",
      job(`      - id: m\n        uses: a@v1\n      - run: echo \${{ steps['m'].outputs.x }}\n      - run: c\n`),
      (at) => moveStep(at(0), at(2)),
      "undefined",
    ],
    [
      "not above the checkout that brings it",
      job("      - uses: actions/checkout@v4\n      - uses: ./.github/set-up\n"),
      (at) => moveStep(at(1), at(0)),
      "undefined",
    ],
    ["out", job("      - uses: a@v1\n      # why\n      - uses: b@v1\n"), (at) => removeStep(at(1)), job("      - uses: a@v1\n")],
  ]);
});

describe("a condition", () => {
  table([
    [
      "copied to a step without one, behind its name",
      job("      - name: A\n        uses: a@v1\n      - uses: b@v1\n        if: github.ref == 'x' # c\n"),
      (at) => copyCondition(at(1), at(0)),
      job("      - name: A\n        if: github.ref == 'x'\n        uses: a@v1\n      - uses: b@v1\n        if: github.ref == 'x' # c\n"),
    ],
    [
      "copied in place of another, whose comment stays",
      job(`      - uses: a@v1\n        if: y # d\n      - uses: b@v1\n        if: \${{ !x }}\n`),
      (at) => copyCondition(at(1), at(0)),
      job(`      - uses: a@v1\n        if: \${{ !x }} # d\n      - uses: b@v1\n        if: \${{ !x }}\n`),
    ],
    [
      "quoted where it must be",
      job("      - uses: a@v1\n"),
      (at) => setCondition(at(0), "!cancelled()"),
      job('      - uses: a@v1\n        if: "!cancelled()"\n'),
    ],
    [
      "copied from a step without one: taken away",
      job("      - uses: a@v1\n        if: y\n      - uses: b@v1\n"),
      (at) => copyCondition(at(1), at(0)),
      job("      - uses: a@v1\n      - uses: b@v1\n"),
    ],
    ["taken away, the first of its step", job("      - if: y\n        uses: a@v1\n"), (at) => removeCondition(at(0)), job("      - uses: a@v1\n")],
    ["not taken away where there is none", job("      - uses: a@v1\n"), (at) => removeCondition(at(0)), "undefined"],
    [
      "not copied where it is the same",
      job("      - uses: a@v1\n        if: y\n      - uses: b@v1\n        if: y\n"),
      (at) => copyCondition(at(1), at(0)),
      "undefined",
    ],
  ]);
});

test("edits of one file are put together so that none moves what another is about", () => {
  const text = job("      - uses: a@v1\n      - uses: b@v1\n      - uses: c@v1\n");
  const file = { name: "ci.yml", text };
  const at = (index: number): StepPlace => ({ file, route: ["jobs", "a", "steps", index] });
  const step = (uses: string): NewStep => ({ name: "", uses });
  const { fix } = remedy({ title: "t", price: "p" }, [
    insertSteps([step("x"), step("y")], "before", at(0)),
    setCondition(at(2), "z"),
    insertSteps([step("w")], "before", at(2)),
    { kind: "text", file, replacements: [{ start: text.indexOf("b@v1"), end: text.indexOf("b@v1") + 4, text: "bb@v2" }] },
  ]);
  if (fix === undefined) throw new Error("there is no fix");
  const outcome = applyFix(fix, () => text);
  expect("texts" in outcome && outcome.texts.get("ci.yml")).toBe(
    job("      - uses: x\n      - uses: y\n      - uses: a@v1\n      - uses: bb@v2\n      - uses: w\n      - uses: c@v1\n        if: z\n"),
  );
});

test("a remedy with an edit that cannot be made is advice", () => {
  expect(remedy({ title: "t", price: "p" }, [undefined]).fix).toBeUndefined();
  expect(remedy({ title: "t", price: "p" }, []).fix).toBeUndefined();
});
