import { countText } from "../../../../core/quantity.ts";
import { defineImageRule } from "../../../rule.ts";
import type { PlatformImage } from "../../../subject.ts";
import { quote, shownPlatforms } from "../../shown.ts";
import { cohortsOf } from "../cohorts.ts";

const DAY = 24 * 60 * 60 * 1000;
/** Builders of slow architectures come later by some days. */
const APART = 7;
/** After so many days it is no slow builder. */
const STALE = 30;
/** Whoever wants equal builds sets the time to the beginning of 1970, or 1980 where zip files are concerned: such a time tells nothing. */
const FIRST_TIME = Date.UTC(1990);

export const rule = defineImageRule({
  meta: { id: "created-differs", summary: "a platform was made long before the others", severity: "warning", confidence: "likely" },
  image(subject, report) {
    for (const cohort of cohortsOf(subject)) {
      const dated = cohort.flatMap((image) => {
        const time = timeOf(image);
        return time === undefined ? [] : [{ image, time }];
      });
      const newest = dated.toSorted((a, b) => b.time - a.time)[0];
      if (newest === undefined) continue;
      const stale = dated.filter(({ time }) => newest.time - time > APART * DAY).toSorted((a, b) => a.time - b.time);
      const oldest = stale[0];
      if (oldest === undefined) continue;
      const days = Math.floor((newest.time - oldest.time) / DAY);
      const images = stale.map(({ image }) => image);
      report({
        severity: days > STALE ? "warning" : "info",
        message: `${shownPlatforms(images)} ${images.length === 1 ? "was" : "were"} made ${images.length === 1 ? "" : "up to "}${countText(days, "day")} before ${newest.image.name}`,
        at: images.length === 1 ? { platform: oldest.image.name } : {},
        facts: [...stale, newest].map(({ image }) => `${image.name} was made at ${quote(image.config.value?.created ?? "")}`),
        cause:
          "an image of an older build was put into the index again, because the build for that platform failed or was left out; or a cache gave an old result",
        remedies: ["build that platform again, and put the index together from the digests of one build"],
      });
    }
  },
});

function timeOf({ config }: PlatformImage): number | undefined {
  const time = Date.parse(config.value?.created ?? "");
  return time >= FIRST_TIME ? time : undefined;
}
