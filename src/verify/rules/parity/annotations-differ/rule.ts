import { defineImageRule } from "../../../rule.ts";
import { firstFacts, list, quote } from "../../shown.ts";
import { cohortsOf } from "../cohorts.ts";
import { type DifferingKey, differingKeys } from "../maps-differ.ts";
import { shownShares } from "../shares.ts";

export const rule = defineImageRule({
  meta: { id: "annotations-differ", summary: "annotations have other values on some platforms, or none", severity: "info", confidence: "certain" },
  image(subject, report) {
    for (const cohort of cohortsOf(subject)) {
      const images = cohort.filter(({ manifest }) => manifest.manifest !== undefined);
      const found: readonly (readonly [string, readonly DifferingKey[]])[] = [
        ["of the manifest", differingKeys(images, ({ manifest }) => manifest.manifest?.annotations ?? {})],
        ["of the index's entry", differingKeys(images, ({ entry }) => entry?.annotations ?? {})],
      ];
      const all = found.flatMap(([where, keys]) => keys.map((one) => ({ ...one, where })));
      if (all.length === 0) continue;
      report({
        message: `annotations differ between platforms: ${list([...new Set(all.map(({ key }) => quote(key)))])}`,
        facts: firstFacts(
          all,
          "annotation",
          ({ key, shares, where }) => `${quote(key)} ${where} is ${shownShares(shares, (value) => (value === undefined ? "missing" : quote(value)))}`,
        ),
        cause: "annotations are set for each platform's manifest: those of another build have others",
        remedies: ["set the annotations for the build of every platform (--annotation manifest:key=value)"],
      });
    }
  },
});
