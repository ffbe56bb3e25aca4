import { countText } from "../../../../core/quantity.ts";
import { clause } from "../../../../facts/clauses.ts";
import { isConfigType } from "../../../read/media-types.ts";
import { defineImageRule } from "../../../rule.ts";
import { configPlace } from "../places.ts";

export const rule = defineImageRule({
  meta: { id: "layers-unlike-diff-ids", summary: "manifest and config do not have the same number of layers", severity: "error", confidence: "certain" },
  platform(image, _subject, report) {
    const { config, layers, manifest } = image;
    const ids = config.value?.rootfs.diff_ids;
    if (ids === undefined || manifest.manifest === undefined || !isConfigType(config.descriptor.mediaType) || ids.length === layers.length) return;
    report({
      message: `the manifest has ${countText(layers.length, "layer")}, the config ${countText(ids.length, "diff_id")}`,
      at: configPlace(config),
      clause: clause("config"),
      cause: "each layer has its diff_id in the config; runtimes refuse an image where the two lists do not match",
      remedies: ["build the image again: config and manifest come from different builds"],
    });
  },
});
