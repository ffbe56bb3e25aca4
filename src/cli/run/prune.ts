import { prune } from "../../api/prune.ts";
import { pruneText } from "../../report/prune-text.ts";
import type { Run } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { switched, text } from "../given.ts";
import { printJson, printLine } from "../print.ts";

/** `multihull prune`. */
export const run: Run = async (_argument, given, signal) => {
  const dryRun = switched(given, "dryRun");
  const report = await prune({
    store: text(given, "store"),
    all: switched(given, "all"),
    olderThan: text(given, "olderThan"),
    keepStorage: text(given, "keepStorage"),
    dryRun,
    signal,
  });
  if (switched(given, "json")) printJson({ version: 1, dryRun, ...report });
  else printLine(pruneText(report, { dryRun, verbose: switched(given, "verbose"), nowMs: Date.now() }));
  return EXIT.done;
};
