import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import { layerUses, shortDigest } from "../places.ts";

export const rule = defineImageRule({
  meta: { id: "wrong-diff-id", summary: "a layer unpacks to something else than the config's diff_id says", severity: "error", confidence: "certain" },
  image(subject, report) {
    for (const { layer, at, facts } of layerUses(subject)) {
      const got = layer.contents?.index.diffId;
      if (got === undefined || layer.diffId === undefined || got === layer.diffId) continue;
      report({
        message: `layer ${layer.number} unpacks to ${shortDigest(got)}, the config says ${shortDigest(layer.diffId)}`,
        at,
        facts: [`it unpacks to ${got}`, `the config's diff_id is ${layer.diffId}`, ...facts],
        clause: clause("diff-id"),
        cause: "runtimes compute the digest of the unpacked layer and refuse the image when the config says another",
        remedies: ["build the image again: config and layers come from different builds"],
      });
    }
  },
});
