import { formatPlatform } from "../../../../core/platform.ts";
import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";

export const rule = defineImageRule({
  meta: {
    id: "shadowed-platform",
    summary: "an image for newer processors stands before the one for all, and is taken by clients that do not look at variants",
    severity: "warning",
    confidence: "likely",
  },
  image(subject, report) {
    for (const [i, image] of subject.images.entries()) {
      const { platform, entry } = image;
      if (entry === undefined || platform.variant !== undefined || (platform.architecture !== "amd64" && platform.architecture !== "arm64")) continue;
      const before = subject.images.slice(0, i).find((other) => {
        const { os, architecture, variant } = other.platform;
        return os === platform.os && architecture === platform.architecture && variant !== undefined && other.platform["os.version"] === platform["os.version"];
      });
      if (before === undefined) continue;
      report({
        message: `${before.name} stands before ${formatPlatform(platform)} in the index`,
        at: { document: before.manifest.where },
        facts: ["containerd and Docker look for the closest variant; crane, kaniko and others of their library take the first entry of the architecture"],
        clause: clause("index"),
        cause: "who asks for the architecture alone gets an image for newer processors: it ends with an illegal instruction on others",
        remedies: [`put ${formatPlatform(platform)} before ${before.name}`],
      });
    }
  },
});
