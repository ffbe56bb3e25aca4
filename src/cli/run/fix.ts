import { fix } from "../../api/fix.ts";
import { fixJson } from "../../report/fix-json.ts";
import { fixText } from "../../report/fix-text.ts";
import type { Run } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { list, switched, text } from "../given.ts";
import { noteLine, printJson, printLine } from "../print.ts";
import { keepGrammarsPlain } from "../quick-grammars.ts";
import { onlineOptions } from "./online-options.ts";

/** `multihull fix`. */
export const run: Run = async (path, given, signal) => {
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
