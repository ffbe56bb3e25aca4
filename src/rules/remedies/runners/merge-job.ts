import { childOf, entriesOf } from "../../../workflow/tree.ts";
import type { YamlPatch } from "../../../yaml/patch.ts";
import { carriedSteps } from "./carried.ts";
import { allOf } from "./expressions.ts";
import type { Spread } from "./native.ts";
import { askImage, COLLECTED, listOf, type MadeStep, namedSteps, runsIn, stepPatches } from "./steps-made.ts";

/** What makes of the job the one that joins the digests under all tags, and then does what came behind the build. */
export function mergePatches(spread: Spread): readonly YamlPatch[] {
  const { emulated, workflow, staying, jobCondition } = spread;
  const { job, build, at, file } = emulated;
  const route = ["jobs", job.id.text];
  const patches: YamlPatch[] = [];
  if (jobCondition !== undefined) {
    const condition = allOf(job.if?.expression, jobCondition) as string;
    patches.push(
      job.if === undefined ? { op: "add", at: route, key: "if", value: condition, after: "runs-on" } : { op: "set", at: [...route, "if"], value: condition },
    );
  }
  if (job.strategy !== undefined) patches.push({ op: "remove", at: [...route, "strategy"] });
  if (childOf(job.node, "needs") !== undefined) patches.push({ op: "remove", at: [...route, "needs"] });
  const made = joiningSteps(spread);
  const texts = [...made.map((step) => JSON.stringify(step)), ...job.outputs.map(({ value }) => value?.text ?? "")];
  const given = new Set([...entriesOf(workflow.env), ...entriesOf(job.env)].map(({ key }) => key.text.toLowerCase()));
  const moving = job.steps.filter((_, i) => i > at && !staying.has(i));
  const carried = carriedSteps(file, job.steps.slice(0, at), texts, moving, given);
  const steps = [...route, "steps"];
  for (const [i, step] of [...job.steps.entries()].toReversed()) {
    if (step === build) patches.push(...stepPatches(steps, i + 1, made, namedSteps(job), spread.download.comment), { op: "remove", at: [...steps, i] });
    else if (staying.has(i) || (i < at && !carried.has(step))) patches.push({ op: "remove", at: [...steps, i] });
  }
  return patches;
}

/** Outside of the workspace, which a checkout would empty. */
const DIGESTS = `\${{ runner.temp }}/digests`;

// Buildx prints the whole index for a template that begins with `.Manifest`: hence `print`.
function joiningSteps(spread: Spread): readonly MadeStep[] {
  const { emulated, artifacts, buildId, download, repository, tags, annotations, wantsDigest, imageId, jobCondition } = spread;
  const { rows, publishing } = emulated;
  const condition = jobCondition === undefined ? publishing.condition : undefined;
  const when = condition === undefined ? {} : { if: condition };
  const fetch: MadeStep = {
    name: "Fetch the digests",
    ...when,
    uses: download.uses,
    with: { path: DIGESTS, pattern: `${artifacts}*`, "merge-multiple": true },
  };
  const ask = repository === undefined ? [askImage(spread, when)] : [];
  const { ofIndex } = annotations;
  const script = [
    `[ "$(ls | wc -l)" -eq ${rows.length} ] || { echo "::error::there are not ${rows.length} digests"; exit 1; }`,
    ...(ofIndex.length === 0
      ? []
      : ["annotations=()", 'while IFS= read -r line; do [[ "$line" != index:* ]] || annotations+=(--annotation "$line"); done <<< "$ANNOTATIONS"']),
    `docker buildx imagetools create $(printf -- '-t %s ' \${TAGS//,/ })${ofIndex.length === 0 ? "" : ` ${COLLECTED}`} $(printf "$IMAGE@sha256:%s " *)`,
    ...(wantsDigest
      ? [
          `for tag in \${TAGS//,/ }; do break; done`,
          `echo "digest=$(docker buildx imagetools inspect "$tag" --format '{{print .Manifest.Digest}}')" >> "$GITHUB_OUTPUT"`,
        ]
      : []),
  ];
  const join: MadeStep = {
    name: "Join the platforms",
    id: buildId,
    ...when,
    ...runsIn(spread),
    "working-directory": DIGESTS,
    env: {
      IMAGE: repository ?? `\${{ steps.${imageId}.outputs.name }}`,
      TAGS: listOf(tags),
      ...(ofIndex.length === 0 ? {} : { ANNOTATIONS: listOf(ofIndex) }),
    },
    run: `${script.join("\n")}\n`,
  };
  return [fetch, ...ask, join];
}
