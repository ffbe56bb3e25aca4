import { attestationsOf } from "../../../simulate/attestations.ts";
import { builderOf } from "../../../simulate/builder-of.ts";
import { indexAnnotations } from "../../../simulate/index-annotations.ts";
import { severalPlatforms } from "../../../simulate/platform-count.ts";
import { shownText } from "../../../simulate/text.ts";
import { pushingExporters } from "../../registry/pushes.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "index-annotation-of-one-platform",
    summary: "a build annotates the index of an image that has none, for it has one platform and no attestation",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["index-annotations-single-platform"],
  },
  build({ build, event }, report) {
    const [annotation] = indexAnnotations(build);
    if (annotation === undefined || severalPlatforms(build.platforms) !== false || pushingExporters(build).length === 0) return;
    const resolved = builderOf(build, event.before);
    const { provenance, sbom } = attestationsOf(build, resolved, event.before);
    if (provenance !== "none" || sbom !== false) return;
    report({
      message: `"${shownText(annotation)}" annotates an index, and an image of one platform without attestations has none`,
      place: build.place,
      key: build.name ?? "",
      confidence: resolved.certain && event.sure && event.step.runs === "yes" ? "certain" : "likely",
      facts: [{ sentence: "this annotation is for the index", place: annotation.place }, ...resolved.facts],
      log: { tool: "BuildKit", lines: ["index annotations not supported for single platform export"] },
      cause: "one platform makes one manifest; only several platforms, or an attestation beside the image, make an index that could be annotated",
      remedies: [
        advice("annotate the manifest: `manifest:` in front of the key", "none"),
        advice("keep the provenance attestation", "the image becomes an index of two entries"),
      ],
    });
  },
});
