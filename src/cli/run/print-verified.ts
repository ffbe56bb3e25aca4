import pc from "picocolors";
import type { VerifyReport } from "../../api/verify.ts";
import { version } from "../../core/version.ts";
import { printJson, printLine } from "../print.ts";

/** Prints what `verify` tells. Each format is loaded when it is asked for. */
export async function printVerified(report: VerifyReport, format: string): Promise<void> {
  switch (format) {
    case "json":
      return printJson((await import("../../report/verify/json.ts")).verifyJson(report));
    case "sarif":
      return printJson((await import("../../report/verify/sarif.ts")).verifySarif(report, { version }));
    case "junit":
      return printLine((await import("../../report/verify/junit.ts")).verifyJunit(report));
    case "markdown":
      return printLine((await import("../../report/verify/markdown.ts")).verifyMarkdown(report));
    case "github": {
      const annotations = (await import("../../report/verify/github.ts")).verifyGithub(report);
      return annotations === "" ? undefined : printLine(annotations);
    }
    default:
      return printLine((await import("../../report/verify/text.ts")).verifyText(report, pc.createColors(pc.isColorSupported && process.stdout.isTTY === true)));
  }
}
