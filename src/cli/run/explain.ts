import { explain } from "../../api/explain.ts";
import { explainJson } from "../../report/explain-json.ts";
import { explainText } from "../../report/explain-text.ts";
import type { Run } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { text } from "../given.ts";
import { printJson, printLine } from "../print.ts";
import { keepGrammarsPlain } from "../quick-grammars.ts";

/** `multihull explain`. */
export const run: Run = async (log, given, signal) => {
  keepGrammarsPlain();
  const report = await explain({ log, path: text(given, "path"), asOf: text(given, "asOf"), signal });
  if (text(given, "format") === "json") printJson(explainJson(report));
  else printLine(explainText(report));
  return report.explanation.verdict === "unknown" ? EXIT.failed : EXIT.done;
};
