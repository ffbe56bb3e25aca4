import { bestMatch, formatPlatform } from "../../../core/platform.ts";
import type { Word } from "../../../dockerfile/ast.ts";
import { baseStage } from "../../../dockerfile/stages.ts";
import { textOf } from "../../../simulate/text.ts";
import { answeredImages } from "../../base-image-use.ts";
import type { DockerfileUse } from "../../dockerfile-use.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { replaceText } from "../../remedies/texts.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";
import { atMost, builtStages, wrongBuilds } from "../built-stages.ts";
import { onePlatformOf } from "../one-platform-name.ts";
import { factOfBuild, shownPlatforms } from "../told-of-builds.ts";

export const rule = defineRule({
  meta: {
    id: "base-image-of-one-platform",
    summary: "a base image is named for one platform, and the stage is built for others",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["base-image-missing-platform"],
  },
  dockerfile(use, report) {
    const { dockerfile } = use;
    const { file } = dockerfile;
    for (const built of builtStages(use)) {
      const { stage, runsOn } = built.use;
      const image = imageOf(stage.from.image.text, use);
      if (
        runsOn !== "target" ||
        image === undefined ||
        baseStage(dockerfile, stage, image) !== undefined ||
        built.builds.some(({ at }) => isReplaced(stage.from.image.text, at))
      )
        continue;
      const one = onePlatformOf(image);
      // A registry knows better, and other rules tell what it said.
      if (one === undefined || isAnswered(stage.from.image, use)) continue;
      const wrong = wrongBuilds(built, (platform) => bestMatch(platform, [{ platform: one.platform }]) === undefined);
      if (wrong === undefined || wrong.first === undefined) continue;
      const shown = shownPlatforms(wrong.platforms) ?? "other platforms";
      const fix = one.plain !== undefined && !stage.from.image.text.includes("$") ? replaceText({ file, span: stage.from.image.span }, one.plain) : undefined;
      const title =
        one.plain === undefined
          ? "take the image's name without an architecture, where there is one"
          : `take "${one.plain}", which is there for every platform`;
      report({
        message: `"${image}" is for ${formatPlatform(one.platform)} only, and this stage is built for ${shown}`,
        place: { file, span: stage.from.image.span },
        confidence: one.sure ? wrong.confidence : atMost(wrong.confidence, "likely"),
        facts: factOfBuild(wrong),
        log: one.sure
          ? { tool: "BuildKit", lines: [`failed to resolve source metadata for ${one.full}: no match for platform in manifest: not found`] }
          : undefined,
        cause:
          "a base image must be there for each platform that a stage is built for; one that is named for an architecture holds no other, so that the build fails or takes foreign programs",
        remedies: [
          fix === undefined ? advice(title, "none") : remedy({ title, price: "another image, which may be older or newer", safety: "unsafe" }, [fix]),
          advice(`leave out ${shown}`, "nobody on it can run the image"),
        ],
        traces: wrong.traces,
        among: wrong.among,
      });
    }
  },
});

const isAnswered = ({ span }: Word, use: DockerfileUse): boolean => answeredImages(use).some(([{ place }]) => place.span.start === span.start);

/** The image with the defaults of arguments filled in; undefined where something else is in it. */
function imageOf(text: string, { dockerfile }: DockerfileUse): string | undefined {
  const filled = text.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => {
    const given = dockerfile.globalArgs.flatMap(({ args }) => args).find((argument) => argument.name.text === name);
    return given?.value?.text ?? whole;
  });
  return filled.includes("$") ? undefined : filled.replace(/^["']|["']$/g, "");
}

/** Whether the build gives an argument that the image hangs on, or another image under its name. */
function isReplaced(image: string, { build }: BuildEvent): boolean {
  if (build.buildContexts.open || build.buildContexts.items.some((item) => (textOf(item) ?? image).startsWith(image))) return true;
  if (!image.includes("$")) return false;
  const given = build.buildArgs.items.map(({ parts: [head] }) => (typeof head === "string" ? head.split("=")[0] : undefined));
  return build.buildArgs.open || given.some((name) => name === undefined || new RegExp(`\\$\\{?${name}\\b`).test(image));
}
