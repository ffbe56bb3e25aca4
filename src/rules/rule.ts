import type { Place } from "../core/span.ts";
import type { Dockerfile } from "../dockerfile/ast.ts";
import type { Confidence, Fact, Prediction, Remedy, Severity } from "../findings/finding.ts";
import type { Build } from "../simulate/operation.ts";
import type { Event, JobStudy, Study, Trace, TracedStep, WorkflowStudy } from "../simulate/trace.ts";
import type { DockerfileUse, StageUse } from "./dockerfile-use.ts";

export interface RuleMeta {
  /** Names the bad pattern, so that "ignore NAME" reads right. The folder's name. */
  readonly id: string;
  /** One sentence, lower-case, no full stop. */
  readonly summary: string;
  /** Of its findings unless one says otherwise. */
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Whether its remedies hold edits. */
  readonly fix: "none" | "sometimes" | "always";
  /** Entries of the failure catalogue (`data/failures.json`) that it finds. */
  readonly covers: readonly string[];
  /** It goes by what registries tell, and finds nothing where nobody asks them (`--online`). */
  readonly online?: true;
}

/** A check. It answers at the narrowest level it needs; what is there is called for each of its kind. */
export interface Rule {
  readonly meta: RuleMeta;
  /** Each build that is asked for, in each trace. Builds that only ask (`--print`) are left out. */
  build?(at: BuildEvent, report: Report): void;
  /** Each operation, in each trace. */
  event?(event: Event, trace: Trace, report: Report): void;
  /** Each step that runs or may run, in each trace. */
  step?(step: TracedStep, trace: Trace, report: Report): void;
  trace?(trace: Trace, report: Report): void;
  job?(job: JobStudy, workflow: WorkflowStudy, report: Report): void;
  workflow?(workflow: WorkflowStudy, report: Report): void;
  /** Each Dockerfile with all that is built from it in the repository. */
  dockerfile?(use: DockerfileUse, report: Report): void;
  study?(study: Study, report: Report): void;
}

export interface BuildEvent {
  readonly build: Build;
  readonly event: Event & { readonly operation: Build };
  readonly trace: Trace;
  /** The stages that it needs, read when they are asked for; undefined when its Dockerfile is not at hand. */
  readonly stages?: readonly StageUse[] | undefined;
  /** The Dockerfile that they are of. */
  readonly dockerfile?: Dockerfile | undefined;
  /** The job with all its walks, for what an edit of it has to know; undefined where the walk is of a workflow that the job calls. */
  readonly home?: BuildHome | undefined;
}

export interface BuildHome {
  readonly job: JobStudy;
  readonly workflow: WorkflowStudy;
}

/** Tells a finding. Those of one rule with the same place and `cause key` become one, with all their traces. */
export type Report = (told: Told) => void;

export interface Told {
  readonly message: string;
  readonly place: Place;
  readonly cause: string;
  readonly facts?: readonly Fact[];
  readonly log?: Prediction | undefined;
  /** A function is asked once a finding, not once a trace. */
  readonly remedies?: readonly Remedy[] | (() => readonly Remedy[]);
  readonly severity?: Severity;
  readonly confidence?: Confidence;
  /** The traces it was seen in. Absent: the trace at hand (`build`, `event`, `step`, `trace`), else it holds whatever happens, as when it is empty. */
  readonly traces?: readonly Trace[];
  /**
   * All traces in which the place was reached at all: what `when` is told by. Absent: those of the same job in which the same step runs or may run
   * (`build`, `event`, `step`), else all of the same job.
   */
  readonly among?: readonly Trace[];
  /** Tells causes at one place apart; absent: the message. */
  readonly key?: string;
}

export const defineRule = (rule: Rule): Rule => rule;

export const isBuildEvent = (event: Event): event is BuildEvent["event"] => event.operation.kind === "build";
