import type { Place } from "../../../core/span.ts";
import { shownText } from "../../../simulate/text.ts";
import type { Trace, WorkflowStudy } from "../../../simulate/trace.ts";
import { type ImageName, imageNameOf } from "../../registry/image-name.ts";
import { pushesIn } from "../../registry/pushes.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { othersInRun, sameInRun } from "../same-run.ts";

export const rule = defineRule({
  meta: {
    id: "merge-from-other-repository",
    summary: "digests are looked for in a repository that they were not pushed to",
    severity: "error",
    confidence: "likely",
    fix: "none",
    covers: ["imagetools-create-name-mismatch"],
  },
  workflow(workflow, report) {
    for (const { traces } of workflow.jobs) {
      for (const trace of traces) {
        const joined = trace.events.filter(({ operation }) => operation.kind === "create-index" && operation.tool === "imagetools");
        if (joined.length === 0) continue;
        const pushed = repositoriesBefore(trace, workflow);
        if (pushed === undefined) continue;
        for (const { operation, sure } of joined) {
          if (operation.kind !== "create-index" || !sure) continue;
          for (const text of operation.sources.items) {
            const source = imageNameOf(text);
            if (!source.byDigest || !isKnown(source) || pushed.has(source.repository)) continue;
            report({
              message: `digests are looked for in "${source.repository}", and were pushed to "${[...pushed.keys()].join('", "')}"`,
              place: operation.place,
              key: source.repository,
              facts: [
                { sentence: `this source is in "${source.repository}": "${shownText(text)}"`, place: text.place },
                ...[...pushed.values()].slice(0, 3).map(({ place, name }) => ({ sentence: `the digests were pushed to "${name}"`, place })),
              ],
              log: { tool: "docker buildx imagetools create", lines: [`${source.repository}@sha256:`] },
              cause: "a digest names an image within one repository: pushed to another it is not there",
              remedies: [
                advice("name the repository that the digests were pushed to as the source; imagetools copies to another registry by itself", "none"),
                advice("push the digests to each repository", "each build uploads its layers several times"),
              ],
              traces: [trace],
            });
          }
        }
      }
    }
  },
});

/** Every part of the name is the same in each job. */
const isKnown = ({ repositoryHoles, shownHost }: ImageName): boolean => sameInRun(repositoryHoles) && shownHost !== undefined;

interface Pushed {
  readonly name: string;
  readonly place: Place;
}

/** Where the jobs that this one needs push by digest; undefined where nobody knows all of it. */
function repositoriesBefore(trace: Trace, workflow: WorkflowStudy): ReadonlyMap<string, Pushed> | undefined {
  const needed = new Set(trace.job.needs.map(({ text }) => text));
  const walks = [trace, ...othersInRun(trace, workflow)].filter((other) => other === trace || needed.has(other.job.id.text));
  const found = new Map<string, Pushed>();
  for (const push of walks.flatMap(pushesIn)) {
    if (push.what === "cache" || push.event.operation.kind === "create-index") continue;
    if (!isKnown(push.image)) return undefined;
    found.set(push.image.repository, { name: push.image.repository, place: push.text.place });
  }
  const byDigest = walks.flatMap(pushesIn).some((push) => push.byDigest === true);
  return byDigest ? found : undefined;
}
