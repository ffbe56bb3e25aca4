import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import { layerUses } from "../places.ts";

export const rule = defineImageRule({
  meta: { id: "unsound-layer", summary: "a layer cannot be unpacked", severity: "error", confidence: "certain" },
  image(subject, report) {
    for (const { layer, at, facts } of layerUses(subject)) {
      const { problem } = layer;
      if (problem?.code !== "layer-invalid" && problem?.code !== "layer-unsupported" && problem?.code !== "limit-exceeded") continue;
      const sound = problem.code !== "layer-invalid";
      report({
        confidence: sound ? "likely" : "certain",
        message: `layer ${layer.number} cannot be unpacked: ${problem.message}`,
        at,
        facts,
        clause: clause("layer-format"),
        cause: sound
          ? "it is beyond what is unpacked without doubt: a small layer that grows without end fills the disk of whoever pulls it"
          : "a pull ends while the layer is unpacked, after everything was downloaded",
        remedies: ["build the image again", "push it with another tool, if the layer comes out the same"],
      });
    }
  },
});
