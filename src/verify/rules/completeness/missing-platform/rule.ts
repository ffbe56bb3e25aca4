import { bestMatch, formatPlatform, type Platform } from "../../../../core/platform.ts";
import { satisfies } from "../../../read/satisfies.ts";
import { defineImageRule } from "../../../rule.ts";

export const rule = defineImageRule({
  meta: { id: "missing-platform", summary: "the image does not have a platform that it is to have", severity: "error", confidence: "certain", needs: "wanted" },
  image(subject, report) {
    const { wanted, images } = subject;
    if (wanted === undefined) return;
    for (const platform of wanted.platforms) {
      if (images.some((image) => satisfies(platform, image.platform))) continue;
      const has = images.map(({ name }) => name);
      report({
        message: `there is no image for ${formatPlatform(platform)}`,
        ...(wanted.supposed === true ? { confidence: "likely" } : {}),
        facts: [
          `${wanted.by} asks for it`,
          has.length === 0 ? "there is no image for any platform" : `there are images for ${has.join(", ")}`,
          ...insteadOf(platform, images),
        ],
        cause: 'machines of that platform are told "no matching manifest", or get an image that is emulated or slower',
        remedies: [
          `build it too: docker buildx build --platform ${[...has.filter((name) => !name.includes(" ")), formatPlatform(platform)].join(",")}`,
          "take the platform off the list, if it is no longer wanted",
        ],
      });
    }
  },
});

function insteadOf(platform: Platform, images: readonly { readonly platform: Platform; readonly name: string }[]): readonly string[] {
  const instead = bestMatch(platform, images);
  return instead === undefined ? [] : [`clients of that platform are given ${instead.name}, which runs there`];
}
