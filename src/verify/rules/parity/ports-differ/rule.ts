import { byCodeUnit } from "../../../../core/order.ts";
import type { RunConfig } from "../../../../image/config.ts";
import { defineImageRule } from "../../../rule.ts";
import { list } from "../../shown.ts";
import { tellConfigPart } from "../config-parity.ts";

/** `80` is `80/tcp`. */
const portsOf = ({ ExposedPorts = {} }: RunConfig): readonly string[] =>
  Object.keys(ExposedPorts)
    .map((port) => (port.includes("/") ? port : `${port}/tcp`))
    .sort(byCodeUnit);

export const rule = defineImageRule({
  meta: { id: "ports-differ", summary: "other ports are exposed on some platforms", severity: "warning", confidence: "certain" },
  image: (subject, report) =>
    tellConfigPart(subject, report, {
      differs: "exposed ports differ",
      keyOf: (config) => portsOf(config).join(" "),
      shown: (config) => list(portsOf(config)) || "none",
      cause:
        "docker run -P and tools that read the ports open others on each platform: an image of an older build is among them, or a stage was chosen by architecture",
      remedies: ["write EXPOSE in the final stage, where every platform passes, and build all platforms again"],
    }),
});
