import pc from "picocolors";
import { hostReport } from "../../api/host.ts";
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
    store: text(given, "store"),
    insecureRegistries: list(given, "insecureRegistry"),
    registryMirrors: list(given, "registryMirror"),
    note: noteLine,
    signal,
  });
  if (text(given, "format") === "json") printJson({ version: 1, ...report });
  else printLine(hostText(report, pc.createColors(pc.isColorSupported && process.stdout.isTTY === true)));
  return report.failed ? EXIT.failed : EXIT.done;
};
