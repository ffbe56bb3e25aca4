import type { Place } from "../../src/core/span.ts";
import { buildOf } from "../../src/simulate/actions/asked.ts";
import type { Environment } from "../../src/simulate/environment.ts";
import type { Build } from "../../src/simulate/operation.ts";
import { knownText, type Texts } from "../../src/simulate/text.ts";
import type { Event, JobStudy, Study, Trace, TracedStep, WorkflowStudy } from "../../src/simulate/trace.ts";
import type { Job } from "../../src/workflow/model.ts";
import { readWorkflow } from "../../src/workflow/read-workflow.ts";
import { type Scenario, scenariosOf } from "../../src/workflow/scenario.ts";
import { bareEnvironment } from "./action-step.ts";

/** A walk of a job in few words. */
export interface MadeTrace {
  /** Of a scenario's id. */
  readonly scenario: string;
  readonly row?: string;
  /** `a !b`. */
  readonly assumed?: string;
  /** Steps that run, by position; all when absent. */
  readonly runs?: readonly number[];
  readonly rowCertain?: boolean;
}

const NO_FACT = { sentence: "", place: undefined };
const RUNNER = { labels: [], os: "linux", architecture: "amd64", kind: "hosted", image: "ubuntu-24.04", fact: NO_FACT, container: undefined } as const;

/** A machine on which nothing has happened yet. */
export const MADE_ENVIRONMENT: Environment = bareEnvironment({ runner: RUNNER });

/** A study of one workflow, whose jobs were walked as told. */
export function madeStudy(text: string, walks: Readonly<Record<string, readonly MadeTrace[]>>, cut = false): Study {
  const file = { name: ".github/workflows/ci.yml", text };
  const { workflow, complaints } = readWorkflow(file);
  if (workflow === undefined || complaints.length > 0) throw new Error(complaints[0]?.message ?? "no workflow");
  const scenarios = scenariosOf(workflow);
  const jobs = workflow.jobs.map((job): JobStudy => {
    const traces = (walks[job.id.text] ?? []).map((walk): Trace => {
      const scenario = scenarios.find(({ id }) => id === walk.scenario) as Scenario;
      if (scenario === undefined) throw new Error(`no scenario ${walk.scenario}; there are ${scenarios.map(({ id }) => id).join(", ")}`);
      const steps = stepsOf(job, file, walk);
      return {
        workflow,
        job,
        calledFrom: [],
        scenario,
        row: { values: {}, name: walk.row ?? "", certain: walk.rowCertain ?? true },
        assumed: (walk.assumed ?? "").split(" ").flatMap((word) => (word === "" ? [] : [{ atom: word.replace(/^!/, ""), value: !word.startsWith("!") }])),
        start: MADE_ENVIRONMENT,
        steps,
        events: [],
        asOf: "2026-09-15",
      };
    });
    return { job, workflow, traces, cut };
  });
  const workflows: WorkflowStudy[] = [{ file, workflow, scenarios, jobs }];
  return { workflows, complaints: [], asOf: "2026-09-15" };
}

function stepsOf(job: Job, file: Place["file"], walk: MadeTrace): readonly TracedStep[] {
  return job.steps.map((step, index) => ({
    step,
    place: { file, route: ["jobs", job.id.text, "steps", index] },
    calledFrom: [],
    index,
    runs: walk.runs?.includes(index) === false ? "no" : "yes",
    action: undefined,
    inputs: new Map(),
    before: MADE_ENVIRONMENT,
  }));
}

/** The same study, with a build in its first trace's first step. */
export function withBuild(study: Study, asked: Partial<Build>): Study {
  const [workflow] = study.workflows as [WorkflowStudy];
  const [job] = workflow.jobs as [JobStudy];
  const [trace, ...others] = job.traces as [Trace, ...Trace[]];
  const step = trace.steps[0] as TracedStep;
  const place = { file: workflow.file, span: step.step.node.span };
  const event: Event = { operation: { ...emptyBuild(place), ...asked }, step, before: MADE_ENVIRONMENT, after: MADE_ENVIRONMENT, sure: true };
  return { ...study, workflows: [{ ...workflow, jobs: [{ ...job, traces: [{ ...trace, events: [...trace.events, event] }, ...others] }] }] };
}

export const textsOf = (...items: string[]): Texts => ({ items: items.map((item) => knownText(item, NOWHERE)), open: false, place: NOWHERE });
export const NOWHERE: Place = { file: { name: "x", text: "" }, span: { start: 0, end: 0 } };

const emptyBuild = (place: Place): Build => buildOf(place, "docker/build-push-action", { gitContext: true });
