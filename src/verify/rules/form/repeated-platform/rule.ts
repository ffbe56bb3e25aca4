import { formatPlatform } from "../../../../core/platform.ts";
import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import type { PlatformImage } from "../../../subject.ts";
import { shortDigest } from "../places.ts";

export const rule = defineImageRule({
  meta: {
    id: "repeated-platform",
    summary: "an index has several images for one platform, and all but the first are never chosen",
    severity: "warning",
    confidence: "certain",
  },
  image(subject, report) {
    const groups = new Map<string, PlatformImage[]>();
    for (const image of subject.images) {
      if (image.entry === undefined) continue;
      const key = JSON.stringify([formatPlatform(image.platform), [...(image.platform["os.features"] ?? [])].sort(), versionOf(image), distinguished(image)]);
      groups.set(key, [...(groups.get(key) ?? []), image]);
    }
    for (const images of groups.values()) {
      const [first, ...rest] = images;
      if (first === undefined || rest.length === 0) continue;
      const other = rest.find((image) => image.manifest.descriptor.digest !== first.manifest.descriptor.digest);
      const digests = images.map(({ manifest }) => `${manifest.where} is ${shortDigest(manifest.descriptor.digest)}`);
      report({
        severity: other === undefined ? "info" : "warning",
        message:
          other === undefined
            ? `the image for ${formatPlatform(first.platform)} is listed ${images.length} times`
            : `there are ${images.length} images for ${formatPlatform(first.platform)}`,
        at: { document: (other ?? (rest[0] as PlatformImage)).manifest.where },
        facts: [...digests, "Docker, containerd and crane take the first that fits, in the index's order"],
        clause: clause("index"),
        cause: "clients take the first entry that fits: what stands behind it under the same platform is published and never pulled",
        remedies: ["take the old entry out: docker buildx imagetools create with the images that belong to it, without --append"],
      });
    }
  },
});

/** Windows of two versions that only the configs tell: another rule says that the index does not. */
const versionOf = ({ platform, config }: PlatformImage): string | undefined =>
  platform.os === "windows" ? (platform["os.version"] ?? config.value?.["os.version"]) : undefined;

/** Builders of the containers project list one platform in several compressions and mark the entries. */
const COMPRESSION_MARK = "io.github.containers.compression.";
const distinguished = ({ entry }: PlatformImage): readonly string[] =>
  Object.keys(entry?.annotations ?? {})
    .filter((key) => key.startsWith(COMPRESSION_MARK))
    .sort();
