import type { Step } from "../../../workflow/model.ts";
import { childOf, scalarOf } from "../../../workflow/tree.ts";
import type { Refusal } from "../../../yaml/edits/edit.ts";
import type { YamlPatch } from "../../../yaml/patch.ts";
import type { PlainValue } from "../../../yaml/render.ts";
import { LEVELS } from "./annotations.ts";
import { cachesPerPlatform, ROW_NAME } from "./caches.ts";
import { allOf } from "./expressions.ts";
import { inputPatches } from "./input-patches.ts";
import type { Spread } from "./native.ts";
import { actionOf, inputKey, inputText } from "./step-words.ts";
import { askImage, namedSteps, runsIn, stepPatches } from "./steps-made.ts";

/** What makes of the job the one that builds: a row a platform, each pushed by digest. */
export function platformPatches(spread: Spread): readonly YamlPatch[] | Refusal {
  const { emulated, staying } = spread;
  const { job, rows, at } = emulated;
  const route = ["jobs", job.id.text];
  const include: PlainValue = rows.map(({ platform, runner, name, emulated: isEmulated }) => ({
    platform,
    runner,
    name,
    ...(isEmulated ? { emulated: true } : {}),
  }));
  const patches: YamlPatch[] = [];
  if (job.name !== undefined) patches.push({ op: "set", at: [...route, "name"], value: `${job.name.text} (\${{ matrix.platform }})` });
  patches.push({ op: job.runsOn?.node.kind === "sequence" ? "replace" : "set", at: [...route, "runs-on"], value: `\${{ matrix.runner }}` });
  if (job.strategy === undefined) patches.push({ op: "add", at: route, key: "strategy", value: { matrix: { include } }, after: "runs-on" });
  else patches.push({ op: "add", at: [...route, "strategy"], key: "matrix", value: { include } });
  const group = job.concurrency?.kind === "scalar" ? job.concurrency : scalarOf(job.concurrency, "group");
  if (group !== undefined)
    patches.push({ op: "set", at: [...route, "concurrency", ...(job.concurrency === group ? [] : ["group"])], value: `${group.text}-${ROW_NAME}` });
  if (childOf(job.node, "outputs") !== undefined) patches.push({ op: "remove", at: [...route, "outputs"] });
  const build = buildPatches(spread);
  if (!Array.isArray(build)) return build as Refusal;
  patches.push(...(build as readonly YamlPatch[]));
  for (const [i, step] of [...job.steps.entries()].toReversed()) {
    const own = [...route, "steps", i];
    if (i > at && !staying.has(i)) patches.push({ op: "remove", at: own });
    if (i === at) patches.push(...digestSteps(spread));
    if (i < at || staying.has(i)) patches.push(...preparing(step, own, spread));
  }
  return patches;
}

function buildPatches(spread: Spread): readonly YamlPatch[] | Refusal {
  const { build, job, at, publishing } = spread.emulated;
  const own = ["jobs", job.id.text, "steps", at];
  const input = (name: string): readonly (string | number)[] => [...own, "with", inputKey(build, name) ?? name];
  const repository = spread.repository ?? `\${{ steps.${spread.imageId}.outputs.name }}`;
  const outputs = ["type=image", `name=${repository}`, "push-by-digest=true", "name-canonical=true", ...pushField(build), ...publishing.fields].join(",");
  const patches: YamlPatch[] = [];
  if (build.id === undefined) patches.push({ op: "add", at: own, key: "id", value: spread.buildId, after: build.name === undefined ? "uses" : "name" });
  patches.push(...inputPatches(build, own, "platforms", PLATFORM));
  patches.push(
    inputKey(build, "outputs") === undefined
      ? { op: "add", at: [...own, "with"], key: "outputs", value: outputs, after: inputKey(build, "tags") as string }
      : { op: "set", at: input("outputs"), value: outputs },
  );
  patches.push({ op: "remove", at: input("tags") });
  const caches = cachesPerPlatform({ from: inputText(build, "cache-from"), to: inputText(build, "cache-to") }, job.id.text);
  if ("refused" in caches) return caches;
  if (caches.from !== undefined) patches.push({ op: "set", at: input("cache-from"), value: caches.from });
  if (caches.to !== undefined) patches.push({ op: "set", at: input("cache-to"), value: caches.to });
  patches.push(...annotationPatches(spread, own));
  return patches;
}

const PLATFORM = `\${{ matrix.platform }}`;

/** Without the input `push`, the output says it. */
const pushField = (build: Step): readonly string[] => (inputKey(build, "push") === undefined ? ["push=true"] : []);

/** Annotations of the index are for the joined one. */
function annotationPatches({ annotations: { ofPlatform }, emulated: { build } }: Spread, own: readonly (string | number)[]): readonly YamlPatch[] {
  const key = inputKey(build, "annotations");
  if (ofPlatform === undefined || key === undefined) return [];
  const at = [...own, "with", key];
  return [ofPlatform.length === 0 ? { op: "remove", at } : { op: "set", at, value: `${ofPlatform.join("\n")}\n` }];
}

/** Steps behind the build that hand its digest on, and one before it that asks for the image's name where nobody knows it. */
function digestSteps(spread: Spread): readonly YamlPatch[] {
  const { emulated, buildId, artifacts, upload, repository } = spread;
  const { job, at, publishing } = emulated;
  const { condition } = publishing;
  const when = condition === undefined ? {} : { if: condition };
  const steps = [
    {
      name: "Keep the digest",
      ...when,
      ...runsIn(spread),
      env: { DIGEST: `\${{ steps.${buildId}.outputs.digest }}` },
      run: `mkdir -p "$RUNNER_TEMP/digests"\ntouch "$RUNNER_TEMP/digests/\${DIGEST#sha256:}"\n`,
    },
    {
      name: "Hand the digest on",
      ...when,
      uses: upload.uses,
      with: { name: artifacts + ROW_NAME, path: `\${{ runner.temp }}/digests/*`, "if-no-files-found": "error", "retention-days": 1 },
    },
  ];
  const named = namedSteps(job);
  const route = ["jobs", job.id.text, "steps"];
  return [
    ...stepPatches(route, at + 1, steps, named, upload.comment),
    ...(repository === undefined ? stepPatches(route, at, [askImage(spread, {})], named, undefined) : []),
  ];
}

/** Emulators only in rows that need them; caches of the runner by row. */
function preparing(step: Step, own: readonly (string | number)[], { emulated: { rows }, annotations: { levels } }: Spread): readonly YamlPatch[] {
  const action = actionOf(step) ?? "";
  if (levels?.step === step) return [levelPatch(step, own, levels.value)];
  if (action === "docker/setup-qemu-action") {
    if (!rows.some(({ emulated }) => emulated)) return [{ op: "remove", at: own }];
    const condition = allOf(step.if?.expression, "matrix.emulated") as string;
    return [
      step.if === undefined
        ? { op: "add", at: own, key: "if", value: condition, after: step.name === undefined ? "uses" : "name" }
        : { op: "set", at: [...own, "if"], value: condition },
    ];
  }
  if (!/^actions\/cache(?:\/|$)/.test(action)) return [];
  return ["key", "restore-keys"].flatMap((name): readonly YamlPatch[] => {
    const text = inputText(step, name);
    const key = inputKey(step, name);
    if (text === undefined || key === undefined) return [];
    return [{ op: "set", at: [...own, "with", key], value: text.replace(/^(?=[^\n])/gm, `${ROW_NAME}-`) }];
  });
}

function levelPatch(step: Step, own: readonly (string | number)[], value: string): YamlPatch {
  if (step.env === undefined) return { op: "add", at: own, key: "env", value: { [LEVELS]: value }, after: "uses" };
  const at = [...own, "env"];
  return childOf(step.env, LEVELS) === undefined ? { op: "add", at, key: LEVELS, value } : { op: "set", at: [...at, LEVELS], value };
}
