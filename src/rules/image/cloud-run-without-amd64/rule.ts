import { imageNameOf } from "../../registry/image-name.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { publishedAs } from "../published.ts";

export const rule = defineRule({
  meta: {
    id: "cloud-run-without-amd64",
    summary: "an image is deployed to Cloud Run without linux/amd64, the only platform that runs there",
    severity: "error",
    confidence: "likely",
    fix: "none",
    covers: ["cloudrun-wrong-arch"],
  },
  workflow(workflow, report) {
    for (const { traces } of workflow.jobs) {
      for (const trace of traces) {
        for (const { operation } of trace.events) {
          if (operation.kind !== "deploy" || operation.to !== "cloud-run" || operation.image === undefined) continue;
          const found = publishedAs(imageNameOf(operation.image), trace, workflow);
          const [one] = found;
          if (one === undefined || found.some(({ platforms }) => platforms === undefined || platforms.includes("linux/amd64"))) continue;
          report({
            message: `Cloud Run needs linux/amd64, and "${one.push.image.shown}" is built for ${one.platforms?.join(", ")}`,
            place: operation.place,
            key: one.push.image.repository,
            facts: [
              { sentence: `it is built here for ${one.platforms?.join(", ")}`, place: one.build.place },
              ...(one.build.platforms.place === undefined ? [one.trace.start.runner.fact] : []),
            ],
            log: { tool: "Cloud Run", lines: ["must support amd64/linux"] },
            cause: "Cloud Run starts images on amd64 machines only; an image that a build names no platform for is of the machine that builds it",
            remedies: [advice("name the platform: platforms: linux/amd64", "on an Arm runner its programs are emulated while it is built")],
            traces: [trace],
          });
        }
      }
    }
  },
});
