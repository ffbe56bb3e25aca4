import { type Assumptions, assumptionOf } from "../workflow/expression/assumptions.ts";
import { type Contexts, type Given, open } from "../workflow/expression/data.ts";
import { asExpression } from "../workflow/interpolation.ts";
import { expandMatrix, type MatrixRow } from "../workflow/matrix.ts";
import type { Job, Workflow } from "../workflow/model.ts";
import type { Scenario } from "../workflow/scenario.ts";
import type { Node, Scalar } from "../workflow/tree.ts";
import { calledWorkflow, contextsOfCall, outputsOfCall } from "./call-workflow.ts";
import { conditionHolds } from "./condition.ts";
import type { Environment } from "./environment.ts";
import { optionsOf, type Scope } from "./evaluate-text.ts";
import { isShared, type JobResult, type NeedState, NO_NEED, needState, type Outcome } from "./job-needs.ts";
import { inOrder, jobKey } from "./job-order.ts";
import { startKey } from "./job-share.ts";
import { atomOfExpression } from "./job-start.ts";
import { bothWays, type Supposition, supposed, waysThrough } from "./job-ways.ts";
import { eventOf, type KnownJobs } from "./known-jobs.ts";
import type { StepPlace, Trace } from "./trace.ts";
import { MOST_PATHS, MOST_WALKS } from "./walk-limits.ts";
import type { StudySetting } from "./walk-setting.ts";

/** One run of a workflow: by an event, or by a call. */
export interface RunSetting {
  readonly study: StudySetting;
  readonly known: KnownJobs;
  readonly workflow: Workflow;
  readonly scenario: Scenario;
  /** `github`, `inputs`, `secrets`. */
  readonly contexts: Contexts;
  readonly supposition: Supposition;
  readonly calledFrom: readonly StepPlace[];
  /** Paths of the workflows that led here, this one last. */
  readonly stack: readonly string[];
  readonly prepare: (start: Environment) => Environment;
  readonly stepsRoute: ((job: Job) => readonly (string | number)[]) | undefined;
}

/** Walks every job of one run, each behind those it needs. By lower-case id. */
export function walkRun(run: RunSetting): ReadonlyMap<string, JobResult> {
  if (run.calledFrom.length > 0) run.study.reached.add(run.workflow.file.name);
  const results = new Map<string, JobResult>();
  const told = new Map<string, string>();
  for (const job of inOrder(run.workflow)) results.set(jobKey(job.id.text), walkJob(run, job, results, told));
  return results;
}

function walkJob(run: RunSetting, job: Job, results: ReadonlyMap<string, JobResult>, told: Map<string, string>): JobResult {
  if (job.uses !== undefined) return new JobRun(run, job, results).walk();
  const { known, contexts, supposition, calledFrom } = run;
  const expressions = known.expressions(run.workflow, job, run.study);
  const key = [
    known.numberOf(job),
    ...calledFrom.map((place) => known.numberOf(place)),
    JSON.stringify(supposition.assumed),
    ...job.needs.map((need) => known.seenNumber(results.get(jobKey(need.text)))),
    startKey(expressions, contexts, supposition.assumptions, told),
  ].join("\n");
  const eventKey = (): string => eventOf(contexts);
  const found = known.find(job, key, eventKey);
  if (found !== undefined) return { ...found, traces: found.traces.map((trace) => ({ ...trace, scenario: run.scenario })) };
  const jobRun = new JobRun(run, job, results);
  const result = jobRun.walk();
  known.keep(job, key, eventKey, jobRun.readsGithub, result);
  return result;
}

/** One job in one run. */
class JobRun {
  readonly #run: RunSetting;
  readonly #job: Job;
  readonly #results: ReadonlyMap<string, JobResult>;
  readonly #traces: Trace[] = [];
  readonly #outcomes: Outcome[] = [];
  #cut = false;
  readsGithub = false;

  constructor(run: RunSetting, job: Job, results: ReadonlyMap<string, JobResult>) {
    this.#run = run;
    this.#job = job;
    this.#results = results;
  }

  walk(): JobResult {
    const open: Supposition[] = [this.#run.supposition];
    let settled = 0;
    for (let supposition = open.shift(); supposition !== undefined; supposition = open.shift()) {
      const atom = this.#settle(supposition);
      if (atom === undefined) settled++;
      else if (settled + open.length + 2 <= MOST_PATHS) open.push(...bothWays(supposition, atom));
      else {
        this.#cut = true;
        open.push(supposed(supposition, atom, true));
      }
    }
    return { traces: this.#traces, outcomes: this.#outcomes, cut: this.#cut };
  }

  /** Runs the job, or not, as it must be under what is supposed; gives an atom where that does not tell. */
  #settle(supposition: Supposition): string | undefined {
    const needs = this.#job.needs.map((need): [string, NeedState] => {
      const result = this.#results.get(jobKey(need.text));
      return [need.text, result === undefined ? NO_NEED : needState(result, supposition.assumptions)];
    });
    const unsettled = needs.find(([, { atom }]) => atom !== undefined)?.[1].atom;
    if (unsettled !== undefined) return unsettled;
    const succeeded = needs.every(([, state]) => state.succeeded !== false);
    const { workflow, contexts } = this.#run;
    const scope: Scope = {
      file: workflow.file,
      contexts: { ...contexts, needs: Object.fromEntries(needs.map(([id, { given }]): [string, Given] => [id, given])) },
      assumptions: supposition.assumptions,
      saw: () => undefined,
    };
    const truth = conditionHolds(this.#job.if, scope, succeeded ? "success" : "skipped");
    if (truth.kind === "unknown" && truth.atoms[0] !== undefined && assumptionOf(supposition.assumptions, truth.atoms[0]) === undefined) return truth.atoms[0];
    if (truth.kind === "false") {
      this.#outcomes.push({ assumed: supposition.assumed, ran: false, succeeded: false, outputs: new Map() });
      return undefined;
    }
    const matrixAtom = atomOfMatrix(this.#job, scope);
    if (matrixAtom !== undefined) return matrixAtom;
    const { rows } = expandMatrix(this.#job.strategy?.matrix, scope.contexts, optionsOf(scope));
    rows.forEach((row, i) => {
      const strategy = open({ "job-index": i, "job-total": rows.length });
      const inRow: Scope = { ...scope, contexts: { ...scope.contexts, matrix: row.values, strategy } };
      if (this.#job.uses !== undefined) this.#call(row, inRow, supposition, succeeded);
      else this.#steps(row, inRow, supposition, succeeded);
    });
    return undefined;
  }

  #steps(row: MatrixRow, scope: Scope, supposition: Supposition, succeeded: boolean): void {
    const { study, workflow, scenario, calledFrom, prepare, stepsRoute, known } = this.#run;
    const walks = known.walks.get(this.#job) ?? 0;
    if (walks >= MOST_WALKS || study.budget.steps <= 0) {
      this.#cut = true;
      return;
    }
    const setting = {
      study,
      workflow,
      job: this.#job,
      scenario,
      row,
      contexts: scope.contexts,
      calledFrom,
      stepsRoute: stepsRoute?.(this.#job) ?? ["jobs", this.#job.id.text, "steps"],
      prepare,
      readsGithub: (): void => {
        this.readsGithub = true;
      },
    };
    const { ways, cut } = waysThrough(setting, supposition, Math.min(MOST_PATHS, MOST_WALKS - walks));
    known.walks.set(this.#job, walks + ways.length);
    this.#cut ||= cut;
    for (const { trace, assumed, outputs } of ways) {
      this.#traces.push(trace);
      this.#outcomes.push({ assumed, ran: true, succeeded, outputs });
    }
  }

  #call(row: MatrixRow, scope: Scope, supposition: Supposition, succeeded: boolean): void {
    const { study, scenario, calledFrom, stack, prepare } = this.#run;
    const called = calledWorkflow(this.#job, stack, scope, study);
    study.budget.steps -= STEPS_OF_A_CALL;
    this.#cut ||= study.budget.steps <= 0;
    if (called === undefined || study.budget.steps <= 0) {
      this.#outcomes.push({ assumed: supposition.assumed, ran: true, succeeded, outputs: undefined });
      return;
    }
    const place: StepPlace = { file: scope.file, route: ["jobs", this.#job.id.text] };
    const inside: RunSetting = {
      study,
      known: this.#run.known,
      workflow: called,
      scenario,
      contexts: contextsOfCall(this.#job, called, scope),
      supposition: { assumptions: sharedOf(supposition.assumptions), assumed: supposition.assumed },
      calledFrom: [...calledFrom, place],
      stack: [...stack, called.file.name],
      prepare,
      stepsRoute: undefined,
    };
    const results = walkRun(inside);
    for (const result of results.values()) {
      this.#traces.push(...result.traces.map((trace) => ({ ...trace, row: trace.row.name === "" ? row : trace.row })));
      this.#cut ||= result.cut;
    }
    const outputs = outputsOfCall(called, results, { ...scope, contexts: inside.contexts, assumptions: inside.supposition.assumptions });
    this.#outcomes.push({ assumed: supposition.assumed, ran: true, succeeded, outputs });
  }
}

/** What a call counts, also of a workflow that has no steps: those that call several others each are soon very many. */
const STEPS_OF_A_CALL = 20;

/** What still means the same in another workflow. */
const sharedOf = (assumptions: Assumptions): Assumptions =>
  new Map([...assumptions].filter(([atom]) => (isShared(atom) && !/\b(?:needs|jobs)\b/.test(atom)) || atom.includes("needs.*")));

function atomOfMatrix(job: Job, scope: Scope): string | undefined {
  for (const scalar of scalarsWithin(job.strategy?.matrix)) {
    const atom = atomOfExpression(asExpression(scalar), scope);
    if (atom !== undefined && assumptionOf(scope.assumptions, atom) === undefined) return atom;
  }
  return undefined;
}

function* scalarsWithin(node: Node | undefined): Generator<Scalar> {
  if (node?.kind === "scalar" && node.expressions.length > 0) yield node;
  if (node?.kind === "sequence") for (const item of node.items) yield* scalarsWithin(item);
  if (node?.kind === "mapping") for (const { value } of node.entries) yield* scalarsWithin(value);
}
