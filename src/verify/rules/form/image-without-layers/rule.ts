import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";

export const rule = defineImageRule({
  meta: { id: "image-without-layers", summary: "an image has no layers", severity: "warning", confidence: "certain" },
  platform(image, _subject, report) {
    if (image.manifest.manifest?.layers.length !== 0) return;
    report({
      message: "the image has no layers, so no files",
      at: { document: image.manifest.where === "" ? "manifest" : image.manifest.where },
      clause: clause("manifest"),
      cause: "there is nothing to start, and some clients and registries refuse a manifest without layers",
      remedies: ["copy at least one file into the image"],
    });
  },
});
