import { withoutArchitecture } from "../../../../facts/architecture-words.ts";
import { defineImageRule } from "../../../rule.ts";
import type { ImageLayer, PlatformImage } from "../../../subject.ts";
import { megabytes } from "../../shown.ts";
import { fileCohortsOf } from "../cohorts.ts";
import { shownLayer } from "../origins.ts";

/** Below it differences mean nothing. */
const LARGE = 5e6;
/** Less than a third of what others have is remarkable, less than a twentieth is next to nothing. */
const FAR = 3;
const NOTHING = 20;

export const rule = defineImageRule({
  meta: { id: "sizes-far-apart", summary: "a platform has far less in a layer than the others", severity: "warning", confidence: "likely" },
  image(subject, report) {
    for (const cohort of fileCohortsOf(subject)) {
      if (!isAligned(cohort)) continue;
      for (const image of cohort) {
        const small = image.layers.flatMap((layer, i) => {
          const usual = usualSize(cohort.map(({ layers }) => sizeOf(layers[i] as ImageLayer)));
          return usual >= LARGE && sizeOf(layer) * FAR < usual ? [{ layer, usual }] : [];
        });
        const worst = small.toSorted((a, b) => b.usual - a.usual)[0];
        if (worst === undefined) continue;
        const nothing = small.some(({ layer, usual }) => sizeOf(layer) * NOTHING < usual);
        const { layer, usual } = worst;
        report({
          severity: nothing ? "warning" : "info",
          confidence: nothing ? "likely" : "possible",
          message: `${shownLayer(layer)} has ${megabytes(sizeOf(layer))} on ${image.name}, and ${megabytes(usual)} elsewhere`,
          at: { platform: image.name, layer: { number: layer.number, digest: layer.descriptor.digest, createdBy: layer.createdBy } },
          facts: small.map((one) => `${shownLayer(one.layer)}: ${megabytes(sizeOf(one.layer))} of ${megabytes(one.usual)} unpacked`),
          cause: "the step installs less on this platform, or nothing: its download or condition knows no such architecture, and it did not fail",
          remedies: ["read the step's log for this platform, and let it fail where nothing is to be had for an architecture"],
        });
      }
    }
  },
});

/** Every platform went through the same steps, as history tells; else nobody knows which layer is to be compared with which. */
function isAligned(cohort: readonly PlatformImage[]): boolean {
  const steps = cohort.map(({ layers }) =>
    layers.every(({ createdBy }) => createdBy !== undefined) ? layers.map(({ createdBy = "" }) => step(createdBy)).join("\n") : undefined,
  );
  return steps[0] !== undefined && steps.every((one) => one === steps[0]);
}

/** Variables of the build that name the platform are written into history: `RUN |1 TARGETARCH=arm64 /bin/sh -c …`. Files that are added, by their checksums. */
const step = (createdBy: string): string =>
  withoutArchitecture(createdBy.replace(/\b(?:file|dir|multi):[0-9a-f]+/g, "").replace(/(TARGETVARIANT|TARGETPLATFORM)=\S*/g, "$1="));

/** Unpacked, so that compression does not matter. */
const sizeOf = ({ contents, descriptor }: ImageLayer): number => contents?.index.uncompressedSize ?? descriptor.size;

/** The median; of two the larger. */
function usualSize(sizes: readonly number[]): number {
  const sorted = sizes.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
