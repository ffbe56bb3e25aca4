import type { SourceFile } from "../../../core/span.ts";
import { shownText, textOf } from "../../../simulate/text.ts";
import { eventsOf, type JobStudy, type Trace, type WorkflowStudy } from "../../../simulate/trace.ts";
import type { Job, Step, Workflow } from "../../../workflow/model.ts";
import { type Refusal, refuse } from "../../../yaml/edits/edit.ts";
import { asksStatus } from "./expressions.ts";
import { type Publishing, publishingOf } from "./publishing.ts";
import { notRepeatable } from "./repeatable.ts";
import { type PlatformRow, platformRows } from "./rows.ts";
import { actionOf, inputText, shownStep, textOfStep } from "./step-words.ts";

/** A job that builds several platforms on one runner, and may be spread. */
export interface EmulatedJob {
  readonly file: SourceFile;
  readonly job: Job;
  /** As written. */
  readonly label: string;
  readonly rows: readonly PlatformRow[];
  readonly build: Step;
  /** Position of the building step. */
  readonly at: number;
  readonly publishing: Publishing;
}

/** Whether a job builds an image for several platforms in one step. */
export const buildsSeveral = ({ traces }: JobStudy): boolean =>
  traces.some((trace) => buildsIn(trace).some(({ operation: { platforms } }) => platforms.items.length > 1));

const buildsIn = (trace: Trace): ReturnType<typeof eventsOf<"build">> => eventsOf(trace, "build").filter(({ operation }) => !operation.onlyAsks);

/** Reads a job that is to be spread over runners; refused, with the reason, where not all of it could be carried over. */
export function readEmulatedJob(study: JobStudy, workflow: WorkflowStudy, asOf: string): EmulatedJob | Refusal {
  const { job, traces } = study;
  const odd = oddJob(job) ?? (study.cut ? "it has more ways to run than were looked at" : undefined);
  if (odd !== undefined) return refuse(odd);
  const at = buildingStep(traces);
  if (typeof at !== "number") return at;
  const build = job.steps[at] as Step;
  if (actionOf(build) !== "docker/build-push-action") return refuse("its image is not built by docker/build-push-action");
  if (build.continueOnError !== undefined) return refuse("its building step goes on after an error");
  const { runsOn } = job;
  const [label, ...labels] = runsOn?.labels ?? [];
  if (label === undefined || labels.length > 0 || runsOn?.group !== undefined || label.expressions.length > 0)
    return refuse("its runner is not one label that is written out");
  const runner = traces[0]?.start.runner;
  if (runner === undefined || runner.kind !== "hosted" || runner.os !== "linux") return refuse(`"${label.text}" is no Linux runner of GitHub`);
  const platforms = platformsOf(traces);
  if (!Array.isArray(platforms)) return platforms as Refusal;
  const rows = platformRows(platforms, label.text, runner, asOf);
  if ("refused" in rows) return rows;
  const publishing = publishingOf(build);
  if ("refused" in publishing) return publishing;
  const wrong = oddSteps(workflow.file, job, at) ?? oddBuild(build) ?? greedyJob(workflow.workflow);
  return wrong === undefined ? { file: workflow.file, job, label: label.text, rows, build, at, publishing } : refuse(wrong);
}

function oddJob(job: Job): string | undefined {
  if (job.uses !== undefined) return "it calls a reusable workflow, which has to be changed itself";
  if (job.strategy?.matrix !== undefined) return "it has a matrix already";
  if (job.container !== undefined) return "it runs in a container";
  if (job.services.length > 0) return "it has services, which each runner would start for itself";
  if (job.continueOnError !== undefined) return "it may fail, and a platform would be missing in silence";
  if (job.if !== undefined && (job.if.isText || asksStatus(job.if.expression))) return "its condition asks how other jobs ended, or is a text";
  return undefined;
}

/** The one step that builds, in every walk. */
function buildingStep(traces: readonly Trace[]): number | Refusal {
  const events = traces.flatMap(buildsIn);
  const places = new Set(events.map(({ step }) => (step.calledFrom.length > 0 ? "composite" : String(step.place.route.at(-1)))));
  const [place, ...others] = places;
  if (place === undefined) return refuse("it builds nothing");
  if (place === "composite") return refuse("its image is built in a composite action");
  if (others.length > 0) return refuse("several of its steps build");
  if (traces.some((trace) => buildsIn(trace).length > 1)) return refuse("its building step builds several images");
  if (events.some(({ operation }) => operation.load.value !== false)) return refuse("it loads what it builds into Docker, or may");
  return Number(place);
}

/** The same in every walk. */
function platformsOf(traces: readonly Trace[]): readonly string[] | Refusal {
  const lists = new Map<string, readonly string[]>();
  for (const { operation } of traces.flatMap(buildsIn)) {
    const items = operation.platforms.items.flatMap((item) => (textOf(item) ?? "?").split(",").map((one) => one.trim()));
    if (operation.platforms.open || items.includes("?"))
      return refuse(`nobody knows for which platforms it builds: "${operation.platforms.items.map(shownText).join(",")}"`);
    lists.set(items.join(","), items);
  }
  const [only, ...others] = lists.values();
  return only === undefined || others.length > 0 ? refuse("it builds for other platforms in other runs") : only;
}

function oddSteps(file: SourceFile, job: Job, at: number): string | undefined {
  for (const [i, step] of job.steps.entries()) {
    if (i === at) continue;
    const shown = shownStep(step, i);
    if (step.if !== undefined && asksStatus(step.if.expression) && i > at) return `${shown} runs also when the build fails, and would have to be in both jobs`;
    const reason = i < at ? notRepeatable(step) : undefined;
    if (reason !== undefined) return `${shown} comes before the build and ${reason}`;
    if (actionOf(step) === "docker/setup-buildx-action") {
      const driver = inputText(step, "driver") ?? "docker-container";
      if (driver !== "docker-container" || inputText(step, "endpoint") !== undefined || inputText(step, "append") !== undefined)
        return `${shown} sets up a builder of other machines or another driver`;
    }
    if (actionOf(step) === "step-security/harden-runner" && inputText(step, "egress-policy") === "block")
      return `${shown} lets the job reach only some addresses, and nobody knows whether artifacts are among them`;
    if (/\bmatrix\s*\./.test(textOfStep(file, step))) return `${shown} names a matrix`;
  }
  return undefined;
}

/** One that would take the digests for something else. */
function greedyJob({ jobs }: Workflow): string | undefined {
  const greedy = jobs.find(({ steps }) =>
    steps.some((step) => {
      if (actionOf(step) !== "actions/download-artifact" || ["name", "artifact-ids", "run-id"].some((name) => inputText(step, name) !== undefined))
        return false;
      return inputText(step, "pattern")?.startsWith("*") !== false;
    }),
  );
  return greedy && `the job "${greedy.id.text}" downloads all artifacts of the run, and would find the digests among them`;
}

function oddBuild(build: Step): string | undefined {
  const list = build.with.find(({ value }) => value.kind !== "scalar");
  if (list !== undefined) return `its input "${list.key.text}" is no text`;
  if (inputText(build, "tags") === undefined) return "it has no tags";
  if (inputText(build, "metadata-file") !== undefined || inputText(build, "call") !== undefined) return "it writes a metadata file, which only it could";
  return undefined;
}
