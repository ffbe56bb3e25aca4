import type { SourceFile, Span } from "../../../core/span.ts";
import type { JobStudy, WorkflowStudy } from "../../../simulate/trace.ts";
import type { Workflow } from "../../../workflow/model.ts";
import { type Refusal, refuse } from "../../../yaml/edits/edit.ts";
import { isBlankLine, lineBreakOf, lineStart, nextLine } from "../../../yaml/lines.ts";
import { newestAs, type Pinned } from "../actions.ts";
import { type Annotations, annotationsOf } from "./annotations.ts";
import { localCache } from "./caches.ts";
import { staysWithBuild } from "./carried.ts";
import type { RunnersChange } from "./change.ts";
import { jobLines, patchedJob } from "./draft.ts";
import { type EmulatedJob, readEmulatedJob } from "./emulated-job.ts";
import { isForJobs } from "./expressions.ts";
import { freeId } from "./ids.ts";
import { mergePatches } from "./merge-job.ts";
import { platformPatches } from "./platform-job.ts";
import { tagsIn, writtenRepository } from "./repository.ts";
import { inputText, stepsNamed, textOfStep, withoutOwnEnvironment } from "./step-words.ts";

/** All that both jobs are written from. */
export interface Spread {
  readonly emulated: EmulatedJob;
  readonly workflow: Workflow;
  /** The id of the job that builds; the one that joins keeps the old one. */
  readonly platformJob: string;
  /** Artifacts: `digests-docker--linux-arm64`. */
  readonly artifacts: string;
  /** The building step's id, which the joining step takes over. */
  readonly buildId: string;
  /** Tags of the image, one in an item, as any step of the job can write them. */
  readonly tags: readonly string[];
  readonly annotations: Annotations;
  /** The repository as written; undefined: a step with the id `imageId` asks for it. */
  readonly repository: string | undefined;
  readonly imageId: string;
  /** Positions of steps behind the build that stay with it. */
  readonly staying: ReadonlySet<number>;
  /** The joining job has this as its condition; undefined: its steps have. */
  readonly jobCondition: string | undefined;
  /** Something behind the build wants the image's digest. */
  readonly wantsDigest: boolean;
  readonly upload: Pinned;
  readonly download: Pinned;
}

/**
 * Spreads a job that builds several platforms on one runner over runners of their own architectures: each platform is pushed by digest, and a
 * job that keeps the old id joins the digests under all tags. Refused, with the reason, where not everything could be carried over.
 */
export function toNativeRunners(study: JobStudy, workflow: WorkflowStudy, asOf: string): RunnersChange | Refusal {
  const emulated = readEmulatedJob(study, workflow, asOf);
  if ("refused" in emulated) return emulated;
  const spread = spreadOf(emulated, workflow, asOf);
  if ("refused" in spread) return spread;
  const { file, job } = emulated;
  const id = job.id.text;
  const lines = jobLines(file, id);
  if ("refused" in lines) return lines;
  const name = job.name?.text ?? id;
  const platform = platformPatches(spread);
  if ("refused" in platform) return platform;
  const first = patchedJob(file, id, platform, {
    id: spread.platformJob,
    top: job.name === undefined ? [`name: ${plainName(`${name} (\${{ matrix.platform }})`)}`] : [],
  });
  if (typeof first !== "string") return first;
  const needs = [spread.platformJob, ...job.needs.map(({ text }) => text)];
  const merge = mergePatches(spread);
  const second = patchedJob(file, id, merge, { top: [`needs: ${needs.length === 1 ? needs[0] : `[${needs.join(", ")}]`}`] });
  if (typeof second !== "string") return second;
  const text = first + between(file, lines) + withoutComment(second);
  return {
    job: id,
    jobs: [spread.platformJob, id],
    edit: { kind: "text", file, replacements: [{ start: lineStart(file.text, lines.start), end: lines.end, text }] },
    changes: changesOf(spread, workflow),
  };
}

function spreadOf(emulated: EmulatedJob, workflow: WorkflowStudy, asOf: string): Spread | Refusal {
  const { file, job, build, at, publishing } = emulated;
  const [upload, download] = ["actions/upload-artifact", "actions/download-artifact"].map((action) => newestAs(file, action, asOf));
  if (upload === undefined || download === undefined) return refuse("nobody knows the releases of the actions that hand on the digests");
  const id = job.id.text;
  const ids = job.steps.flatMap((step) => step.id?.text ?? []);
  const cache = localCache(inputText(build, "cache-to"));
  const staying = new Set(job.steps.flatMap((step, i) => (i > at && staysWithBuild(step, cache) ? [i] : [])));
  const moving = job.steps.filter((_, i) => i > at && !staying.has(i));
  const buildId = build.id?.text ?? freeId("build", ids);
  const said = [...moving.map((step) => textOfStep(file, step)), ...job.outputs.map(({ value }) => value?.text ?? "")];
  if (said.some((text) => namesOutput(text, buildId, "imageid|metadata")))
    return refuse("something wants the ID or the metadata of the build, which is not that of the joined image");
  const kept = new Set([...staying].flatMap((i) => job.steps[i]?.id?.text.toLowerCase() ?? []));
  if (said.some((text) => [...stepsNamed(text)].some((name) => kept.has(name)))) return refuse("a step names one that stays with the build");
  const { condition } = publishing;
  const tags = withoutOwnEnvironment(build, inputText(build, "tags") ?? "");
  const annotations = annotationsOf(build, job, workflow.workflow, publishing.annotations);
  if ("refused" in annotations) return annotations;
  const ofIndex = withoutOwnEnvironment(build, annotations.ofIndex.join("\n"));
  if (tags === undefined || ofIndex === undefined || withoutOwnEnvironment(build, condition ?? "") !== (condition ?? ""))
    return refuse("its tags hang on variables of the building step alone");
  if (tags.includes('"')) return refuse("its tags are quoted, which is not understood");
  const others = workflow.workflow.jobs.filter((one) => one.needs.some((need) => need.text.toLowerCase() === id.toLowerCase()));
  const isWhole = condition !== undefined && isForJobs(condition) && moving.length === 0 && others.length === 0 && job.outputs.length === 0;
  return {
    emulated,
    workflow: workflow.workflow,
    platformJob: freeId(
      `${id}-platform`,
      workflow.workflow.jobs.map((one) => one.id.text),
    ),
    artifacts: `digests-${id}--`,
    buildId,
    tags: tagsIn(tags),
    annotations: { ...annotations, ofIndex: ofIndex.split("\n").filter((line) => line !== "") },
    repository: writtenRepository(tags),
    imageId: freeId("image", ids),
    staying,
    jobCondition: isWhole ? condition : undefined,
    wantsDigest: said.some((text) => namesOutput(text, buildId, "digest")),
    upload,
    download,
  };
}

const namesOutput = (text: string, id: string, outputs: string): boolean =>
  new RegExp(String.raw`\bsteps\s*(?:\.\s*${id}|\[\s*'${id}'\s*\])\s*\.\s*outputs\s*(?:\.\s*|\[\s*')(?:${outputs})\b`, "i").test(text);

/** Comment lines above the job are those of its first half. */
const withoutComment = (text: string): string => text.replace(/^(?:[ \t]*#[^\n]*\n)+/, "");

/** A blank line between the jobs where the file has one above or below. */
function between({ text }: SourceFile, { start, end }: Span): string {
  const lineBreak = lineBreakOf(text);
  const first = lineStart(text, start);
  const isSpaced = isBlankLine(text, nextLine(text, end)) || (first > 0 && isBlankLine(text, lineStart(text, first - 1)));
  return isSpaced ? lineBreak + lineBreak : lineBreak;
}

const plainName = (text: string): string => (/^[\w(][\w ./()${}-]*$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`);

function changesOf({ emulated: { rows, job, publishing, at }, platformJob, staying, jobCondition }: Spread, workflow: WorkflowStudy): readonly string[] {
  const emulated = rows.filter((row) => row.emulated);
  const id = job.id.text;
  const shown = job.name?.text ?? id;
  const dependents = workflow.workflow.jobs.filter((one) => one.needs.some((need) => need.text.toLowerCase() === id.toLowerCase()));
  return [
    `the job "${platformJob}" builds ${rows.map(({ platform, runner }) => `${platform} on ${runner}`).join(", ")}; "${id}" joins them, and keeps its id and name for what waits for it`,
    `branch rules that ask for "${shown}" have to ask for ${rows.map(({ platform }) => `"${shown} (${platform})"`).join(", ")} too: GitHub takes a job for passed that was skipped because another failed`,
    ...(job.steps.slice(0, at).some((step) => step.run !== undefined)
      ? ["scripts before the build run on arm64 too, where what they make may be something else"]
      : []),
    ...(emulated.length > 0 ? [`${emulated.map(({ platform }) => platform).join(", ")} stay emulated: GitHub has no runner for them`] : []),
    `steps before the build run once for each platform (log-ins, scripts), and those that "${id}" needs once more`,
    "digests are handed on by artifacts, which are kept for a day",
    "each platform has a cache of its own, and the first run finds none",
    ...(staying.size > 0 ? ["steps behind the build that keep its cache stay with it; the others are done when the platforms are joined"] : []),
    ...(publishing.condition !== undefined
      ? [jobCondition === undefined ? `"${id}" runs also where nothing is published, and joins nothing then` : `"${id}" is skipped where nothing is published`]
      : []),
    ...(job.environment !== undefined ? ["both jobs are of the environment: an approval is asked for each"] : []),
    ...(dependents.length > 0 ? [`${dependents.map((one) => `"${one.id.text}"`).join(", ")} wait for "${id}" as before`] : []),
    "arm64 runners and the jobs beside cost minutes in private repositories, where each job is rounded up to a minute",
  ];
}
