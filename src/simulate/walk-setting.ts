import type { Contexts } from "../workflow/expression/data.ts";
import type { MatrixRow } from "../workflow/matrix.ts";
import type { Job, Workflow } from "../workflow/model.ts";
import type { Scenario } from "../workflow/scenario.ts";
import type { Route } from "../yaml/route.ts";
import type { Environment } from "./environment.ts";
import type { Readers } from "./readers.ts";
import type { Sources } from "./study-sources.ts";
import type { StepPlace } from "./trace.ts";

/** What all walks of one study have in common. */
export interface StudySetting {
  readonly readers: Readers;
  readonly sources: Sources;
  readonly asOf: string;
  /** Steps that may still be walked. */
  readonly budget: { steps: number };
  /** Paths of workflows that a walk came to by a call. */
  readonly reached: Set<string>;
}

/** What all ways through one job have in common, in one scenario and matrix row. */
export interface JobSetting {
  readonly study: StudySetting;
  readonly workflow: Workflow;
  readonly job: Job;
  readonly scenario: Scenario;
  readonly row: MatrixRow;
  /** All but those that change from step to step (`env`, `steps`) and what the runner tells. */
  readonly contexts: Contexts;
  readonly calledFrom: readonly StepPlace[];
  /** Of the list of steps. */
  readonly stepsRoute: Route;
  /** What is to be known of the machine beyond what its runner has. */
  readonly prepare: (start: Environment) => Environment;
  /** Told when something looks at the event beside expressions. */
  readonly readsGithub: () => void;
}
