import pc from "picocolors";
import { type DoctorReport, type DoctorRequest, doctor } from "../../api/doctor.ts";
import { ProblemError } from "../../core/problem.ts";
import { version } from "../../core/version.ts";
import type { Given, Run } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { list, switched, text } from "../given.ts";
import { printJson, printLine } from "../print.ts";
import { keepGrammarsPlain } from "../quick-grammars.ts";
import { onlineOptions } from "./online-options.ts";

/** `multihull doctor`. */
export const run: Run = async (path, given, signal) => {
  if (switched(given, "host")) return await (await hostCommand(path, given))(path, given, signal);
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

/** It looks at the machine, not at files: what asks something of files means something else. */
async function hostCommand(path: string | undefined, given: Given): Promise<Run> {
  const other = ["failOn", "rule", "asOf", "online"].filter(
    (name) => given[name] !== undefined && (!Array.isArray(given[name]) || list(given, name).length > 0),
  );
  const format = text(given, "format") ?? "text";
  if (path !== undefined || other.length > 0 || !["text", "json"].includes(format))
    throw new ProblemError("usage", {
      message: "--host looks at this machine, not at a repository",
      hint: "it goes with --platform, --emulator, --registry, --store and --format text|json",
    });
  return (await import("./doctor-host.ts")).runHost;
}

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
