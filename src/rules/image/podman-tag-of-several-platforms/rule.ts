import { severalPlatforms } from "../../../simulate/platform-count.ts";
import { shownText } from "../../../simulate/text.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "podman-tag-of-several-platforms",
    summary: "podman or buildah builds several platforms under one tag, which then names only one of them",
    severity: "error",
    confidence: "likely",
    fix: "none",
    covers: ["podman-platform-tag"],
  },
  build({ build, event }, report) {
    if (build.through !== "podman" && build.through !== "buildah") return;
    const [tag] = build.tags.items;
    if (tag === undefined || build.manifest !== undefined || severalPlatforms(build.platforms) !== true) return;
    report({
      message: `"${shownText(tag)}" will hold one of ${build.platforms.items.length} platforms: ${build.through} gives each of them the same tag`,
      place: build.place,
      confidence: event.sure && event.step.runs === "yes" ? "likely" : "possible",
      facts: [
        { sentence: `several platforms: "${build.platforms.items.map(shownText).join(",")}"`, place: build.platforms.place ?? build.place },
        { sentence: "the tag is given with --tag", place: tag.place },
      ],
      cause:
        "podman and buildah make an image for each platform, and a list of them only with --manifest; a tag goes from one to the next, and stays with the last",
      remedies: [advice(`--manifest ${shownText(tag)} in place of --tag, and ${build.through} manifest push --all`, "the push is another command")],
    });
  },
});
