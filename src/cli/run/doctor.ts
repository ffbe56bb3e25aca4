import pc from "picocolors";
import { type DoctorReport, type DoctorRequest, doctor } from "../../api/doctor.ts";
import type { Run } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { list, text } from "../given.ts";
import { printJson, printLine } from "../print.ts";
import { keepGrammarsPlain } from "../quick-grammars.ts";
import { version } from "../version.ts";
import { onlineOptions } from "./online-options.ts";

/** `multihull doctor`. */
export const run: Run = async (path, given, signal) => {
  keepGrammarsPlain();
  const report = await doctor({
    path,
    ...onlineOptions(given),
    signal,
    asOf: text(given, "asOf"),
    failOn: text(given, "failOn") as DoctorRequest["failOn"],
    rules: list(given, "rule"),
  });
  await print(report, text(given, "format") ?? "text");
  return report.failed ? EXIT.failed : EXIT.done;
};

/** Each format is loaded when it is asked for. */
async function print(report: DoctorReport, format: string): Promise<void> {
  switch (format) {
    case "json":
      return printJson((await import("../../report/findings/json.ts")).findingsJson(report));
    case "sarif":
      return printJson((await import("../../report/findings/sarif.ts")).findingsSarif(report, { version }));
    case "github": {
      const annotations = (await import("../../report/findings/github.ts")).findingsGithub(report);
      return annotations === "" ? undefined : printLine(annotations);
    }
    case "markdown":
      return printLine((await import("../../report/findings/markdown.ts")).findingsMarkdown(report));
    default:
      return printLine(
        (await import("../../report/findings/text.ts")).findingsText(report, pc.createColors(pc.isColorSupported && process.stdout.isTTY === true)),
      );
  }
}
