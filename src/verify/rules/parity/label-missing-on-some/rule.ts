import { isStandardLabel } from "../../../../facts/labels.ts";
import { defineImageRule } from "../../../rule.ts";
import { firstFacts, list, quote, shownPlatforms } from "../../shown.ts";
import { cohortsOf } from "../cohorts.ts";
import { differingKeys } from "../maps-differ.ts";

export const rule = defineImageRule({
  meta: { id: "label-missing-on-some", summary: "labels are there on some platforms only", severity: "warning", confidence: "certain" },
  image(subject, report) {
    for (const cohort of cohortsOf(subject)) {
      const images = cohort.filter(({ config }) => config.value !== undefined);
      const missing = differingKeys(images, ({ config }) => config.value?.config?.Labels ?? {}).filter((one) => one.missing);
      if (missing.length === 0) continue;
      report({
        severity: missing.some(({ key }) => isStandardLabel(key)) ? "warning" : "info",
        message: `labels are not there on every platform: ${list(missing.map(({ key }) => quote(key)))}`,
        facts: firstFacts(missing, "label", ({ key, shares }) => {
          const without = shares.find(({ value }) => value === undefined)?.images ?? [];
          return `${quote(key)} is missing on ${shownPlatforms(without)}`;
        }),
        cause: "labels are set for each platform's image: those of another build, or of another base image, have others",
        remedies: ["set the labels for the build of every platform (--label, the labels of the workflow's build step)", "write LABEL in the final stage"],
      });
    }
  },
});
