import { formatPlatform } from "../../../core/platform.ts";
import type { FileEdit } from "../../../findings/finding.ts";
import { answeredImages, type TakenImage } from "../../base-image-use.ts";
import type { TaggedIndex } from "../../base-images.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { replaceText } from "../../remedies/texts.ts";
import { defineRule } from "../../rule.ts";
import { atMost } from "../built-stages.ts";
import { foreignWarning, isForeign } from "../other-platform.ts";
import { shownPlatforms } from "../told-of-builds.ts";
import { leaveOut, takerOf, wrongTakings } from "../wrong-takings.ts";

export const rule = defineRule({
  meta: {
    id: "digest-of-one-platform",
    summary: "a base image is pinned to the digest of one platform's image, and is taken for others (only with --online)",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["digest-pin-single-arch"],
    online: true,
  },
  dockerfile(use, report) {
    for (const [taken, base] of answeredImages(use)) {
      const [plain = "", digest] = taken.name.split("@");
      if (base.kind !== "image" || digest === undefined) continue;
      const wrong = wrongTakings(taken, base.sure, isForeign(base.platform));
      if (wrong === undefined) continue;
      const own = formatPlatform(base.platform);
      const shown = shownPlatforms(wrong.platforms) ?? "";
      const isBelow = wrong.by.some(({ final }) => final);
      const fix = base.tagged === undefined ? undefined : digestEdit(taken, digest, base.tagged);
      report({
        message: `the digest of "${plain}" is that of its image for ${own} alone, and ${takerOf(taken)} for ${shown}`,
        place: taken.place,
        key: taken.reference,
        severity: isBelow ? "error" : "warning",
        confidence: isBelow ? wrong.confidence : atMost(wrong.confidence, "likely"),
        facts: [{ sentence: `"${digest.slice(0, 19)}…" is a manifest, whose config says ${own}`, place: taken.place }, wrong.fact],
        log: foreignWarning(taken, base.platform, wrong),
        cause: `an index and each of its images have digests of their own; pinned to one image, BuildKit takes that for every platform and only warns, and the result calls itself ${shown} and holds programs for ${own}`,
        remedies: [
          fix === undefined || base.tagged === undefined
            ? advice(`pin the digest of the index: "docker buildx imagetools inspect ${plain}" shows it first`, "none")
            : remedy(
                {
                  title: "pin the digest of the index that its tag names",
                  price: base.tagged.holdsIt ? `none: ${own} stays as it is` : "the tag has moved on since, so that the base image is a newer one",
                  safety: base.tagged.holdsIt ? "safe" : "unsafe",
                },
                [fix],
              ),
          ...leaveOut(wrong),
        ],
        traces: wrong.traces,
        among: wrong.among,
      });
    }
  },
});

/** Where the digest stands in the very words; through a variable it is for people to see where. */
function digestEdit({ place: { file, span } }: TakenImage, digest: string, { digest: index }: TaggedIndex): FileEdit | undefined {
  const start = file.text.slice(span.start, span.end).indexOf(digest);
  if (start === -1) return undefined;
  return replaceText({ file, span: { start: span.start + start, end: span.start + start + digest.length } }, index);
}
