import type { Complaint } from "../core/complaint.ts";
import { assume } from "../workflow/expression/assumptions.ts";
import type { RepositoryFacts } from "../workflow/github-context.ts";
import type { Job, Workflow } from "../workflow/model.ts";
import { type Scenario, scenariosOf } from "../workflow/scenario.ts";
import { collecting } from "./create-readers.ts";
import type { Environment } from "./environment.ts";
import type { JobResult } from "./job-needs.ts";
import { jobKey } from "./job-order.ts";
import { KnownJobs } from "./known-jobs.ts";
import { afterOthers, useScenario, workflowOfAction } from "./lone-action.ts";
import type { Readers } from "./readers.ts";
import { createSources } from "./study-sources.ts";
import type { JobStudy, Study, Trace, WorkflowStudy } from "./trace.ts";
import { MOST_STUDY_STEPS, MOST_TRACES } from "./walk-limits.ts";
import { walkRun } from "./walk-run.ts";
import type { StudySetting } from "./walk-setting.ts";
import { workflowPaths } from "./workflow-paths.ts";

export interface StudyOptions {
  /** `YYYY-MM-DD`: which row of dated facts is taken. */
  readonly asOf: string;
  /** Paths of workflows and actions to study; absent: every workflow of `.github/workflows`. */
  readonly paths?: readonly string[] | undefined;
  readonly facts?: RepositoryFacts | undefined;
}

/** A file to study, as a workflow. */
interface Subject {
  readonly workflow: Workflow;
  readonly scenarios: readonly Scenario[];
  readonly prepare: (start: Environment) => Environment;
  readonly isAction: boolean;
}

/** Walks every workflow under every scenario, matrix row and assumption. Never throws on what files hold. */
export function studyRepository(given: Readers, options: StudyOptions): Study {
  const readers = collecting(given);
  const study: StudySetting = {
    readers,
    sources: createSources(readers),
    asOf: options.asOf,
    budget: { steps: MOST_STUDY_STEPS },
    reached: new Set(),
  };
  const known = new KnownJobs();
  const subjects = (options.paths ?? workflowPaths(readers.files)).flatMap((path) => subjectOf(path, study, options.facts ?? {}) ?? []);
  const studies = new Map<Subject, WorkflowStudy>();
  // What others call is walked with them: those that only wait for a call come last, and only when nobody called.
  for (const subject of subjects) {
    const started = subject.scenarios.filter(({ kind }) => kind !== "call" || subject.isAction);
    studies.set(subject, walkSubject(subject, started, study, known));
  }
  for (const subject of subjects) {
    const calls = subject.scenarios.filter(({ kind }) => kind === "call");
    if (subject.isAction || calls.length === 0 || study.reached.has(subject.workflow.file.name)) continue;
    const more = walkSubject(subject, calls, study, known);
    studies.set(subject, joined(studies.get(subject) as WorkflowStudy, more));
  }
  return { workflows: [...studies.values()], complaints: readers.complaints, asOf: options.asOf };
}

function subjectOf(path: string, study: StudySetting, facts: RepositoryFacts): Subject | undefined {
  const kind = study.sources.kindOf(path);
  if (kind === "missing") {
    if (study.readers.files.read(path).kind === "missing") study.readers.complain([missing(path)]);
    return undefined;
  }
  if (kind === "workflow") {
    const workflow = study.sources.workflow(path);
    return workflow && { workflow, scenarios: scenariosOf(workflow, facts), prepare: (start) => start, isAction: false };
  }
  const action = study.sources.action(path);
  const workflow = action && workflowOfAction(action);
  return workflow && { workflow, scenarios: scenariosOf(workflow, facts).map(useScenario), prepare: afterOthers(action), isAction: true };
}

const missing = (path: string): Complaint => ({
  code: "file-unreadable",
  severity: "error",
  message: `there is no file "${path}"`,
  place: { file: { name: path, text: "" }, span: { start: 0, end: 0 } },
});

function walkSubject({ workflow, prepare, isAction }: Subject, scenarios: readonly Scenario[], study: StudySetting, known: KnownJobs): WorkflowStudy {
  const results = scenarios.map((scenario) =>
    walkRun({
      study,
      known,
      workflow,
      scenario,
      contexts: scenario.contexts,
      supposition: { assumptions: ALL_WELL.reduce((all, atom) => assume(all, atom, false), scenario.assumptions), assumed: [] },
      calledFrom: [],
      stack: [workflow.file.name],
      prepare,
      stepsRoute: isAction ? () => ["runs", "steps"] : undefined,
    }),
  );
  return { file: workflow.file, workflow, scenarios, jobs: workflow.jobs.map((job) => jobStudy(workflow, job, results)) };
}

/** In the normal walk no job fails. */
const ALL_WELL: readonly string[] = ["contains(needs.*.result, 'failure')", "contains(needs.*.result, 'cancelled')"];

function jobStudy(workflow: Workflow, job: Job, results: readonly ReadonlyMap<string, JobResult>[]): JobStudy {
  const own = results.flatMap((each) => each.get(jobKey(job.id.text)) ?? []);
  const traces: Trace[] = own.flatMap((result) => result.traces);
  return { job, workflow, traces: traces.slice(0, MOST_TRACES), cut: own.some((result) => result.cut) || traces.length > MOST_TRACES };
}

function joined(first: WorkflowStudy, second: WorkflowStudy): WorkflowStudy {
  return {
    ...first,
    scenarios: [...first.scenarios, ...second.scenarios],
    jobs: first.jobs.map((job, i) => {
      const more = second.jobs[i];
      return more === undefined ? job : { ...job, traces: [...job.traces, ...more.traces].slice(0, MOST_TRACES), cut: job.cut || more.cut };
    }),
  };
}
