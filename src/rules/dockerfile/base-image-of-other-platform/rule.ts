import { formatPlatform } from "../../../core/platform.ts";
import { answeredImages } from "../../base-image-use.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { atMost } from "../built-stages.ts";
import { foreignWarning, isForeign } from "../other-platform.ts";
import { shownPlatforms } from "../told-of-builds.ts";
import { leaveOut, takerOf, wrongTakings } from "../wrong-takings.ts";

export const rule = defineRule({
  meta: {
    id: "base-image-of-other-platform",
    summary: "a base image is one platform's alone, and is taken for others (only with --online)",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["base-image-wrong-platform"],
    online: true,
  },
  dockerfile(use, report) {
    for (const [taken, base] of answeredImages(use)) {
      // Of a digest another rule tells.
      if (base.kind !== "image" || taken.reference.includes("@")) continue;
      const wrong = wrongTakings(taken, base.sure, isForeign(base.platform));
      if (wrong === undefined) continue;
      const own = formatPlatform(base.platform);
      const shown = shownPlatforms(wrong.platforms) ?? "";
      const isBelow = wrong.by.some(({ final }) => final);
      report({
        message: `"${taken.name}" is an image for ${own} alone, and ${takerOf(taken)} for ${shown}`,
        place: taken.place,
        key: taken.reference,
        // What is only taken from may be files that every platform can read.
        severity: isBelow ? "error" : "warning",
        confidence: isBelow ? wrong.confidence : atMost(wrong.confidence, "likely"),
        facts: [{ sentence: `no index stands before it, and its config says ${own}`, place: taken.place }, wrong.fact],
        log: foreignWarning(taken, base.platform, wrong),
        cause: `without an index there is nothing to choose from, so that BuildKit takes the image as it is and only warns; the result calls itself ${shown} and holds programs for ${own}, which end with "exec format error"`,
        remedies: [
          advice(`take a base image that is there for ${shown}`, "it may hold other programs and versions"),
          advice("have the base image built for all platforms, and pushed as one index", "its own build takes longer"),
          ...leaveOut(wrong),
        ],
        traces: wrong.traces,
        among: wrong.among,
      });
    }
  },
});
