import type { SourceFile } from "../../../core/span.ts";
import type { JobStudy, WorkflowStudy } from "../../../simulate/trace.ts";
import type { Job, Step } from "../../../workflow/model.ts";
import { childOf, scalarOf } from "../../../workflow/tree.ts";
import { type Refusal, refuse } from "../../../yaml/edits/edit.ts";
import { columnOf, isBlankLine, lineStart, nextLine } from "../../../yaml/lines.ts";
import type { YamlPatch } from "../../../yaml/patch.ts";
import { newestAs } from "../actions.ts";
import { cachesOfAll } from "./caches.ts";
import type { RunnersChange } from "./change.ts";
import { jobLines, patchedJob } from "./draft.ts";
import { allOf, splitOutside } from "./expressions.ts";
import { inputPatches } from "./input-patches.ts";
import { readSpreadJobs, type SpreadJobs } from "./spread-jobs.ts";
import { actionOf, inputKey, inputText, stepsNamed, textOfStep } from "./step-words.ts";
import { namedSteps, stepPatches } from "./steps-made.ts";

/**
 * Brings a job whose rows push platforms by digest, and the one that joins them, back to one job that builds all platforms on one runner, under
 * emulation. Refused, with the reason, where the two are not as Docker's documentation or `--runners native` write them.
 */
export function toOneRunner(study: JobStudy, workflow: WorkflowStudy, asOf: string): RunnersChange | Refusal {
  const jobs = readSpreadJobs(study, workflow);
  if ("refused" in jobs) return jobs;
  const { file } = workflow;
  const { builds, joins, platforms } = jobs;
  const first = jobLines(file, builds.id.text);
  if ("refused" in first) return first;
  const second = jobLines(file, joins.id.text);
  if ("refused" in second) return second;
  const patches = onePatches(jobs, file, asOf);
  if ("refused" in patches) return patches;
  const text = patchedJob(file, builds.id.text, patches.patches, { id: joins.id.text, top: [] });
  if (typeof text !== "string") return text;
  const left = /\$\{\{[^}]*\bmatrix\s*\.[^}]*\}\}|^\s*(?:- )?if:.*\bmatrix\s*\./m.exec(text.replace(/^\s*#.*$/gm, ""));
  if (left !== null) return refuse(`"${left[0].trim()}" names a row, and nobody knows what it is for all`);
  return {
    job: joins.id.text,
    jobs: [builds.id.text, joins.id.text],
    edit: {
      kind: "text",
      file,
      replacements: [{ start: lineStart(file.text, first.start), end: first.end, text }, removal(file, lineStart(file.text, second.start), second.end)],
    },
    changes: [
      `the job "${joins.id.text}" builds ${platforms.join(", ")} on one runner; "${builds.id.text}" is gone`,
      "platforms of other architectures are emulated, which makes compilers and installers 5 to 20 times slower",
      "all platforms share one cache, and the first run finds none",
    ],
  };
}

/** The lines of a job with the blank ones above, or below where it is the first. */
function removal({ text }: SourceFile, start: number, end: number): { readonly start: number; readonly end: number; readonly text: string } {
  let from = start;
  while (from > 0 && isBlankLine(text, lineStart(text, from - 1))) from = lineStart(text, from - 1);
  const to = nextLine(text, end);
  // The last line had no line break, so the one before it shall have none.
  return to === text.length && !text.endsWith("\n") ? { start: Math.max(0, from - 1), end: to, text: "" } : { start: from, end: to, text: "" };
}

function onePatches(jobs: SpreadJobs, file: SourceFile, asOf: string): { readonly patches: readonly YamlPatch[] } | Refusal {
  const { builds, joins, buildAt, joinAt, dropped, added, replacing } = jobs;
  const route = ["jobs", builds.id.text];
  const steps = [...route, "steps"];
  const patches: YamlPatch[] = [];
  if (joins.concurrency !== undefined && builds.concurrency === undefined) return refuse(`only "${joins.id.text}" is of a concurrency group`);
  for (const key of ["permissions", "env", "environment", "defaults"] as const) {
    const [ours, theirs] = [builds, joins].map((job) => childOf(job.node, key));
    const words = [ours, theirs].map((node) => node && file.text.slice(node.span.start, node.span.end).replace(/\s+/g, " "));
    if (theirs !== undefined && words[0] !== words[1]) return refuse(`the two jobs have other ${key}`);
  }
  if (joins.name !== undefined && builds.name !== undefined) patches.push({ op: "set", at: [...route, "name"], value: joins.name.text });
  else if (builds.name !== undefined) patches.push({ op: "remove", at: [...route, "name"] });
  else if (joins.name !== undefined) patches.push({ op: "add", at: route, key: "name", value: joins.name.text, after: "runs-on" });
  const [label, ...labels] = joins.runsOn?.labels ?? [];
  if (label === undefined || labels.length > 0 || label.expressions.length > 0)
    return refuse(`the runner of "${joins.id.text}" is not one label that is written out`);
  patches.push({ op: builds.runsOn?.node.kind === "sequence" ? "replace" : "set", at: [...route, "runs-on"], value: label.text });
  patches.push({ op: "remove", at: [...route, "strategy"] });
  const missing = joins.needs.filter(({ text }) => text.toLowerCase() !== builds.id.text.toLowerCase() && !builds.needs.some((need) => need.text === text));
  if (missing.length > 0) return refuse(`"${joins.id.text}" waits for "${missing[0]?.text}" too, and the build would have to`);
  const group = builds.concurrency?.kind === "scalar" ? builds.concurrency : scalarOf(builds.concurrency, "group");
  if (group?.text.includes("matrix."))
    patches.push({ op: "set", at: [...route, "concurrency", ...(group === builds.concurrency ? [] : ["group"])], value: group.text.replace(ROW_SUFFIX, "") });
  if (childOf(joins.node, "outputs") !== undefined)
    patches.push({
      op: "add",
      at: route,
      key: "outputs",
      value: Object.fromEntries(joins.outputs.map(({ name, value }) => [name.text, value?.text ?? ""])),
      after: "runs-on",
    });
  const build = buildPatches(jobs, file);
  if ("refused" in build) return build;
  patches.push(...build.patches);
  const moved = (step: Step, condition: string | undefined): string => withCondition(file, step, condition);
  const behind = joins.steps.slice(joinAt + 1);
  for (const step of behind.toReversed()) patches.push({ op: "insert", at: steps, index: builds.steps.length, yaml: moved(step, ownCondition(builds, joins)) });
  for (const [i, step] of [...builds.steps.entries()].toReversed()) {
    if (dropped.has(i)) patches.push({ op: "remove", at: [...steps, i] });
    if (i === buildAt)
      for (const at of added.toReversed()) patches.push({ op: "insert", at: steps, index: i, yaml: moved(joins.steps[at] as Step, undefined) });
    const replaced = [...replacing].find(([, own]) => own === i)?.[0];
    if (replaced !== undefined)
      patches.push({ op: "insert", at: steps, index: i + 1, yaml: moved(joins.steps[replaced] as Step, undefined) }, { op: "remove", at: [...steps, i] });
    if (i < buildAt && !dropped.has(i)) patches.push(...preparing(step, [...steps, i]));
  }
  if (!builds.steps.some((step) => actionOf(step) === "docker/setup-qemu-action")) {
    const qemu = newestAs(file, "docker/setup-qemu-action", asOf);
    const buildx = builds.steps.findIndex((step) => actionOf(step) === "docker/setup-buildx-action");
    const at = buildx === -1 ? buildAt : buildx;
    const shift = [...dropped].filter((i) => i < at).length;
    if (qemu !== undefined) patches.push(...stepPatches(steps, at - shift, [{ name: "Set up QEMU", uses: qemu.uses }], namedSteps(builds), qemu.comment));
  }
  return { patches };
}

/** Of the joining job, without that of the building job, which is that of both then. */
function ownCondition(builds: Job, joins: Job): string | undefined {
  const [of, own] = [builds.if?.expression, joins.if?.expression];
  if (of === undefined || own === undefined) return own;
  const head = [`${of} && `, `(${of}) && `].find((one) => own.startsWith(one));
  return own === of ? undefined : own.slice(head?.length ?? 0);
}

/** What stands for a row at the end of a name. */
const ROW_SUFFIX = /[-_.]?\$\{\{\s*(?:matrix\.[\w-]+|env\.\w*PLATFORM\w*)\s*\}\}$/i;

function buildPatches(
  { builds, joins, platforms, buildAt, joinAt, joined }: SpreadJobs,
  file: SourceFile,
): { readonly patches: readonly YamlPatch[] } | Refusal {
  const build = builds.steps[buildAt] as Step;
  const join = joins.steps[joinAt] as Step;
  const own = ["jobs", builds.id.text, "steps", buildAt];
  const input = (name: string): readonly (string | number)[] => [...own, "with", inputKey(build, name) ?? name];
  if (joined.unnamed !== undefined) return refuse("the docker/metadata-action of the joining job has no id");
  const patches: YamlPatch[] = [{ op: "set", at: input("platforms"), value: platforms.join(",") }];
  const give = (name: string, value: string | boolean): void => void patches.push(...inputPatches(build, own, name, value, inputKey(build, "platforms")));
  const fields = splitOutside(inputText(build, "outputs") ?? "", /,/);
  const rest = fields.filter((field) => !/^(?:type|name|push|push-by-digest|name-canonical)=/.test(field));
  const condition = allOf(ownCondition(builds, joins), join.if?.expression);
  const pushed = fields.find((field) => field.startsWith("push="))?.slice("push=".length) ?? inputText(build, "push");
  give("tags", joined.tags);
  if (condition !== undefined) give("push", `\${{ ${condition} }}`);
  else if (inputKey(build, "push") === undefined) give("push", pushed === "true" || pushed === undefined ? true : pushed);
  patches.push(rest.length === 0 ? { op: "remove", at: input("outputs") } : { op: "set", at: input("outputs"), value: ["type=image", ...rest].join(",") });
  if (joined.annotations !== undefined) {
    const there = inputText(build, "annotations");
    give(
      "annotations",
      there === undefined ? joined.annotations : `${[...new Set([...splitOutside(there, /\n/), ...splitOutside(joined.annotations, /\n/)])].join("\n")}\n`,
    );
  }
  for (const name of ["cache-from", "cache-to"]) {
    const text = inputText(build, name);
    if (text !== undefined) patches.push({ op: "set", at: input(name), value: cachesOfAll(text, joins.id.text) });
  }
  const wanted = join.id?.text;
  if (wanted !== undefined && build.id?.text !== wanted) {
    const said = [...joins.steps.map((step) => textOfStep(file, step)), ...joins.outputs.map(({ value }) => value?.text ?? "")];
    if (said.some((text) => stepsNamed(text).has(wanted.toLowerCase())))
      patches.push(build.id === undefined ? { op: "add", at: own, key: "id", value: wanted, after: "uses" } : { op: "set", at: [...own, "id"], value: wanted });
  }
  return { patches };
}

/** Emulators for all; caches of the runner without the row's name. */
function preparing(step: Step, own: readonly (string | number)[]): readonly YamlPatch[] {
  const action = actionOf(step) ?? "";
  if (action === "docker/setup-qemu-action" && step.if !== undefined && /\bmatrix\s*\./.test(step.if.expression)) {
    const rest = step.if.expression.split(/\s*&&\s*/).filter((one) => !/^matrix\s*\./.test(one));
    return [rest.length === 0 ? { op: "remove", at: [...own, "if"] } : { op: "set", at: [...own, "if"], value: rest.join(" && ") }];
  }
  if (!/^actions\/cache(?:\/|$)/.test(action)) return [];
  return ["key", "restore-keys"].flatMap((name): readonly YamlPatch[] => {
    const [text, key] = [inputText(step, name), inputKey(step, name)];
    if (text === undefined || key === undefined) return [];
    return [{ op: "set", at: [...own, "with", key], value: text.replace(/^\$\{\{\s*matrix\.[\w-]+\s*\}\}-/gm, "") }];
  });
}

/** A step as it stands, with one more condition. */
function withCondition(file: SourceFile, step: Step, condition: string | undefined): string {
  const { start, end } = step.node.span;
  const indent = " ".repeat(columnOf(file.text, start));
  const text = indent + file.text.slice(start, end);
  if (condition === undefined) return text;
  const all = allOf(condition, step.if?.expression) as string;
  if (step.if === undefined) return `${text}\n${indent}if: ${all}`;
  const place = step.if.scalar.span;
  return indent + file.text.slice(start, place.start) + all + file.text.slice(place.end, end);
}
