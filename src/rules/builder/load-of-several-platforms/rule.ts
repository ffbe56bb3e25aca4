import type { Remedy } from "../../../findings/finding.ts";
import { foreignRuns } from "../../emulated-runs.ts";
import { type RefusedBuild, refusedBuild, refusedFor } from "../../refused-build.ts";
import { containerdStore } from "../../remedies/containerd-store.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { mendedBy } from "../mended-by.ts";
import { refusalTold } from "../refusal-rule.ts";
import { refusalMessage } from "../refusal-words.ts";

export const rule = defineRule({
  meta: {
    id: "load-of-several-platforms",
    summary: "an image of several platforms, or with attestations, is loaded into Docker's classic image store, which can hold neither",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["load-multi-platform", "load-and-explicit-provenance"],
  },
  build(at, report) {
    const refused = refusedBuild(at);
    if (!refusedFor(refused, "load-several-platforms", "load-attestations")) return;
    report(refusalTold(refused, refusalMessage(refused), CAUSE, remediesOf(refused)));
  },
});

const CAUSE =
  "What is loaded into Docker goes there as an archive that holds one plain image, whatever builder has built it. Only a Docker with the containerd image store takes an index, which holds an image for each platform, or its attestations.";

function remediesOf(refused: RefusedBuild): readonly Remedy[] {
  const { at, refusal } = refused;
  const runs = foreignRuns(at);
  const store = mendedBy(refused, "containerd") ? [containerdStore(at, { emulate: runs === undefined || runs.length > 0 })] : [];
  if (refusal.feature === "load-attestations") {
    return [advice("attach attestations only where the image is pushed", "the loaded image has none"), ...store];
  }
  return [
    advice("load one platform, for tests, and push all of them without loading", "a second build, whose steps come from the cache"),
    ...store,
    advice("write all of them into one file: `type=oci,dest=image.tar`", "Docker itself cannot run what is in it"),
  ];
}
