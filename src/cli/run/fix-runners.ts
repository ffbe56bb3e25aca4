import { fixRunners } from "../../api/fix-runners.ts";
import { ProblemError } from "../../core/problem.ts";
import { runnersJson } from "../../report/runners-json.ts";
import { runnersText } from "../../report/runners-text.ts";
import type { Given } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { isGiven, list, switched, text } from "../given.ts";
import { noteLine, printJson, printLine } from "../print.ts";
import { keepGrammarsPlain } from "../quick-grammars.ts";

/** `multihull fix --runners`. @returns the exit status: 1 when nothing could be changed that was to be */
export async function runRunners(path: string | undefined, given: Given): Promise<number> {
  if (["with", "rule", "online"].some((name) => isGiven(given, name)))
    throw new ProblemError("usage", { message: "--runners changes jobs, and mends no findings", hint: "it goes with --job, --write, --as-of and --format" });
  keepGrammarsPlain();
  const report = await fixRunners({
    path,
    runners: text(given, "runners") === "one" ? "one" : "native",
    jobs: list(given, "job"),
    write: switched(given, "write"),
    asOf: text(given, "asOf"),
  });
  if (text(given, "format") === "json") printJson(runnersJson(report));
  else if (report.written) printLine(runnersText(report));
  else {
    // What programs take goes to stdout alone: `multihull fix --runners native | git apply`.
    process.stdout.write(report.files.map(({ diff }) => diff).join(""));
    noteLine(runnersText(report));
  }
  return report.failed ? EXIT.failed : EXIT.done;
}
