import type { Place } from "../../../core/span.ts";
import type { Fact } from "../../../findings/finding.ts";
import type { Text } from "../../../simulate/text.ts";
import type { Trace, WorkflowStudy } from "../../../simulate/trace.ts";
import { exampleNames } from "../../../workflow/filter.ts";
import { namedImage, publishingOf } from "../../published.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule, isBuildEvent } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "latest-moves-on-prerelease",
    summary: "the tag latest moves with a pre-release too",
    severity: "warning",
    confidence: "possible",
    fix: "none",
    covers: ["moving-tag-on-prerelease"],
  },
  workflow(workflow, report) {
    const name = prereleaseTaken(workflow);
    // Someone has thought of it: what the condition does is not for us to say.
    if (name === undefined || TELLS_THEM_APART.test(workflow.file.text)) return;
    const traces = workflow.jobs.flatMap((job) => job.traces);
    const onBranches = new Set(
      traces
        .filter(isOfBranch)
        .flatMap(movedBy)
        .map(({ repository }) => repository),
    );
    for (const trace of traces.filter(({ scenario }) => scenario.kind === "tag")) {
      for (const { tag, repository } of movedBy(trace)) {
        const place = saidAt(tag, trace);
        // With one of a branch too, it is the newest commit, whatever its number.
        if (place === undefined || onBranches.has(repository)) continue;
        report({
          message: `"${repository}:latest" moves with a pre-release such as ${name} too`,
          place,
          key: repository,
          facts: factsOf(workflow, name),
          cause: "people who name no tag get latest: it becomes that of a pre-release as soon as one is tagged, or goes back when an old release is mended",
          remedies: [
            advice(
              "let docker/metadata-action make the tags: `type=semver,pattern={{version}}` with `flavor: latest=auto` leaves pre-releases out",
              "the tags come from one more step",
            ),
            advice("push latest under a condition that leaves tags with a dash out: `!contains(github.ref_name, '-')`", "none"),
          ],
          traces: [trace],
          among: traces.filter((one) => one.scenario.kind === "tag" && one.job === trace.job),
        });
      }
    }
  },
});

const TELLS_THEM_APART = /pre-?release|contains\(\s*github\.ref|-(?:rc|alpha|beta|pre)\b|endsWith\(/i;
const EXAMPLES = ["v1.2.3-rc.1", "1.2.3-rc.1"];

/** A tag of a pre-release that starts the workflow. */
function prereleaseTaken({ workflow }: WorkflowStudy): string | undefined {
  const trigger = workflow.triggers.find(({ event }) => event === "push");
  if (trigger?.filters.tags === undefined) return undefined;
  const [name] = exampleNames(trigger, "tags", EXAMPLES);
  return name !== undefined && EXAMPLES.includes(name) ? name : undefined;
}

const isOfBranch = ({ scenario }: Trace): boolean => scenario.kind === "default-branch" || scenario.kind === "schedule";

interface Moved {
  readonly tag: Text;
  readonly repository: string;
}

/** Tags `latest` that a run surely pushes. */
function movedBy({ events }: Trace): readonly Moved[] {
  const tags = events.flatMap((event): readonly Text[] => {
    if (!event.sure || event.step.runs !== "yes") return [];
    if (isBuildEvent(event)) return publishingOf(event.operation).pushes === true ? event.operation.tags.items : [];
    const { operation } = event;
    if (operation.kind === "push-image") return operation.image === undefined ? [] : [operation.image];
    return operation.kind === "create-index" && operation.pushes ? operation.names.items : [];
  });
  return tags.flatMap((tag) => {
    const image = namedImage(tag);
    return image?.tag === "latest" && !image.repository.startsWith("localhost") ? [{ tag, repository: image.repository }] : [];
  });
}

/** Where latest is asked for whatever the tag's name; undefined where docker/metadata-action decides it by the version. */
function saidAt({ place }: Text, { steps }: Trace): Place | undefined {
  const written = place.file.text.slice(place.span.start, place.span.end);
  if (!written.includes("steps.")) return /:latest\b/.test(written) ? place : undefined;
  const metadata = steps.filter(({ action, runs }) => action === "docker/metadata-action" && runs === "yes");
  for (const { inputs } of metadata) {
    for (const input of [inputs.get("flavor"), inputs.get("tags")]) {
      const [text, ...others] = input?.parts ?? [];
      if (input !== undefined && typeof text === "string" && others.length === 0 && ALWAYS.test(text)) return input.place;
    }
  }
  return undefined;
}

const ALWAYS = /^\s*latest=true\s*(?:,|$)|^\s*(?:type=raw,(?:value=)?)?latest\s*$/m;

function factsOf({ workflow }: WorkflowStudy, name: string): readonly Fact[] {
  const patterns = workflow.triggers.find(({ event }) => event === "push")?.filters.tags ?? [];
  return patterns.map(({ text, span }) => ({
    sentence: `"${text}" is among the tags that start the workflow, and it takes ${name}`,
    place: { file: workflow.file, span },
  }));
}
