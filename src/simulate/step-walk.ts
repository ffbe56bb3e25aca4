import type { SourceFile } from "../core/span.ts";
import { type Assumptions, assumptionOf } from "../workflow/expression/assumptions.ts";
import { type Contexts, type Given, open, UNKNOWN } from "../workflow/expression/data.ts";
import type { RunDefaults, Step } from "../workflow/model.ts";
import type { Route } from "../yaml/route.ts";
import { type CompositeCall, compositeCallOf, compositeOutputs } from "./call-composite.ts";
import { conditionHolds } from "./condition.ts";
import { applyOperation } from "./effects/apply.ts";
import type { Environment } from "./environment.ts";
import type { Scope } from "./evaluate-text.ts";
import { envContext, mergedVariables, type Variables, variablesOf } from "./job-variables.ts";
import type { Operation } from "./operation.ts";
import { keyAtom, matters } from "./step-matters.ts";
import { type StepMoment, type StepWork, workOf } from "./step-work.ts";
import type { Text } from "./text.ts";
import type { Event, StepPlace, TracedStep } from "./trace.ts";
import { MOST_STEPS } from "./walk-limits.ts";
import type { JobSetting } from "./walk-setting.ts";

/** A list of steps: of a job, or of a composite action that a step uses. */
export interface Frame {
  readonly file: SourceFile;
  readonly route: Route;
  readonly steps: readonly Step[];
  /** Where each stands in the file's list, which may hold what is no step. */
  readonly positions: readonly number[];
  readonly calledFrom: readonly StepPlace[];
  readonly contexts: Contexts;
  /** Of the steps that call, over the job's. */
  readonly outer: Variables;
  readonly defaults: readonly RunDefaults[];
  /** The `steps` context so far. */
  readonly results: Map<string, Given>;
  readonly runs: "yes" | "maybe";
  /** Folders of the composite actions that led here, outermost first. */
  readonly stack: readonly string[];
  readonly idPrefix: string;
}

/** How far a walk has come. */
export interface Progress {
  readonly environment: Environment;
  readonly openVariables: boolean;
  /** The first `stepCount` of these; more may have come since. */
  readonly steps: readonly TracedStep[];
  readonly stepCount: number;
  readonly events: readonly Event[];
  readonly eventCount: number;
  /** The `steps` context of the job. */
  readonly results: ReadonlyMap<string, Given>;
}

export interface WalkOptions {
  readonly assumptions: Assumptions;
  /** False: what is unknown stays so. */
  readonly maySplit: boolean;
  readonly saw: (atoms: readonly string[]) => void;
}

/** One way through the steps of a job. */
export class StepWalk {
  readonly #setting: JobSetting;
  readonly #options: WalkOptions;
  #environment: Environment;
  #openVariables: boolean;
  readonly #steps: TracedStep[];
  readonly #events: Event[];
  readonly results: Map<string, Given>;
  #resultsKept: ReadonlyMap<string, Given> = new Map();
  /** Something was left out for a limit. */
  cut = false;

  constructor(setting: JobSetting, from: Progress, options: WalkOptions) {
    this.#setting = setting;
    this.#options = options;
    this.#environment = from.environment;
    this.#openVariables = from.openVariables;
    this.#steps = from.steps.slice(0, from.stepCount);
    this.#events = from.events.slice(0, from.eventCount);
    this.results = new Map(from.results);
  }

  /** As it stands now. */
  progress(): Progress {
    // Results only ever come to it: as many are the same.
    if (this.#resultsKept.size !== this.results.size) this.#resultsKept = new Map(this.results);
    return {
      environment: this.#environment,
      openVariables: this.#openVariables,
      steps: this.#steps,
      stepCount: this.#steps.length,
      events: this.#events,
      eventCount: this.#events.length,
      results: this.#resultsKept,
    };
  }

  /** What expressions behind the last step of a frame see. */
  scopeOf(frame: Frame, variables: Variables = mergedVariables(this.#environment.variables, frame.outer), moreOpen = false): Scope {
    const isOpen = this.#openVariables || moreOpen;
    const contexts: Contexts = {
      ...frame.contexts,
      // Most steps ask for neither, and both are work to make.
      get env() {
        return envContext(variables, isOpen);
      },
      get steps() {
        return Object.fromEntries(frame.results);
      },
    };
    return { file: frame.file, contexts, assumptions: this.#options.assumptions, saw: this.#options.saw };
  }

  /** Does a step. Gives the atom to split on when that has to be known first; the walk is of no use then. */
  step(frame: Frame, at: number): string | undefined {
    const step = frame.steps[at] as Step;
    if (this.#steps.length >= MOST_STEPS || this.#setting.study.budget.steps-- <= 0) {
      this.cut = true;
      return undefined;
    }
    const around = mergedVariables(this.#environment.variables, frame.outer);
    const own = variablesOf(step.env, this.scopeOf(frame, around));
    const variables = mergedVariables(around, own.variables);
    const scope = this.scopeOf(frame, variables, own.open);
    const truth = conditionHolds(step.if, scope);
    const place: StepPlace = { file: frame.file, route: [...frame.route, frame.positions[at] as number] };
    const id = frame.idPrefix + (step.id?.text ?? `__${this.#steps.length}`);
    if (truth.kind === "false") {
      this.#record(step, place, frame, "no", undefined, new Map());
      this.#result(frame, step, { outputs: {}, outcome: "skipped", conclusion: "skipped" });
      return undefined;
    }
    const moment: StepMoment = { setting: this.#setting, scope, environment: this.#environment, variables, id, defaults: frame.defaults };
    const composite = compositeCallOf(step, frame.stack, moment);
    const work = composite === undefined ? workOf(step, moment) : undefined;
    const operations = work?.operations.map(({ operation }) => operation) ?? [];
    const runs = truth.kind === "true" ? frame.runs : "maybe";
    if (truth.kind === "unknown") {
      const atom = this.#toSplit(truth.atoms[0], () => composite?.matters ?? matters(operations, frame.file.text));
      if (atom !== undefined) return atom;
    }
    const key = this.#toSplit(keyAtom(operations, work?.inputs ?? new Map()), () => true);
    if (key !== undefined) return key;
    if (composite !== undefined) return this.#composite(frame, step, place, id, composite, runs, mergedVariables(frame.outer, own.variables));
    this.#perform(step, place, frame, runs, work as StepWork);
    return undefined;
  }

  /** The atom, when it may be assumed. Where it would be worth it and may not, something is cut. */
  #toSplit(atom: string | undefined, isWorthIt: () => boolean): string | undefined {
    if (atom === undefined || assumptionOf(this.#options.assumptions, atom) !== undefined || !isWorthIt()) return undefined;
    if (this.#options.maySplit) return atom;
    this.cut = true;
    return undefined;
  }

  #perform(step: Step, place: StepPlace, frame: Frame, runs: "yes" | "maybe", work: StepWork): void {
    const traced = this.#record(step, place, frame, runs, work.action, work.inputs);
    for (const { operation, sure } of work.operations) this.#apply(operation, traced, sure && runs === "yes");
    if (work.opensVariables) this.#openVariables = true;
    this.#result(
      frame,
      step,
      runs === "yes" ? { outputs: work.outputs, outcome: "success", conclusion: "success" } : { outputs: open({}), outcome: UNKNOWN, conclusion: UNKNOWN },
    );
  }

  #apply(operation: Operation, step: TracedStep, sure: boolean): void {
    const before = this.#environment;
    const after = applyOperation(operation, before, { sure, asOf: this.#setting.study.asOf });
    this.#environment = after;
    this.#events.push({ operation, step, before, after, sure });
  }

  #composite(frame: Frame, step: Step, place: StepPlace, id: string, call: CompositeCall, runs: "yes" | "maybe", outer: Variables): string | undefined {
    this.#record(step, place, frame, runs, undefined, call.inputs);
    const inner: Frame = {
      file: call.action.file,
      route: ["runs", "steps"],
      steps: call.steps,
      positions: call.positions,
      calledFrom: [...frame.calledFrom, place],
      contexts: call.contexts,
      outer,
      defaults: [],
      results: new Map(),
      runs,
      stack: [...frame.stack, call.path],
      idPrefix: `${id}/`,
    };
    for (let i = 0; i < inner.steps.length; i++) {
      const atom = this.step(inner, i);
      if (atom !== undefined) return atom;
    }
    const outputs = runs === "yes" ? compositeOutputs(call, this.scopeOf(inner)) : open({});
    this.#result(frame, step, runs === "yes" ? { outputs, outcome: "success", conclusion: "success" } : { outputs, outcome: UNKNOWN, conclusion: UNKNOWN });
    return undefined;
  }

  #record(step: Step, place: StepPlace, frame: Frame, runs: TracedStep["runs"], action: string | undefined, inputs: ReadonlyMap<string, Text>): TracedStep {
    const traced: TracedStep = { step, place, calledFrom: frame.calledFrom, index: this.#steps.length, runs, action, inputs, before: this.#environment };
    this.#steps.push(traced);
    return traced;
  }

  #result(frame: Frame, step: Step, result: Given): void {
    if (step.id !== undefined) frame.results.set(step.id.text, result);
  }
}
