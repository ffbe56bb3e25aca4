import { formatPlatform } from "../../../../core/platform.ts";
import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";

export const rule = defineImageRule({
  meta: { id: "entry-without-platform", summary: "an index's entry for an image does not say its platform", severity: "warning", confidence: "certain" },
  platform(image, subject, report) {
    const { entry, manifest, platform } = image;
    if (entry === undefined || entry.platform !== undefined || manifest.manifest === undefined) return;
    // A platform that could not be read is told of as such.
    const parentFields = manifest.parent?.fields?.manifests;
    const index = Number(/\[(\d+)\]$/.exec(manifest.where)?.[1]);
    const raw: unknown = Array.isArray(parentFields) ? parentFields[index] : undefined;
    if (typeof raw === "object" && raw !== null && "platform" in raw && raw.platform !== null && raw.platform !== undefined) return;
    const others = subject.images.length - 1;
    report({
      message: `the index does not say that this image is for ${formatPlatform(platform)}`,
      at: { document: manifest.where },
      facts: ["containerd reads the config and takes it only when no other entry fits; crane and kaniko take it for linux/amd64"],
      severity: others > 0 ? "warning" : "info",
      clause: clause("index"),
      cause: "clients choose by the index: without a platform some take the image for any machine, some for linux/amd64, some for none",
      remedies: ["write the platform into the entry: docker buildx imagetools create does"],
    });
  },
});
