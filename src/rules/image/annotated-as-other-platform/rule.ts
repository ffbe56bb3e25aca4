import { parsePlatform } from "../../../core/platform.ts";
import { isProblem } from "../../../core/problem.ts";
import { textOf } from "../../../simulate/text.ts";
import { imageNameOf } from "../../registry/image-name.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { publishedAs } from "../published.ts";

export const rule = defineRule({
  meta: {
    id: "annotated-as-other-platform",
    summary: "an image is entered into an index under an architecture that it is not built for",
    severity: "error",
    confidence: "likely",
    fix: "none",
    covers: ["manifest-platform-missing-annotate"],
  },
  workflow(workflow, report) {
    for (const { traces } of workflow.jobs) {
      for (const trace of traces) {
        for (const { operation } of trace.events) {
          if (operation.kind !== "annotate-index" || operation.image === undefined) continue;
          const wanted = architectureOf(`linux/${textOf(operation.architecture) ?? ""}`);
          const found = publishedAs(imageNameOf(operation.image), trace, workflow);
          const [one] = found;
          if (
            wanted === undefined ||
            one === undefined ||
            found.some(({ platforms }) => platforms === undefined || platforms.some((platform) => architectureOf(platform) === wanted))
          )
            continue;
          const built = one.platforms?.join(", ") ?? "";
          report({
            message: `"${one.push.image.shown}" is entered as ${wanted}, and is built for ${built}`,
            place: operation.place,
            key: one.push.image.shown,
            facts: [
              {
                sentence:
                  one.build.platforms.place === undefined
                    ? `it is built here without a platform, on a runner that is ${built}`
                    : `it is built here for ${built}`,
                place: one.build.place,
              },
            ],
            log: undefined,
            cause: "an annotation changes what the index says and not what the image holds: machines of that architecture pull it, and cannot run its programs",
            remedies: [
              advice(`build it for linux/${wanted}`, "foreign programs are emulated, unless it is built on a runner of that kind"),
              advice("let docker buildx imagetools create read the platform from the image", "none"),
            ],
            traces: [trace],
          });
        }
      }
    }
  },
});

function architectureOf(platform: string): string | undefined {
  try {
    return parsePlatform(platform).architecture;
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}
