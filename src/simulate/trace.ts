import type { Complaint } from "../core/complaint.ts";
import type { SourceFile } from "../core/span.ts";
import type { MatrixRow } from "../workflow/matrix.ts";
import type { Job, Step, Workflow } from "../workflow/model.ts";
import type { Scenario } from "../workflow/scenario.ts";
import type { Route } from "../yaml/route.ts";
import type { Environment } from "./environment.ts";
import type { Operation } from "./operation.ts";
import type { Text } from "./text.ts";

/** What the simulation of a repository saw. */
export interface Study {
  readonly workflows: readonly WorkflowStudy[];
  /** Mistakes of files (workflows, actions, bake files, Dockerfiles, Makefiles) that were read on the way; each once. */
  readonly complaints: readonly Complaint[];
  /** `YYYY-MM-DD`: which row of dated facts was taken. */
  readonly asOf: string;
}

export interface WorkflowStudy {
  readonly file: SourceFile;
  readonly workflow: Workflow;
  readonly scenarios: readonly Scenario[];
  readonly jobs: readonly JobStudy[];
}

/** A job under every scenario, matrix row and assumption in which it runs. */
export interface JobStudy {
  readonly job: Job;
  readonly workflow: Workflow;
  readonly traces: readonly Trace[];
  /** Not every way was walked: the limit was reached. */
  readonly cut: boolean;
}

/** One walk through a job. Of a job that calls a reusable workflow: one walk through one job of the called one, when its file is at hand. */
export interface Trace {
  readonly workflow: Workflow;
  readonly job: Job;
  /** From the calling job, outermost first; empty for a job of the workflow itself. `job` is the called one then. */
  readonly calledFrom: readonly StepPlace[];
  readonly scenario: Scenario;
  readonly row: MatrixRow;
  /** `Study.asOf`. */
  readonly asOf: string;
  /** What this walk assumes of what the files do not tell, in the order in which it came up. */
  readonly assumed: readonly Assumed[];
  readonly start: Environment;
  readonly steps: readonly TracedStep[];
  /** Operations of all steps in order. */
  readonly events: readonly Event[];
}

export interface Assumed {
  /** An atom: `secrets.TOKEN`, `steps.a.outputs.b == 'x'`. */
  readonly atom: string;
  readonly value: boolean;
}

/** Where a step or job stands: what a fix needs to reach it. */
export interface StepPlace {
  readonly file: SourceFile;
  /** `["jobs", "build", "steps", 2]`, `["runs", "steps", 0]`, or `["jobs", "call"]` for a job with `uses`. */
  readonly route: Route;
}

export interface TracedStep {
  readonly step: Step;
  readonly place: StepPlace;
  /** Steps of composite actions: the steps that call, outermost first. */
  readonly calledFrom: readonly StepPlace[];
  /** Position in the walk (composites flattened). */
  readonly index: number;
  /** `maybe`: its condition hangs on what is unknown, and it was not worth a split; its operations are then not sure. */
  readonly runs: "yes" | "no" | "maybe";
  /** The action as `owner/repo[/path]` in lower case, where it is one. */
  readonly action: string | undefined;
  /** Values of `with` (and defaults of a known action) by lower-case name. Expressions filled in. */
  readonly inputs: ReadonlyMap<string, Text>;
  readonly before: Environment;
}

/** An operation as it happened. */
export interface Event {
  readonly operation: Operation;
  readonly step: TracedStep;
  readonly before: Environment;
  readonly after: Environment;
  /** False under an `if` of the script, or in a step that may not run. */
  readonly sure: boolean;
}

/** Every event of a kind, in order. */
export function eventsOf<K extends Operation["kind"]>(trace: Trace, kind: K): readonly (Event & { readonly operation: Extract<Operation, { kind: K }> })[] {
  return trace.events.filter((event): event is Event & { readonly operation: Extract<Operation, { kind: K }> } => event.operation.kind === kind);
}
