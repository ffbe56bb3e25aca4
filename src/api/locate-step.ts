import type { LocatedStep } from "../explain/explain-report.ts";
import type { Where } from "../explain/explanation.ts";
import type { Job, Step, Workflow } from "../workflow/model.ts";
import type { Scalar } from "../workflow/tree.ts";

/** Steps of the workflows that a step in a log may be: those that share most with it. */
export function locateStep(where: Where, workflows: readonly Workflow[]): readonly LocatedStep[] {
  const { step: head } = where;
  if (head === undefined) return [];
  const found: { readonly step: LocatedStep; readonly score: number }[] = [];
  for (const workflow of workflows)
    for (const job of workflow.jobs)
      for (const step of job.steps) {
        const score = head.uses === undefined ? scriptScore(head.name, step) : actionScore(head.uses, head.with, step);
        if (score === undefined) continue;
        found.push({ step: { job: job.id.text, place: { file: workflow.file, span: step.node.span } }, score: score + jobScore(where.job, job) });
      }
  const best = Math.max(...found.map(({ score }) => score));
  return found.filter(({ score }) => score === best).map(({ step }) => step);
}

/** Inputs that are the same in both; undefined when it is another action, or an input says something else. */
function actionScore(uses: string, given: Readonly<Record<string, string>>, step: Step): number | undefined {
  if (step.uses === undefined || step.uses.scalar.text.trim() !== uses) return undefined;
  let score = 1;
  for (const { key, value } of step.with) {
    if (value.kind !== "scalar") return undefined;
    const logged = given[key.text];
    if (logged === undefined) continue;
    if (!fits(value, logged.trim())) return undefined;
    if (value.expressions.length === 0) score++;
  }
  return score;
}

function scriptScore(name: string, step: Step): number | undefined {
  if (step.run === undefined) return undefined;
  const [line = ""] = step.run.text.trimStart().split("\n", 1);
  const text = line.trim();
  const within = step.run.expressions.length > 0 ? undefined : text;
  if (within !== undefined) return text === name.trim() ? LITERAL_SCRIPT : undefined;
  return matchesParts(text.split(EXPRESSION), name.trim()) ? 1 : undefined;
}

const LITERAL_SCRIPT = 2;
const EXPRESSION = /\$\{\{.*?\}\}/s;

function jobScore(name: string | undefined, job: Job): number {
  if (name === undefined) return 0;
  const own = job.name?.text ?? job.id.text;
  // The runner adds the matrix row in parentheses.
  const plain = name.replace(/ \(.*\)$/, "");
  return own === name || own === plain || job.id.text === plain || plain.endsWith(` / ${own}`) ? JOB_WEIGHT : 0;
}

const JOB_WEIGHT = 100;

const fits = (value: Scalar, logged: string): boolean =>
  value.expressions.length === 0 ? value.text.trim() === logged : matchesParts(value.text.trim().split(EXPRESSION), logged);

/** Whether the parts stand in the text in this order, the first at its beginning and the last at its end. */
function matchesParts(parts: readonly string[], text: string): boolean {
  if (!text.startsWith(parts[0] ?? "") || !text.endsWith(parts.at(-1) ?? "")) return false;
  let at = 0;
  for (const part of parts) {
    const next = text.indexOf(part, at);
    if (next === -1) return false;
    at = next + part.length;
  }
  return true;
}
