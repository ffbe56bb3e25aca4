import { fix } from "../../api/fix.ts";
import { ProblemError } from "../../core/problem.ts";
import { fixJson } from "../../report/fix-json.ts";
import { fixText } from "../../report/fix-text.ts";
import type { Given, Run } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { isGiven, list, switched, text } from "../given.ts";
import { noteLine, printJson, printLine } from "../print.ts";
import { keepGrammarsPlain } from "../quick-grammars.ts";
import { onlineOptions } from "./online-options.ts";

/** `multihull fix`. */
export const run: Run = async (path, given, signal) => {
  if (switched(given, "host")) return await (await import("./fix-host.ts")).runHostFix(path, given, signal);
  refuseHostFlags(given);
  if (isGiven(given, "runners")) return (await import("./fix-runners.ts")).runRunners(path, given);
  if (isGiven(given, "job")) throw new ProblemError("usage", { message: "--job goes with --runners alone", hint: "to mend one workflow, name its file" });
  keepGrammarsPlain();
  const way = text(given, "with");
  const report = await fix({
    path,
    ...onlineOptions(given),
    signal,
    with: way === "buildx" || way === "containerd" ? way : undefined,
    rules: list(given, "rule"),
    unsafe: switched(given, "unsafe"),
    write: switched(given, "write"),
    asOf: text(given, "asOf"),
  });
  if (text(given, "format") === "json") printJson(fixJson(report));
  else if (report.written) printLine(fixText(report));
  else {
    // What programs take goes to stdout alone: `multihull fix | git apply`.
    process.stdout.write(report.files.map(({ diff }) => diff).join(""));
    noteLine(fixText(report));
  }
  return report.failed ? EXIT.failed : EXIT.done;
};

/** Flags that say something of this machine alone. */
const OF_HOST = ["undo", "platform", "daemonConfig", "restart", "noRestart", "builder", "image", "store"] as const;

function refuseHostFlags(given: Given): void {
  // A store is also named by the environment, for all commands.
  const other = OF_HOST.find((name) => isGiven(given, name) && !(name === "store" && text(given, name) === process.env.MULTIHULL_STORE));
  if (other === undefined) return;
  throw new ProblemError("usage", {
    message: `--${other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is for mending this machine, not a repository`,
    hint: "add --host, or leave it out",
  });
}
