import { formatPlatform } from "../../../../core/platform.ts";
import { satisfies } from "../../../read/satisfies.ts";
import { defineImageRule } from "../../../rule.ts";

export const rule = defineImageRule({
  meta: { id: "unasked-platform", summary: "the image has a platform that nobody asked for", severity: "warning", confidence: "certain", needs: "wanted" },
  image(subject, report) {
    const { wanted, images } = subject;
    if (wanted === undefined) return;
    const unasked = images.filter((image) => !wanted.platforms.some((platform) => satisfies(platform, image.platform)));
    if (unasked.length === 0) return;
    const only = unasked.length === 1 ? unasked[0] : undefined;
    report({
      message: `nobody asked for ${unasked.map(({ name }) => name).join(", ")}`,
      ...(wanted.supposed === true ? { confidence: "likely" } : {}),
      at: only === undefined ? {} : { platform: only.name },
      facts: [`${wanted.by} asks for ${wanted.platforms.map(formatPlatform).join(", ")}`],
      cause: "a platform that is not on the list is built and tested by nobody: it came from a base, an earlier release or --append, and grows old",
      remedies: ["leave it out of the index", "put it on the list"],
    });
  },
});
