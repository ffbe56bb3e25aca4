import type { Text } from "../../../simulate/text.ts";
import type { Trace, WorkflowStudy } from "../../../simulate/trace.ts";
import { type ImageName, imageKey, imageNameOf } from "../../registry/image-name.ts";
import { type Push, pushesIn } from "../../registry/pushes.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { pushedPlatforms } from "../built-platforms.ts";
import { sameInRun, sameRun } from "../same-run.ts";

export const rule = defineRule({
  meta: {
    id: "tag-overwritten-by-matrix",
    summary: "rows of a matrix build different platforms and push them under one tag, so that the last one is all there is",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["matrix-overwrites-tag"],
  },
  job({ traces }, workflow, report) {
    const pushes = traces.flatMap((trace) =>
      pushesIn(trace)
        .filter(isTagged)
        .flatMap((push) => rowOf(push, trace)),
    );
    for (const [shown, all] of groupsOf(pushes)) {
      for (const first of all) {
        const other = all.find(
          (one) => one.trace.job === first.trace.job && one.platforms.join() !== first.platforms.join() && sameRun(one.trace, first.trace),
        );
        if (other === undefined || mergedElsewhere(first.push, workflow)) continue;
        report({
          message: `each row of the matrix pushes "${shown}" with a platform of its own: the last one to finish is all that the tag holds`,
          place: first.push.event.operation.place,
          key: buildName(first.push),
          confidence: [first, other].every(({ trace, push }) => trace.row.certain && push.certain) ? "certain" : "likely",
          facts: [
            { sentence: `one row pushes ${first.platforms.join(", ")} under this tag`, place: first.push.text.place },
            { sentence: `another pushes ${other.platforms.join(", ")} under the same one`, place: other.push.text.place },
          ],
          cause:
            "a tag names one thing: who pushes it again puts another image in its place, and no registry joins two images of different platforms by itself",
          remedies: [
            advice(
              "push each row by digest, and join the digests in a job of its own with docker buildx imagetools create",
              "one more job; the tag is there when all rows are",
            ),
            advice("build all platforms in one job", "foreign platforms are emulated or cross-compiled there"),
            advice("put the platform into each row's tag, and join the tags in a job of its own", "one more job, and a tag for each platform stays"),
          ],
          traces: [first.trace],
        });
      }
    }
  },
});

/** Several tags of a build are one mistake. */
const buildName = ({ event: { operation } }: Push): string => (operation.kind === "build" ? (operation.name ?? "") : "");

interface Row {
  readonly push: Push;
  readonly trace: Trace;
  readonly platforms: readonly string[];
}

/** Of unknown parts only those count that are the same in every row. */
const isTagged = ({ what, byDigest, image, certain }: Push): boolean =>
  what === "image" && byDigest === false && certain && !image.byDigest && image.tagged !== undefined && sameInRun(image.holes);

function rowOf(push: Push, trace: Trace): readonly Row[] {
  const platforms = pushedPlatforms(push, trace);
  return platforms === undefined ? [] : [{ push, trace, platforms }];
}

function groupsOf(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = imageKey(row.push.image);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

/** A job may still make an index of it by the digests. */
function mergedElsewhere({ image }: Push, { jobs }: WorkflowStudy): boolean {
  return jobs.some(({ traces }) =>
    traces.some(({ events }) =>
      events.some(
        ({ operation }) =>
          operation.kind === "create-index" &&
          (operation.names.open || operation.names.items.length === 0 || operation.names.items.some((name) => namesRepository(name, image))),
      ),
    ),
  );
}

/** What hangs on a step's output may be anything. */
function namesRepository(name: Text, image: ImageName): boolean {
  const other = imageNameOf(name);
  return other.repository === image.repository || other.repositoryHoles.length > 0;
}
