import { defineImageRule } from "../../../rule.ts";
import { quote } from "../../shown.ts";
import { cohortsOf } from "../cohorts.ts";
import { distributionOf } from "../distribution.ts";
import { sharesOf, shownShares } from "../shares.ts";

export const rule = defineImageRule({
  meta: { id: "base-differs", summary: "platforms are built on other distributions, or other releases of one", severity: "warning", confidence: "certain" },
  image(subject, report) {
    for (const cohort of cohortsOf(subject)) {
      const shares = sharesOf(
        cohort.filter(({ files }) => files !== undefined),
        distributionOf,
        (value) => JSON.stringify(value ?? null),
      );
      if (shares.length < 2) continue;
      report({
        message: `the base differs: ${shownShares(shares, (value) => (value === undefined ? "no distribution" : quote(`${value.id} ${value.release}`.trim())))}`,
        cause:
          "libraries, programs and their bugs are others on each platform: a tag has moved between two builds, or an image of an older build is among them",
        remedies: ["build all platforms again from one base image, named by a tag that has them all, or by its digest"],
      });
    }
  },
});
