import { clause } from "../../../../facts/clauses.ts";
import { isConfigType } from "../../../read/media-types.ts";
import { defineImageRule } from "../../../rule.ts";
import { configPlace } from "../places.ts";
import { listed } from "../words.ts";

export const rule = defineImageRule({
  meta: { id: "config-without-platform", summary: "a config does not say its operating system or architecture", severity: "error", confidence: "certain" },
  platform(image, _subject, report) {
    const { config } = image;
    const { fields } = config;
    // What is no config of an image is told by another rule.
    if (fields === undefined || !isConfigType(config.descriptor.mediaType)) return;
    const missing = (["os", "architecture"] as const).filter((field) => fields[field] === undefined || fields[field] === null || fields[field] === "");
    if (missing.length === 0) return;
    report({
      message: `the config does not say its ${listed(missing)}`,
      at: configPlace(config),
      clause: clause("config"),
      cause: "clients take the image for their own platform or refuse it, and a tool that makes an index of it cannot tell what it is for",
      remedies: [`write ${listed(missing.map((field) => `"${field}"`))} into the config: crane mutate --set-platform linux/arm64`],
    });
  },
});
