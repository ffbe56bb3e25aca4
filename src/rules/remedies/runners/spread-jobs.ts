import { textOf } from "../../../simulate/text.ts";
import { eventsOf, type JobStudy, type WorkflowStudy } from "../../../simulate/trace.ts";
import type { Job, Step } from "../../../workflow/model.ts";
import type { Node } from "../../../workflow/tree.ts";
import { type Refusal, refuse } from "../../../yaml/edits/edit.ts";
import { pushesIn } from "../../registry/pushes.ts";
import { asksStatus } from "./expressions.ts";
import { type Joined, readJoin } from "./join-step.ts";
import { actionOf, inputText, shownStep, textOfStep } from "./step-words.ts";

/** A job whose rows push platforms by digest, and the job that joins them. */
export interface SpreadJobs {
  readonly builds: Job;
  readonly joins: Job;
  readonly platforms: readonly string[];
  /** Positions of the building step, and of the joining one. */
  readonly buildAt: number;
  readonly joinAt: number;
  readonly joined: Joined;
  /** Steps of the building job, by position, that are not needed any more. */
  readonly dropped: ReadonlySet<number>;
  /** Steps of the joining job before it joins that the building job does not have. */
  readonly added: readonly number[];
  /** Of those, the ones that take the place of the building job's own of the same id. */
  readonly replacing: ReadonlyMap<number, number>;
}

/** Whether a job joins digests that a job it waits for pushed. */
export const joinsDigests = (study: JobStudy, workflow: WorkflowStudy): boolean =>
  study.traces.some((trace) => eventsOf(trace, "create-index").some(({ operation }) => operation.tool === "imagetools")) &&
  buildersOf(study, workflow).length > 0;

const buildersOf = ({ job }: JobStudy, workflow: WorkflowStudy): readonly JobStudy[] =>
  workflow.jobs.filter(
    (one) =>
      job.needs.some(({ text }) => text.toLowerCase() === one.job.id.text.toLowerCase()) &&
      one.traces.some((trace) => pushesIn(trace).some(({ byDigest }) => byDigest === true)),
  );

/** Reads a pair of jobs as Docker's documentation and `--runners native` write them; refused, with the reason, where they are something else. */
export function readSpreadJobs(study: JobStudy, workflow: WorkflowStudy): SpreadJobs | Refusal {
  const joins = study.job;
  const [first, ...others] = buildersOf(study, workflow);
  if (first === undefined) return refuse("it joins no digests of a job that it waits for");
  if (others.length > 0) return refuse("it joins digests of several jobs");
  const builds = first.job;
  const odd = oddPair(builds, joins, workflow);
  if (odd !== undefined) return refuse(odd);
  const platforms = platformsOf(first);
  if ("refused" in platforms) return platforms;
  const buildAt = builds.steps.findIndex((step) => actionOf(step) === "docker/build-push-action");
  const joinAt = joins.steps.findIndex(({ run }) => run !== undefined && /\bimagetools\s+create\b/.test(run.text));
  const build = builds.steps[buildAt];
  const join = joins.steps[joinAt];
  if (build === undefined || join === undefined || builds.steps.some((step, i) => i !== buildAt && actionOf(step) === "docker/build-push-action"))
    return refuse("the digests are not made by one step of docker/build-push-action and joined by one script");
  const joined = readJoin(join, joins.steps.slice(0, joinAt));
  if ("refused" in joined) return joined;
  const dropped = droppedSteps(builds, buildAt, workflow);
  if ("refused" in dropped) return dropped;
  const steps = addedSteps(builds, joins, joinAt, workflow);
  return "refused" in steps ? steps : { builds, joins, platforms, buildAt, joinAt, joined, dropped, ...steps };
}

function oddPair(builds: Job, joins: Job, { workflow: { jobs } }: WorkflowStudy): string | undefined {
  const id = builds.id.text;
  const other = jobs.find((job) => job !== joins && job.needs.some(({ text }) => text.toLowerCase() === id.toLowerCase()));
  if (other !== undefined) return `"${other.id.text}" waits for "${id}", which would not be there any more`;
  if (builds.outputs.length > 0) return `"${id}" has outputs, which would have to come from elsewhere`;
  if (builds.container !== undefined || builds.services.length > 0 || builds.continueOnError !== undefined)
    return `"${id}" has a container or services, or may fail`;
  for (const job of [builds, joins]) {
    if (job.if !== undefined && (job.if.isText || asksStatus(job.if.expression)))
      return `the condition of "${job.id.text}" asks how other jobs ended, or is a text`;
  }
  return undefined;
}

/** One of each row, all others. */
function platformsOf({ traces, job }: JobStudy): readonly string[] | Refusal {
  const byRow = new Map<string, string>();
  for (const trace of traces) {
    if (!trace.row.certain) return refuse(`nobody knows all rows of "${job.id.text}"`);
    for (const { operation } of eventsOf(trace, "build")) {
      const [only, ...others] = operation.platforms.items.map((item) => textOf(item));
      if (only === undefined || others.length > 0 || only.includes(",")) return refuse("nobody knows which platform each row builds");
      byRow.set(JSON.stringify(trace.row.values), only);
    }
  }
  const platforms = [...byRow.values()];
  if (new Set(platforms).size < platforms.length)
    return refuse("its matrix has more than platforms: rows of the same platform would become builds of their own");
  return platforms.length < 2 ? refuse("it builds only one platform") : platforms;
}

/** What only hands digests on, or gives names to rows. */
function droppedSteps(builds: Job, buildAt: number, { file }: WorkflowStudy): ReadonlySet<number> | Refusal {
  const build = builds.steps[buildAt] as Step;
  const dropped = new Set<number>();
  for (const [i, step] of builds.steps.entries()) {
    const text = textOfStep(file, step);
    if (i > buildAt) {
      const handsOn =
        (actionOf(step) === "actions/upload-artifact" && /digest/i.test(`${inputText(step, "name")} ${inputText(step, "path")}`)) ||
        (step.run !== undefined && /\boutputs\s*\.\s*digest\b/.test(text) && /\btouch\b/.test(text));
      if (!handsOn && !/^actions\/cache(?:\/|$)/.test(actionOf(step) ?? "") && !/buildx-cache/.test(text))
        return refuse(`${shownStep(step, i)} stands behind the build of each platform`);
      if (handsOn) dropped.add(i);
    } else if (i < buildAt && step.run !== undefined) {
      const namesImage =
        step.id !== undefined &&
        new RegExp(String.raw`\bname\s*=\s*\$\{\{\s*steps\.${step.id.text}\.`).test(inputText(build, "outputs") ?? "") &&
        /\bfor tag in\b/.test(text);
      if (namesImage || (/\bmatrix\s*\./.test(text) && /GITHUB_(?:ENV|OUTPUT)\b/.test(text))) dropped.add(i);
    }
  }
  return dropped;
}

/** What both jobs need, whatever else each says of it: the building job's own is kept. */
const MACHINE = /^docker\/setup-(?:buildx|qemu)-action$/;

/** Steps before the joining that say something the building job does not say. */
function addedSteps(builds: Job, joins: Job, joinAt: number, { file }: WorkflowStudy): Pick<SpreadJobs, "added" | "replacing"> | Refusal {
  const written = (node: Node | undefined): string | undefined => node && file.text.slice(node.span.start, node.span.end).replace(/\s+/g, " ");
  const wordsOf = (step: Step): string =>
    JSON.stringify([
      step.uses?.scalar.text ?? step.run?.text,
      [step.if?.expression, step.shell?.text, step.workingDirectory?.text, written(step.env)],
      step.with.map(({ key, value }) => [key.text, written(value)]),
    ]);
  const there = new Set(builds.steps.map(wordsOf));
  const added: number[] = [];
  const replacing = new Map<number, number>();
  for (const [i, step] of joins.steps.slice(0, joinAt).entries()) {
    const action = actionOf(step) ?? "";
    const namesImage = step.run !== undefined && /\bfor tag in \$\{TAGS/.test(step.run.text);
    if (namesImage || there.has(wordsOf(step)) || (action === "actions/download-artifact" && fetchesDigests(step))) continue;
    const same = builds.steps.findIndex((one) => actionOf(one) === action && (one.id?.text ?? "") === (step.id?.text ?? ""));
    if (same !== -1 && MACHINE.test(action)) continue;
    if (same !== -1 && action === "actions/checkout") return refuse("the two jobs check out in different ways");
    if (same !== -1 && action === "docker/metadata-action") replacing.set(i, same);
    else if (step.id !== undefined && builds.steps.some((one) => one.id?.text === step.id?.text))
      return refuse(`both jobs have a step "${step.id.text}", and not the same`);
    else added.push(i);
  }
  return { added, replacing };
}

/** By its pattern, or for it takes all; one that is named otherwise is something else. */
const fetchesDigests = (step: Step): boolean => inputText(step, "pattern") !== undefined || /digest|^$/i.test(inputText(step, "name") ?? "");
