import type { Place } from "../../../core/span.ts";
import type { FileEdit } from "../../../findings/finding.ts";
import { textOf } from "../../../simulate/text.ts";
import { eventsOf, type Trace } from "../../../simulate/trace.ts";
import { namedImage, publishingOf } from "../../published.ts";
import { remedy } from "../../remedies/remedy.ts";
import { yamlEdit } from "../../remedies/yaml-edit.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "racing-tag-pushes",
    summary: "two runs of a workflow may push the same moving tag at once, and the older one last",
    severity: "info",
    confidence: "likely",
    fix: "sometimes",
    covers: ["concurrency-tag-race"],
  },
  workflow({ workflow, jobs }, report) {
    if (workflow.concurrency !== undefined) return;
    const seen: { readonly trace: Trace; readonly pushed: NonNullable<ReturnType<typeof movingTag>> }[] = [];
    for (const trace of jobs.flatMap(({ job, traces }) => (job.concurrency === undefined ? traces : []))) {
      if (trace.scenario.kind !== "default-branch" || trace.job.concurrency !== undefined || trace.workflow.concurrency !== undefined) continue;
      const pushed = movingTag(trace);
      if (pushed !== undefined) seen.push({ trace, pushed });
    }
    const [first] = seen;
    if (first === undefined) return;
    report({
      message: `each push to the default branch moves the tag "${first.pushed.tag}", and nothing keeps two runs from doing it at once`,
      place: first.pushed.place,
      key: "",
      traces: seen.map(({ trace }) => trace),
      cause: "runs of one workflow go on side by side; when the build of an older commit takes longer, its image is the one the tag names in the end",
      remedies: [
        remedy(
          {
            title: "give the workflow a `concurrency` group",
            price: "a run waits for the one before it, and of several that wait only the newest runs",
            safety: "unsafe",
          },
          [group(first.trace)],
        ),
      ],
    });
  },
});

/** Tags that are the same from commit to commit, as people name them. */
const MOVING = /^(?:latest|edge|nightly|dev|develop|development|main|master|trunk|unstable|canary|snapshot|next)$/;

function movingTag(trace: Trace): { readonly tag: string; readonly place: Place } | undefined {
  for (const { operation, sure } of eventsOf(trace, "build")) {
    if (!sure || publishingOf(operation).pushes !== true) continue;
    for (const item of operation.tags.items) {
      const text = textOf(item);
      const tag = text === undefined ? undefined : (namedImage(item)?.tag ?? "latest");
      if (tag !== undefined && MOVING.test(tag)) return { tag, place: operation.place };
    }
  }
  return undefined;
}

function group({ workflow, calledFrom }: Trace): FileEdit | undefined {
  if (calledFrom.length > 0) return undefined;
  // One expression alone: the group is the workflow's and the branch's.
  const value = { group: `\${{ github.workflow }}-\${{ github.ref }}`, "cancel-in-progress": false };
  return yamlEdit({ file: workflow.file }, { op: "add", at: [], key: "concurrency", value, after: "on" });
}
