import type { FileEdit } from "../../src/findings/finding.ts";
import { applyFix } from "../../src/fix/apply.ts";
import type { StepPlace } from "../../src/simulate/trace.ts";

/** An edit of the step with that index. */
export type EditStep = (at: (index: number) => StepPlace) => FileEdit | undefined;

/** The text after an edit, or `undefined` when there is none, or why it is refused. Steps are those of `jobs.a`, or of a composite action. */
export function edited(text: string, edit: EditStep): string {
  const file = { name: "ci.yml", text };
  const route = /^runs:/m.test(text) ? ["runs", "steps"] : ["jobs", "a", "steps"];
  const made = edit((index) => ({ file, route: [...route, index] }));
  if (made === undefined) return "undefined";
  const outcome = applyFix({ with: undefined, safety: "safe", edits: [made] }, () => text);
  return "refused" in outcome ? `refused: ${outcome.refused}` : (outcome.texts.get("ci.yml") as string);
}

/** A workflow with these steps in its job `a`. */
export const jobOf = (steps: string): string => `jobs:\n  a:\n    runs-on: x\n    steps:\n${steps}`;
