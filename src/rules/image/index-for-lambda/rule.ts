import type { Remedy } from "../../../findings/finding.ts";
import { imageNameOf } from "../../registry/image-name.ts";
import { addInputs } from "../../remedies/inputs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { type Published, publishedAs } from "../published.ts";

export const rule = defineRule({
  meta: {
    id: "index-for-lambda",
    summary: "an index is given to AWS Lambda, which takes only the image of one platform without attestations",
    severity: "error",
    confidence: "likely",
    fix: "sometimes",
    covers: ["lambda-rejects-index"],
  },
  workflow(workflow, report) {
    for (const { traces } of workflow.jobs) {
      for (const trace of traces) {
        for (const { operation } of trace.events) {
          if (operation.kind !== "deploy" || operation.to !== "lambda" || operation.image === undefined) continue;
          const found = publishedAs(imageNameOf(operation.image), trace, workflow);
          const one = found.find(({ isIndex }) => isIndex === true);
          if (one === undefined || found.some(({ isIndex }) => isIndex === false)) continue;
          const why = one.why === "platforms" ? "it is built for several platforms" : "its build adds attestations, which make an index even of one platform";
          report({
            message: `Lambda takes no index, and "${one.push.image.shown}" is one`,
            place: operation.place,
            key: one.push.image.repository,
            facts: [{ sentence: `here it is pushed; ${why}`, place: one.push.event.operation.place }],
            log: { tool: "AWS Lambda", lines: ["The image manifest, config or layer media type for the source image"] },
            cause: "Lambda wants the manifest of one platform; several platforms, or the attestations that Buildx adds by default, make an index of the image",
            remedies: remediesOf(one),
            traces: [trace],
          });
        }
      }
    }
  },
});

function remediesOf({ build, push, why }: Published): readonly Remedy[] {
  if (why === "platforms")
    return [
      advice("build an image of one platform for each function, without attestations", "two architectures are two tags"),
      advice("deploy the platform's own digest", "a step has to look it up"),
    ];
  const isAction = build.through === "docker/build-push-action" && build.provenance === undefined && build.sbom === undefined;
  const title = "build without attestations: provenance: false";
  const price = "the image carries no record of how it was built";
  return [isAction ? remedy({ title, price }, [addInputs(push.event.step.place, { provenance: false })]) : advice(title, price)];
}
