import { byCodeUnit } from "../../../../core/order.ts";
import type { RunConfig } from "../../../../image/config.ts";
import { defineImageRule } from "../../../rule.ts";
import { list, quote } from "../../shown.ts";
import { tellConfigPart } from "../config-parity.ts";

const volumesOf = ({ Volumes }: RunConfig): readonly string[] =>
  Object.keys(Volumes ?? {})
    .map((path) => path.replace(/(?<=.)\/+$/, ""))
    .sort(byCodeUnit);

export const rule = defineImageRule({
  meta: { id: "volumes-differ", summary: "other volumes are made on some platforms", severity: "warning", confidence: "certain" },
  image: (subject, report) =>
    tellConfigPart(subject, report, {
      differs: "volumes differ",
      keyOf: (config) => volumesOf(config).join("\n"),
      shown: (config) => list(volumesOf(config).map(quote)) || "none",
      cause: "what a container writes there outlives it on one platform and is lost with it on another",
      remedies: ["write VOLUME in the final stage, where every platform passes, and build all platforms again"],
    }),
});
