import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import { layerPlace } from "../places.ts";

/** Small ones are what WORKDIR and the like make, again and again. */
const REMARKABLE_BYTES = 64 * 1024;

export const rule = defineImageRule({
  meta: { id: "repeated-layer", summary: "a platform's image has one layer twice", severity: "info", confidence: "certain" },
  platform(image, _subject, report) {
    const first = new Map<string, number>();
    for (const layer of image.layers) {
      const before = first.get(layer.descriptor.digest);
      if (before === undefined) first.set(layer.descriptor.digest, layer.number);
      else if (layer.descriptor.size >= REMARKABLE_BYTES) {
        report({
          message: `layer ${layer.number} is layer ${before} once more`,
          at: layerPlace(layer),
          clause: clause("applying"),
          cause: "it is downloaded once and unpacked twice; most likely a step was made twice",
          remedies: ["leave out the second COPY or ADD of the same files"],
        });
      }
    }
  },
});
