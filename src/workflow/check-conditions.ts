import type { Complaints } from "./complaints.ts";
import { parseExpression } from "./expression/parse.ts";
import { allowedIn } from "./github-check.ts";
import type { Condition, Job, Step } from "./model.ts";

/** Complains of conditions written without braces, which the schema check takes for plain text. */
export function checkConditions(jobs: readonly Job[], complaints: Complaints): void {
  for (const job of jobs) {
    check(job.if, allowedIn("job-if"), complaints);
    checkStepConditions(job.steps, complaints);
  }
}

export function checkStepConditions(steps: readonly Step[], complaints: Complaints): void {
  for (const step of steps) check(step.if, allowedIn("step-if"), complaints);
}

function check(condition: Condition | undefined, allowed: readonly string[], complaints: Complaints): void {
  if (condition === undefined || condition.scalar.expressions.length > 0 || condition.expression === "") return;
  const parsed = parseExpression(condition.expression, allowed);
  if (!parsed.ok) complaints.error(condition.scalar.span, parsed.mistake.message);
}
