import type { Assumptions } from "../workflow/expression/assumptions.ts";
import type { Contexts } from "../workflow/expression/data.ts";
import { evaluate } from "../workflow/expression/evaluate.ts";
import { asExpression } from "../workflow/interpolation.ts";
import type { Job, Step, Workflow } from "../workflow/model.ts";
import { readCondition } from "../workflow/read-step.ts";
import type { Node } from "../workflow/tree.ts";
import type { Sources } from "./study-sources.ts";

/** Contexts that come of the way a workflow is started. */
const OF_THE_START = /\b(?:github|inputs|secrets|vars)\b/i;
const OF_THE_EVENT = /\bgithub\b/i;

/** The expressions of a job that can tell one start of its workflow from another. */
export interface StartExpressions {
  /** Of the workflow's file. */
  readonly own: readonly string[];
  /** Of composite actions, whose inputs are others. */
  readonly ofActions: readonly string[];
}

/** Reads them, with those of the composite actions that its steps use. */
export function startExpressions(workflow: Workflow, job: Job, sources: Sources): StartExpressions {
  const own = new Set<string>();
  if (workflow.env !== undefined) gather(workflow.env, own);
  gather(job.node, own);
  const ofActions = new Set<string>();
  const seen = new Set<string>();
  const follow = (steps: readonly Step[]): void => {
    for (const { uses } of steps) {
      if (uses?.target.kind !== "local" || seen.has(uses.target.path)) continue;
      seen.add(uses.target.path);
      const action = sources.action(uses.target.path);
      if (action === undefined) continue;
      gather(action.node, ofActions);
      if (action.runs.kind === "composite") follow(action.runs.steps);
    }
  };
  follow(job.steps);
  return { own: [...own].filter((text) => OF_THE_START.test(text)), ofActions: [...ofActions].filter((text) => OF_THE_EVENT.test(text)) };
}

function gather(node: Node, into: Set<string>): void {
  if (node.kind === "sequence") for (const item of node.items) gather(item, into);
  if (node.kind === "scalar") for (const { text } of node.expressions) into.add(text);
  if (node.kind !== "mapping") return;
  // A condition may stand without braces.
  const condition = readCondition(node);
  if (condition !== undefined) into.add(condition.isText ? asExpression(condition.scalar) : condition.expression);
  for (const { value } of node.entries) gather(value, into);
}

/** What those expressions come to, as text: the same for two starts exactly when a job cannot tell them apart by its expressions. */
export function startKey({ own, ofActions }: StartExpressions, contexts: Contexts, assumptions: Assumptions, known: Map<string, string>): string {
  const start: Contexts = pick(contexts, ["github", "inputs", "secrets"]);
  const event: Contexts = pick(contexts, ["github"]);
  return [...own.map((text) => kept(known, text, start, assumptions)), ...ofActions.map((text) => kept(known, `\n${text}`, event, assumptions))].join("\n");
}

function kept(known: Map<string, string>, key: string, contexts: Contexts, assumptions: Assumptions): string {
  let told = known.get(key);
  if (told === undefined) {
    const value = evaluate(key.trimStart(), contexts, { assumptions });
    told =
      value.kind === "known" ? JSON.stringify(value.data) : value.kind === "unknown" ? `?${value.residual}|${value.atoms.join(";")}|${value.truthiness}` : "!";
    known.set(key, told);
  }
  return told;
}

const pick = (contexts: Contexts, names: readonly string[]): Contexts => Object.fromEntries(Object.entries(contexts).filter(([name]) => names.includes(name)));
