import type { Remedy } from "../../../findings/finding.ts";
import { fullName, imageNameOf } from "../../registry/image-name.ts";
import { addInputs } from "../../remedies/inputs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { type Published, publishedAs } from "../published.ts";

export const rule = defineRule({
  meta: {
    id: "docker-manifest-of-an-index",
    summary: "docker manifest create is given an image that is an index itself, for its attestations or platforms",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["docker-manifest-create-index-source", "index-for-single-platform"],
  },
  workflow(workflow, report) {
    for (const { traces } of workflow.jobs) {
      for (const trace of traces) {
        for (const { operation, sure, step } of trace.events) {
          if (operation.kind !== "create-index" || operation.tool !== "docker manifest") continue;
          const sources = operation.sources.items.flatMap((text) => publishedAs(imageNameOf(text), trace, workflow).map((one) => ({ text, one })));
          const found = sources.find(({ one, text }) => one.isIndex === true && !imageNameOf(text).byDigest);
          if (found === undefined) continue;
          const { one, text } = found;
          const why = one.why === "platforms" ? "it is built for several platforms" : "its build adds attestations, which make an index even of one platform";
          report({
            message: `"docker manifest create" takes no index, and "${one.push.image.shown}" is one`,
            place: operation.place,
            key: "",
            confidence: sure && step.runs === "yes" && one.push.certain ? "certain" : "likely",
            facts: [
              { sentence: `this is joined: "${one.push.image.shown}"`, place: text.place },
              { sentence: `here it is pushed; ${why}`, place: one.push.event.operation.place },
            ],
            log: { tool: "docker manifest create", lines: [`${fullName(one.push.image)} is a manifest list`] },
            cause: "docker manifest create knows plain images only; Buildx attaches attestations by default, and an image with attestations is an index",
            remedies: remediesOf(one),
            traces: [trace],
          });
        }
      }
    }
  },
});

function remediesOf({ build, push, why }: Published): readonly Remedy[] {
  const imagetools = advice(
    "join them with docker buildx imagetools create -t NAME SOURCE…, which takes indexes, and pushes by itself",
    "docker manifest push and annotate fall away",
  );
  if (why === "platforms") return [imagetools];
  const isAction = build.through === "docker/build-push-action" && build.provenance === undefined && build.sbom === undefined;
  const title = "build without attestations: provenance: false";
  const price = "the images carry no record of how they were built";
  return [imagetools, isAction ? remedy({ title, price, safety: "unsafe" }, [addInputs(push.event.step.place, { provenance: false })]) : advice(title, price)];
}
