import { addToJobSummary } from "../../api/job-summary.ts";
import { type VerifyOptions, verify } from "../../api/verify.ts";
import { ProblemError } from "../../core/problem.ts";
import { layersProgress } from "../../report/verify/progress.ts";
import type { Given, Run } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { list, switched, text } from "../given.ts";
import { noteLine } from "../print.ts";
import { sessionOptions } from "./plan-options.ts";
import { printVerified } from "./print-verified.ts";

/** `multihull verify`. */
export const run: Run = async (image, given, signal) => {
  const format = formatOf(given);
  const options = verifyOptions(given);
  const view = layersProgress((said) => void process.stderr.write(said), process.stderr.isTTY === true, Date.now);
  const report = await verify(image as string, { ...options, signal, progress: (read) => view.seen(read), note: noteLine }).finally(() => view.end());
  await printVerified(report, format);
  if (switched(given, "summary")) addToJobSummary((await import("../../report/verify/markdown.ts")).verifyMarkdown(report));
  return report.failed ? EXIT.failed : EXIT.done;
};

function verifyOptions(given: Given): VerifyOptions {
  const against = text(given, "against");
  if (switched(given, "equal") && against === undefined)
    throw new ProblemError("usage", { message: "--equal needs an image to be equal to", hint: "name it with --against" });
  const smoke = given.smoke === true || text(given, "smoke");
  for (const [flag, isGiven] of [
    ["--smoke-timeout", text(given, "smokeTimeout") !== undefined],
    ["--emulator", list(given, "emulator").length > 0],
  ] as const)
    if (isGiven && smoke === undefined)
      throw new ProblemError("usage", { message: `${flag} is for starts, and none is asked for`, hint: "add --smoke, or --smoke=COMMAND" });
  return {
    ...sessionOptions(given),
    platforms: list(given, "platform"),
    against,
    equal: switched(given, "equal"),
    smoke,
    smokeTimeoutMs: timeoutOf(text(given, "smokeTimeout")),
    emulators: list(given, "emulator"),
    archives: switched(given, "archives"),
    ignore: list(given, "ignore"),
    failOn: text(given, "failOn") as VerifyOptions["failOn"],
    noCache: switched(given, "noCache"),
  };
}

function formatOf(given: Given): string {
  const format = text(given, "format");
  if (!switched(given, "json")) return format ?? "text";
  if (format === undefined || format === "json") return "json";
  throw new ProblemError("usage", { message: `--json and --format ${format} ask for two things`, hint: "give one of them" });
}

/** A day: more is no limit that anyone means. */
const LONGEST_TIMEOUT_S = 86_400;

function timeoutOf(seconds: string | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  const value = Number(seconds);
  if (/^\d+(?:\.\d+)?$/.test(seconds) && value > 0 && value <= LONGEST_TIMEOUT_S) return Math.ceil(value * 1000);
  throw new ProblemError("usage", { message: `--smoke-timeout is "${seconds}", wanted a number of seconds`, hint: "such as --smoke-timeout 30" });
}
