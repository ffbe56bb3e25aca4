import { bestMatch, formatPlatform } from "../../../core/platform.ts";
import type { Remedy } from "../../../findings/finding.ts";
import { builderOf } from "../../../simulate/builder-of.ts";
import { answeredImages, type TakenImage, type Taking } from "../../base-image-use.ts";
import { refusedBuild } from "../../refused-build.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { replaceText } from "../../remedies/texts.ts";
import { defineRule } from "../../rule.ts";
import { onePlatformOf } from "../one-platform-name.ts";
import { shownPlatforms } from "../told-of-builds.ts";
import { leaveOut, shownImage, takerOf, wrongTakings } from "../wrong-takings.ts";

export const rule = defineRule({
  meta: {
    id: "base-image-without-platform",
    summary: "a base image is not there for a platform that is built (only with --online)",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["base-image-missing-platform"],
    online: true,
  },
  dockerfile(use, report) {
    for (const [taken, base] of answeredImages(use)) {
      if (base.kind !== "index" || base.open) continue;
      const offered = base.platforms.map((platform) => ({ platform }));
      const wrong = wrongTakings(taken, base.sure, ({ platform }) => bestMatch(platform, offered) === undefined);
      if (wrong === undefined) continue;
      const shown = shownPlatforms(wrong.platforms) ?? "";
      const has = base.platforms.map(formatPlatform);
      report({
        message: `"${shownImage(taken)}" has no image for ${shown}, for which ${takerOf(taken)}`,
        place: taken.place,
        key: taken.reference,
        confidence: wrong.confidence,
        facts: [{ sentence: `its index has ${has.length === 0 ? "no platform" : [...new Set(has)].join(", ")}`, place: taken.place }, wrong.fact],
        log: wrong.by.every(isToldByBuildKit)
          ? {
              tool: "BuildKit",
              lines: [`failed to solve: ${taken.name}: failed to resolve source metadata for ${taken.reference}: no match for platform in manifest: not found`],
            }
          : undefined,
        cause:
          "an index names one image for each platform it has; where none of them can run on the platform that is built, BuildKit has nothing to begin with, and the whole build fails",
        remedies: [
          ...plainName(taken),
          advice(`take another base image, or another tag, which is there for ${shown}`, "it may hold other programs and versions"),
          ...(taken.how === "from"
            ? []
            : [
                advice(
                  `give it a stage of its own, FROM --platform=$BUILDPLATFORM ${taken.name} AS NAME, and take from that`,
                  "every platform gets the same files: good for those without machine code",
                ),
              ]),
          ...leaveOut(wrong),
        ],
        traces: wrong.traces,
        among: wrong.among,
      });
    }
  },
});

/** Docker Hub's images for one platform each are the same as those without the prefix. */
function plainName({ name, place }: TakenImage): readonly Remedy[] {
  const plain = onePlatformOf(name)?.plain;
  if (plain === undefined) return [];
  const isWritten = place.file.text.slice(place.span.start, place.span.end) === name;
  const head = { title: `take "${plain}", which is there for every platform`, price: "another image, which may be older or newer", safety: "unsafe" } as const;
  return [isWritten ? remedy(head, [replaceText(place, plain)]) : advice(head.title, head.price)];
}

// Source: moby/buildkit 73ed682 (2026-08-21) client/llb/sourceresolver/imageresolver.go, and containerd v2 core/images/handlers.go (LimitManifests) that it
// calls through util/imageutil/config.go. Other builders say it in other words; what refuses a build before is told by another rule.
function isToldByBuildKit({ at }: Taking): boolean {
  const { driver } = builderOf(at.build, at.event.before);
  return driver !== "legacy" && driver !== "buildah" && refusedBuild(at) === undefined;
}
