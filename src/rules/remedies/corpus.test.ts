import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { corpusFolder } from "../../../test/harness/corpus.ts";
import { someOf } from "../../../test/harness/some-of.ts";
import type { SourceFile } from "../../core/span.ts";
import type { FileEdit } from "../../findings/finding.ts";
import { applyFix } from "../../fix/apply.ts";
import type { StepPlace } from "../../simulate/trace.ts";
import { parseYaml } from "../../yaml/parse.ts";
import type { Route } from "../../yaml/route.ts";
import type { YamlNode } from "../../yaml/tree.ts";
import { bumpAction, newestAs } from "./actions.ts";
import { setInput } from "./inputs.ts";
import { insertSteps } from "./insert-step.ts";
import { scalarIn } from "./layout.ts";
import { setCondition } from "./steps.ts";

/** Real workflows, which are not part of the project: see its README. */
const corpus = corpusFolder();
const AS_OF = "2026-08-21";

/** Every step that is written out and builds, in the file's order. */
function buildingSteps(file: SourceFile): StepPlace[] {
  const found: StepPlace[] = [];
  const visit = (node: YamlNode, route: Route): void => {
    if (node.kind === "mapping") {
      const uses = scalarIn(node, "uses")?.text ?? "";
      if (typeof route.at(-1) === "number" && /^docker\/(?:build-push|bake)-action@/.test(uses)) found.push({ file, route });
      for (const { key, value } of node.entries) visit(value, [...route, key.text]);
    }
    if (node.kind === "sequence") for (const [i, item] of node.items.entries()) visit(item, [...route, i]);
  };
  const { root } = parseYaml(file);
  if (root !== undefined) visit(root, []);
  return found;
}

function made(edit: FileEdit): SourceFile | string {
  const { file } = edit;
  const outcome = applyFix({ with: undefined, safety: "safe", edits: [edit] }, () => file.text);
  return "refused" in outcome ? outcome.refused : { name: file.name, text: outcome.texts.get(file.name) as string };
}

/** Taking the new lines away gives the file as it was. */
function isOnlyAdded(before: string, after: string): boolean {
  const rest = after.split("\n");
  let at = 0;
  for (const line of before.split("\n")) {
    at = rest.indexOf(line, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

const next = ({ route }: StepPlace): Route => [...route.slice(0, -1), (route.at(-1) as number) + 1];

test("real workflows: an edit of a building step is made, keeps every other line, and is made once", { timeout: 120_000 }, (context) => {
  context.skip(!existsSync(corpus), `there is no corpus at ${corpus}`);
  const seen = new Set<string>();
  const failures: string[] = [];
  let inserted = 0;
  for (const name of someOf(
    readdirSync(corpus, { recursive: true, encoding: "utf8" }).filter((file) => /\.ya?ml$/.test(file)),
    6,
  )) {
    const text = readFileSync(join(corpus, name), "utf8");
    if (seen.has(text)) continue;
    seen.add(text);
    const file = { name, text };
    for (const place of buildingSteps(file)) {
      const where = `${name} ${place.route.join(".")}`;
      const buildx = newestAs(file, "docker/setup-buildx-action", AS_OF);
      const steps = [{ name: "Set up Docker Buildx", ...(buildx as NonNullable<typeof buildx>) }];
      const edit = insertSteps(steps, "before", place);
      // It stands there already.
      if (edit === undefined) continue;
      const after = made(edit);
      if (typeof after === "string") {
        failures.push(`${where}: ${after}`);
        continue;
      }
      inserted++;
      if (!isOnlyAdded(text, after.text)) failures.push(`${where}: a line is other than it was`);
      if (insertSteps(steps, "before", { file: after, route: next(place) }) !== undefined) failures.push(`${where}: it would be put in twice`);
      const edits = {
        bump: (at: StepPlace) => bumpAction(at, AS_OF),
        input: (at: StepPlace) => setInput(at, "sbom", "true"),
        condition: (at: StepPlace) => setCondition(at, "github.ref_type == 'tag'"),
      };
      for (const [kind, editOf] of Object.entries(edits)) {
        const once = editOf({ file: after, route: next(place) });
        if (once === undefined) continue;
        const then = made(once);
        if (typeof then === "string") failures.push(`${where}: ${kind}: ${then}`);
        else if (editOf({ file: then, route: next(place) }) !== undefined) failures.push(`${where}: ${kind} would be made twice`);
      }
    }
  }
  expect(failures).toEqual([]);
  expect(inserted).toBeGreaterThan(0);
});
