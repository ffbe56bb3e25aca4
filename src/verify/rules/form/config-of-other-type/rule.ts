import { clause } from "../../../../facts/clauses.ts";
import { isConfigType } from "../../../read/media-types.ts";
import { defineImageRule } from "../../../rule.ts";
import { configPlace } from "../places.ts";
import { quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: { id: "config-of-other-type", summary: "the config of an image is not said to be one", severity: "error", confidence: "certain" },
  platform(image, _subject, report) {
    const { manifest, config } = image;
    if (manifest.manifest === undefined || isConfigType(config.descriptor.mediaType)) return;
    report({
      message: `the config has the media type ${quoted(config.descriptor.mediaType)}, which is not that of an image's config`,
      at: configPlace(config),
      clause: clause("manifest"),
      cause: "clients take a manifest with a config of another type for an artifact, and neither unpack nor start it",
      remedies: ['set config.mediaType to "application/vnd.oci.image.config.v1+json"', "leave the platform out of the index's entry, if it is an artifact"],
    });
  },
});
