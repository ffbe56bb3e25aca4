import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { corpusFolder } from "../../test/harness/corpus.ts";
import { expandMatrix } from "./matrix.ts";
import { readAction } from "./read-action.ts";
import { readWorkflow } from "./read-workflow.ts";
import { scenariosOf } from "./scenario.ts";
import type { Node } from "./tree.ts";
import { entriesOf } from "./tree.ts";

const CORPUS = corpusFolder();

/** Workflows and actions of the corpus, by path. */
function files(): { name: string; text: string; isAction: boolean }[] {
  return readdirSync(CORPUS, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => ({ name, text: readFileSync(join(CORPUS, name), "utf8") }))
    .flatMap((file) => {
      const isAction = /^runs:/m.test(file.text);
      return isAction || (/^["']?on["']?:/m.test(file.text) && /^jobs:/m.test(file.text)) ? [{ ...file, isAction }] : [];
    });
}

function read(file: { name: string; text: string; isAction: boolean }) {
  if (file.isAction) {
    const { action, complaints } = readAction(file);
    return { root: action?.node, said: complaints };
  }
  const { workflow, complaints } = readWorkflow(file);
  return { root: workflow?.node, said: complaints };
}

describe.skipIf(!existsSync(CORPUS))("real files (the corpus is not part of the repository)", () => {
  const all = existsSync(CORPUS) ? files() : [];
  const complaints: string[] = [];

  test("are read, with every expression at its place", () => {
    expect(all.length).toBeGreaterThan(50);
    for (const file of all) {
      const { root, said } = read(file);
      complaints.push(...said.map(({ message }) => `${file.name}: ${message}`));
      for (const place of expressionPlaces(root)) expect(file.text.slice(place.start, place.end), file.name).toMatch(/^\$\{\{[\s\S]*\}\}$/);
    }
    // Two in a hundred have a real mistake.
    expect(complaints.length / all.length, complaints.join("\n")).toBeLessThan(0.1);
  });

  test("have scenarios and matrices", () => {
    for (const file of all.filter(({ isAction }) => !isAction)) {
      const { workflow } = readWorkflow(file);
      if (workflow === undefined) continue;
      const scenarios = scenariosOf(workflow);
      expect(scenarios.length, file.name).toBeGreaterThan(0);
      for (const job of workflow.jobs)
        for (const scenario of scenarios) expect(expandMatrix(job.strategy?.matrix, scenario.contexts).tooMany, file.name).toBe(false);
    }
  });
});

function* expressionPlaces(node: Node | undefined): Generator<{ start: number; end: number }> {
  if (node?.kind === "scalar") for (const { span } of node.expressions) yield span;
  if (node?.kind === "sequence") for (const item of node.items) yield* expressionPlaces(item);
  for (const { value } of entriesOf(node)) yield* expressionPlaces(value);
}
