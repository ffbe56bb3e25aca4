import type { LogLine, StepInLog } from "./explanation.ts";
import { REMEMBERED_LIMIT } from "./limits.ts";
import { type Hit, StepState } from "./step-state.ts";

/** A job's log. A log without GitHub's heads is one job with one step. */
export class JobState {
  readonly name: string | undefined;
  /** Heads of steps that ran, in order. */
  readonly heads: StepInLog[] = [];
  /** Scripts by the line of their head. */
  readonly scripts = new Map<number, string>();
  /** Actions that GitHub downloaded for the job, run or not. */
  readonly downloaded = new Set<string>();
  /** The log begins where the job begins, so that a step that is not in it did not run. */
  isWhole = false;
  readonly failed: StepState[] = [];
  /** Of steps that did not fail. */
  readonly passed: Hit[] = [];
  step = new StepState(undefined);
  #alike = new Set<string>();

  constructor(name: string | undefined) {
    this.name = name;
  }

  begin(head: StepInLog | undefined, script: string): void {
    this.endStep();
    if (head !== undefined && this.heads.length < REMEMBERED_LIMIT) {
      this.heads.push(head);
      if (script !== "") this.scripts.set(head.line, script);
    }
    this.step = new StepState(head);
  }

  endStep(): void {
    const step = this.step;
    if (step.marked !== undefined && this.failed.length < REMEMBERED_LIMIT) this.failed.push(step);
    else
      for (const hit of step.hits) {
        const texts = hit.matches.map(({ indexed }) => indexed.signature.text).join("|");
        if (this.#alike.has(texts)) continue;
        this.#alike.add(texts);
        this.passed.push(hit);
      }
  }

  /** Lines that look like errors, the first and the last. */
  errors(): LogLine[] {
    const steps = this.failed.length > 0 ? this.failed : [this.step];
    return steps.slice(0, 1).flatMap((step) => [...step.firstErrors, ...step.lastErrors]);
  }
}
