import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import { quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: {
    id: "windows-without-version",
    summary: "the index has an image for Windows and does not say for which version",
    severity: "warning",
    confidence: "likely",
  },
  platform(image, subject, report) {
    const { entry, platform, manifest } = image;
    if (entry?.platform?.os !== "windows" || platform["os.version"] !== undefined) return;
    const several = subject.images.filter((other) => other.platform.os === "windows" && other.platform.architecture === platform.architecture).length > 1;
    const version = image.config.value?.["os.version"];
    const plain = /^[\d.]+$/.test(version ?? "") ? version : "10.0.20348.2113";
    report({
      severity: several ? "warning" : "info",
      message: "the index does not say the version of Windows that the image is for",
      at: { document: manifest.where },
      facts: version === undefined ? [] : [`its config says ${quoted(version)}`],
      clause: clause("docker-list"),
      cause: "Windows starts an image in a process only on its own version: clients choose by os.version, and take the first when there is none",
      remedies: [`write os.version into the entry: docker manifest annotate --os-version ${plain}`],
    });
  },
});
