import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import { layerPlace } from "../places.ts";

export const rule = defineImageRule({
  meta: { id: "layers-that-do-not-fit", summary: "layers, each by itself sound, cannot be put upon each other", severity: "error", confidence: "likely" },
  platform(image, _subject, report) {
    const { filesProblem, layers, files } = image;
    if (filesProblem === undefined || files !== undefined) return;
    const known = layers.filter(({ contents }) => contents !== undefined);
    report({
      message: `the layers cannot be put upon each other: ${filesProblem.message}`,
      at: known.length === 1 && known[0] !== undefined ? layerPlace(known[0]) : {},
      clause: clause("whiteouts"),
      facts: ["what files the platform ends up with is therefore not known, and was not checked"],
      cause: "runtimes differ in what they do with such layers: some fail, some leave out what does not fit",
      remedies: ["build the image again on a base that is whole"],
    });
  },
});
