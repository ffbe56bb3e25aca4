import { isIdentityLabel } from "../../../../facts/labels.ts";
import { defineImageRule } from "../../../rule.ts";
import { firstFacts, list, quote } from "../../shown.ts";
import { cohortsOf } from "../cohorts.ts";
import { differingKeys } from "../maps-differ.ts";
import { shownShares } from "../shares.ts";

export const rule = defineImageRule({
  meta: { id: "labels-differ", summary: "labels have other values on some platforms", severity: "warning", confidence: "certain" },
  image(subject, report) {
    for (const cohort of cohortsOf(subject)) {
      const images = cohort.filter(({ config }) => config.value !== undefined);
      const differing = differingKeys(images, ({ config }) => config.value?.config?.Labels ?? {}).filter(({ missing }) => !missing);
      if (differing.length === 0) continue;
      const sources = differing.some(({ key }) => isIdentityLabel(key));
      report({
        severity: sources ? "warning" : "info",
        message: `labels differ between platforms: ${list(differing.map(({ key }) => quote(key)))}`,
        facts: firstFacts(differing, "label", ({ key, shares }) => `${quote(key)} is ${shownShares(shares, (value) => quote(value ?? ""))}`),
        cause: sources
          ? "a label that names the revision or version tells what an image was built from: where it differs, platforms of two builds were put together"
          : "tools that choose images by labels choose otherwise on each platform",
        remedies: ["build all platforms again from one revision, and put the image together from that build only"],
      });
    }
  },
});
