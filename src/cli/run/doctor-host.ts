import pc from "picocolors";
import { type HostReport, hostReport } from "../../api/host.ts";
import { hostText } from "../../report/host/text.ts";
import type { Run } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { list, text } from "../given.ts";
import { noteLine, printJson, printLine } from "../print.ts";

/** `multihull doctor --host`. */
export const runHost: Run = async (_path, given, signal) => {
  const report = await hostReport({
    platforms: list(given, "platform"),
    emulators: list(given, "emulator"),
    registries: list(given, "registry"),
    store: text(given, "store"),
    insecureRegistries: list(given, "insecureRegistry"),
    registryMirrors: list(given, "registryMirror"),
    note: noteLine,
    signal,
  });
  if (text(given, "format") === "json") printJson({ version: 1, ...report, facts: plainFacts(report.facts) });
  else printLine(hostText(report, pc.createColors(pc.isColorSupported && process.stdout.isTTY === true)));
  return report.failed ? EXIT.failed : EXIT.done;
};

/** With a builder's options as JSON has them. */
function plainFacts({ builders, ...facts }: HostReport["facts"]): object {
  if (!builders.known) return { ...facts, builders };
  const value = builders.value.map((builder) => ({
    ...builder,
    nodes: builder.nodes.map((node) => ({ ...node, driverOptions: Object.fromEntries(node.driverOptions) })),
  }));
  return { ...facts, builders: { ...builders, value } };
}
