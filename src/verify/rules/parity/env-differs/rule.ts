import { byCodeUnit } from "../../../../core/order.ts";
import { remembered } from "../../../../core/remembered.ts";
import { isArchitectureVariable, withoutArchitecture } from "../../../../facts/architecture-words.ts";
import { defineImageRule } from "../../../rule.ts";
import type { PlatformImage } from "../../../subject.ts";
import { firstFacts, list, quote } from "../../shown.ts";
import { cohortsOf } from "../cohorts.ts";
import { sharesOf, shownShares } from "../shares.ts";

/** Checksums are those of what was downloaded, which is another file for each architecture. */
const CHECKSUM = /(?:SHA|SUM|HASH|DIGEST|MD5)/i;

export const rule = defineImageRule({
  meta: { id: "env-differs", summary: "environment variables have other values on some platforms", severity: "warning", confidence: "certain" },
  image(subject, report) {
    for (const cohort of cohortsOf(subject)) {
      const images = cohort.filter(({ config }) => config.value !== undefined);
      const names = [...new Set(images.flatMap((image) => [...variablesOf(image).keys()]))].sort(byCodeUnit);
      const differing = names.flatMap((name) => {
        if (isArchitectureVariable(name) || CHECKSUM.test(name)) return [];
        const shares = sharesOf(
          images,
          (image) => variablesOf(image).get(name),
          (value) => (value === undefined ? "" : `=${withoutArchitecture(value)}`),
        );
        return shares.length < 2 ? [] : [{ name, shares }];
      });
      if (differing.length === 0) continue;
      report({
        message: `the environment differs between platforms: ${list(differing.map(({ name }) => quote(name)))}`,
        facts: firstFacts(
          differing,
          "variable",
          ({ name, shares }) => `${quote(name)} is ${shownShares(shares, (value) => (value === undefined ? "not set" : quote(value)))}`,
        ),
        cause:
          "the program gets other settings on each platform: a version that was written for one only, an image of an older build among the others, or another base image",
        remedies: [
          "set variables in the final stage, where every platform passes, and build all platforms again",
          "base all platforms on one release of one image",
        ],
      });
    }
  },
});

/** By name; of a name that stands twice the last holds. */
const variablesOf: (image: PlatformImage) => ReadonlyMap<string, string> = remembered(
  ({ config }) =>
    new Map(
      (config.value?.config?.Env ?? []).map((line) => {
        const at = line.indexOf("=");
        return at === -1 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
      }),
    ),
);
