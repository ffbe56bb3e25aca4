import { clause } from "../../../../facts/clauses.ts";
import { isLayerType } from "../../../read/media-types.ts";
import { defineImageRule } from "../../../rule.ts";
import { layerUses } from "../places.ts";
import { quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: { id: "layer-of-other-type", summary: "a layer has a media type that no runtime unpacks", severity: "error", confidence: "certain" },
  image(subject, report) {
    for (const { layer, at, facts } of layerUses(subject)) {
      const { mediaType } = layer.descriptor;
      if (isLayerType(mediaType) && !mediaType.endsWith("+encrypted")) continue;
      const encrypted = mediaType.endsWith("+encrypted");
      report({
        severity: encrypted ? "info" : "error",
        message: encrypted
          ? `layer ${layer.number} is encrypted: what is in it was not looked at`
          : `layer ${layer.number} has the media type ${quoted(mediaType)}, which is not that of a layer`,
        at,
        facts,
        clause: clause("media-types"),
        cause: encrypted
          ? "only runtimes that have the key can unpack it"
          : "containerd leaves out what is no layer, and then finds that layers and diff_ids do not match; Docker ends with an unsupported media type",
        remedies: encrypted
          ? []
          : ["give it the type that it has: application/vnd.oci.image.layer.v1.tar+gzip", "keep what is no part of the file system out of the image's layers"],
      });
    }
  },
});
