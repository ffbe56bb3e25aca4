import { clause } from "../../../../facts/clauses.ts";
import { isNonDistributable } from "../../../read/media-types.ts";
import { defineImageRule } from "../../../rule.ts";
import { layerUses } from "../places.ts";
import { listed, quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: { id: "foreign-layer", summary: "a layer is to be had somewhere else than the image", severity: "info", confidence: "certain" },
  image(subject, report) {
    for (const { layer, at, facts } of layerUses(subject)) {
      const { mediaType, urls = [] } = layer.descriptor;
      if (!layer.foreign && !isNonDistributable(mediaType)) continue;
      const nowhere = layer.foreign && urls.length === 0;
      report({
        severity: nowhere ? "error" : "info",
        message: nowhere
          ? `layer ${layer.number} is not here, and nothing says where it is`
          : `layer ${layer.number} is ${layer.foreign ? "to be had elsewhere and was not looked at" : "marked as one that is not to be passed on"}`,
        at,
        facts: [...(urls.length === 0 ? [] : [`its addresses are ${listed(urls.slice(0, 3).map(quoted))}`]), ...facts],
        clause: clause("foreign-layers"),
        cause: nowhere
          ? "a pull asks the registry for it and fails"
          : "machines without a way to those addresses cannot pull the image, and copies of the image do not hold it",
        remedies: nowhere ? ["push the layer, or tell its address"] : ["push it beside the others where the licence permits: such layers are deprecated"],
      });
    }
  },
});
