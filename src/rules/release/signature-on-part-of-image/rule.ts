import type { Place } from "../../../core/span.ts";
import { severalPlatforms } from "../../../simulate/platform-count.ts";
import type { Trace, WorkflowStudy } from "../../../simulate/trace.ts";
import { publishingOf } from "../../published.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule, isBuildEvent } from "../../rule.ts";
import { sameRun } from "../../same-build.ts";

export const rule = defineRule({
  meta: {
    id: "signature-on-part-of-image",
    summary: "of an image of several platforms only the index is signed, or only its platforms are",
    severity: "info",
    confidence: "likely",
    fix: "none",
    covers: ["cosign-signs-index-only"],
  },
  workflow(workflow, report) {
    for (const trace of workflow.jobs.flatMap((job) => job.traces)) {
      for (const { place, recursive } of signatures(trace)) {
        const made = madeBefore(trace);
        if (made === "platforms" && indexIsUnsigned(workflow, trace)) {
          report({
            message: "the images of the platforms are signed here, and the index that joins them later is not",
            place,
            severity: "warning",
            cause: "people pull the index: its digest is another than those of its platforms, and a check of the signature looks for that digest",
            remedies: [
              advice("sign in the job that merges the digests: `cosign sign --recursive IMAGE@DIGEST`", "that job needs the permission `id-token: write`"),
            ],
            traces: [trace],
          });
        } else if (made === "index" && recursive === false) {
          report({
            message: "only the index is signed, not the images of its platforms",
            place,
            cause:
              "without --recursive cosign signs one digest, that of the index: whoever checks the image of one platform by its own digest finds no signature",
            remedies: [advice("add --recursive (-r) to `cosign sign`", "one signature more for each platform and attestation")],
            traces: [trace],
          });
        }
      }
    }
  },
});

interface Signature {
  readonly place: Place;
  readonly recursive: boolean | undefined;
}

const signatures = ({ events }: Trace): readonly Signature[] =>
  events.flatMap(({ operation }) => (operation.kind === "sign-image" && operation.tool === "cosign" ? [operation] : []));

/** What a job publishes: an index of several platforms, or images of platforms that another job joins. */
function madeBefore({ events }: Trace): "index" | "platforms" | undefined {
  const builds = events.filter(isBuildEvent).map(({ operation }) => operation);
  if (builds.some((build) => publishingOf(build).byDigest === true)) return "platforms";
  const many = builds.some((build) => publishingOf(build).pushes === true && severalPlatforms(build.platforms) === true);
  return many || events.some(({ operation }) => operation.kind === "create-index") ? "index" : undefined;
}

/** Jobs of the same run merge, and none of them signs. */
function indexIsUnsigned({ jobs }: WorkflowStudy, trace: Trace): boolean {
  const merging = jobs.flatMap((job) =>
    job.traces.filter((other) => sameRun(trace, other) && other.events.some(({ operation }) => operation.kind === "create-index")),
  );
  return (
    merging.length > 0 &&
    merging.every((other) => signatures(other).length === 0 && other.start.doubts.length === 0 && (other.events.at(-1)?.after.doubts.length ?? 0) === 0)
  );
}
