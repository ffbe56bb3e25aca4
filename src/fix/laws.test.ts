import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FileEdit } from "../findings/finding.ts";
import { addInputs, removeInput, setInput } from "../rules/remedies/inputs.ts";
import { insertSteps } from "../rules/remedies/insert-step.ts";
import { copyCondition, moveStep, removeStep, setCondition } from "../rules/remedies/steps.ts";
import type { StepPlace } from "../simulate/trace.ts";
import { readWorkflow } from "../workflow/read-workflow.ts";
import { applyFix } from "./apply.ts";

/** How a file is laid out: its habits, none of which an edit may change. */
const layout = fc.record({
  indent: fc.constantFrom("", "  ", "    "),
  dash: fc.constantFrom("- ", "-   ", "-\n"),
  blank: fc.boolean(),
  named: fc.boolean(),
  lineBreak: fc.constantFrom("\n", "\r\n"),
  end: fc.boolean(),
});
type Layout = typeof layout extends fc.Arbitrary<infer T> ? T : never;

const step = fc.record({
  above: fc.constantFrom("", "# why", "# - uses: old@v1"),
  body: fc.constantFrom(
    "run: |\n  a\n\n  b",
    "uses: a/b@v1 # one",
    "uses: a/b@v1\nwith:\n  x: 'y' # z\n  platforms: linux/amd64",
    "run: c\nif: github.ref_type == 'tag'",
  ),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function written({ indent, dash, blank, named, lineBreak, end }: Layout, steps: readonly Step[]): string {
  const column = `    ${indent}`;
  const items = steps.map(({ above, body }, i) => {
    const [first, ...rest] = [...(named ? [`name: Step ${i}`] : []), ...body.split("\n")];
    const inner = dash === "-\n" ? "  " : " ".repeat(dash.length);
    const head = dash === "-\n" ? [`${column}-`, `${column}${inner}${first}`] : [`${column}${dash}${first}`];
    return [...(above === "" ? [] : [column + above]), ...head, ...rest.map((line) => (line === "" ? "" : column + inner + line))].join("\n");
  });
  const text = `# top\non: push\njobs:\n  a:\n    runs-on: x\n    steps:\n${items.join(blank ? "\n\n" : "\n")}\n  b: # last\n    runs-on: x\n    steps:\n      - run: e\n`;
  return (end ? text : text.slice(0, -1)).replaceAll("\n", lineBreak);
}

const buildx = { name: "Set up Docker Buildx", uses: "docker/setup-buildx-action@0123456789012345678901234567890123456789", comment: "v4.1.0" };
const edits: Readonly<Record<string, (at: (index: number) => StepPlace, index: number, count: number) => FileEdit | undefined>> = {
  insert: (at, index) => insertSteps([buildx], "before", at(index)),
  append: (at, index) => insertSteps([buildx], "after", at(index)),
  move: (at, index, count) => moveStep(at(index), at((index + 2) % count)),
  remove: (at, index) => removeStep(at(index)),
  condition: (at, index) => setCondition(at(index), "github.event_name == 'push'"),
  copy: (at, index, count) => copyCondition(at((index + 1) % count), at(index)),
  input: (at, index) => setInput(at(index), "x", "1"),
  inputs: (at, index) => addInputs(at(index), { load: true, tags: "a\nb\n" }),
  less: (at, index) => removeInput(at(index), "x"),
};

describe("an edit, whatever the layout", () => {
  test.each(Object.keys(edits))("%s: the file is read again without a complaint, other lines stay, and line ends are the file's", (kind) => {
    let made = 0;
    const property = fc.property(layout, fc.array(step, { minLength: 2, maxLength: 4 }), fc.nat(), (how, steps, at) => {
      const text = written(how, steps);
      const file = { name: "ci.yml", text };
      const index = at % steps.length;
      const edit = edits[kind]?.((i) => ({ file, route: ["jobs", "a", "steps", i] }), index, steps.length);
      if (edit === undefined) return;
      const outcome = applyFix({ with: undefined, safety: "safe", edits: [edit] }, () => text);
      // A comment between a step's keys, or a key that cannot be taken out without one, is refused and never mangled.
      if ("refused" in outcome) return;
      made++;
      const after = outcome.texts.get("ci.yml") as string;
      expect(readWorkflow({ name: "ci.yml", text: after }).complaints.map(({ message }) => message)).toEqual(
        readWorkflow(file).complaints.map(({ message }) => message),
      );
      const strange = how.lineBreak === "\n" ? /\r/ : /[^\r]\n/;
      expect(after).not.toMatch(strange);
      expect(after.endsWith(how.lineBreak)).toBe(how.end);
      const [head, tail] = [text.slice(0, text.indexOf("    steps:")), text.slice(text.indexOf("  b: # last"))];
      expect([after.startsWith(head), after.endsWith(tail)]).toEqual([true, true]);
    });
    fc.assert(property, { numRuns: 60 });
    expect(made).toBeGreaterThan(5);
  });

  test("a step put in is put in once, and taking its lines out gives the file as it was", () => {
    const property = fc.property(layout, fc.array(step, { minLength: 1, maxLength: 4 }), fc.nat(), (how, steps, at) => {
      const text = written(how, steps);
      const index = at % steps.length;
      const place = (now: string, i: number): StepPlace => ({ file: { name: "ci.yml", text: now }, route: ["jobs", "a", "steps", i] });
      const edit = insertSteps([buildx], "before", place(text, index)) as FileEdit;
      const outcome = applyFix({ with: undefined, safety: "safe", edits: [edit] }, () => text);
      if ("refused" in outcome) throw new Error(`${outcome.refused}\n${text}`);
      const after = outcome.texts.get("ci.yml") as string;
      expect(insertSteps([buildx], "before", place(after, index + 1))).toBeUndefined();
      const removed = removeStep(place(after, index)) as FileEdit;
      const back = applyFix({ with: undefined, safety: "safe", edits: [removed] }, () => after);
      expect("refused" in back ? back.refused : back.texts.get("ci.yml")).toBe(text);
    });
    fc.assert(property, { numRuns: 150 });
  });
});
