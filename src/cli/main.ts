import { setImmediate as nextTurn } from "node:timers/promises";
import { isProblem, ProblemError } from "../core/problem.ts";
import { version } from "../core/version.ts";
import { bugText, problemJson, problemText } from "../report/problem-text.ts";
import type { Given } from "./commands.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { list, switched } from "./given.ts";
import { printJson } from "./print.ts";
import { readCommandLine } from "./program.ts";

const out = (text: string): void => void process.stdout.write(text);
const err = (text: string): void => void process.stderr.write(text);

const stop = new AbortController();
let wantsDocument = false;

async function main(): Promise<number> {
  const request = await readCommandLine(process.argv.slice(2), version, out, err);
  if (request.kind === "shown") return EXIT.done;
  if (request.kind === "wrong") return EXIT.usage;
  wantsDocument = (switched(request.given, "json") && !mayFillStdout(request.given)) || request.given.format === "json";
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    // It stays until the second signal, which does what it does by default: execa ends us at the first when nobody else listens.
    process.on(name, () => {
      if (!stop.signal.aborted) return stop.abort(new ProblemError("interrupted", { message: `stopped by ${name}` }));
      process.removeAllListeners(name);
      process.kill(process.pid, name);
    });
  }
  const { run } = await request.load();
  return await run(request.argument, request.given, stop.signal);
}

/** Whether an archive may go to stdout, where a document would spoil it. */
const mayFillStdout = (given: Given): boolean => list(given, "output").some((spec) => /^-$|dest=-(?:,|$)|type=(?:oci|tar)(?!.*dest=)/.test(spec));

/** Says what ended the run before its time. @returns the exit status */
function failed(error: unknown): number {
  err(`${isProblem(error) ? problemText(error) : bugText(error, version)}\n`);
  if (!isProblem(error)) return EXIT.failed;
  if (wantsDocument) printJson({ version: 1, problem: problemJson(error) });
  return exitCodeOf(error.code);
}

let unsaid: NodeJS.ErrnoException | undefined;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`| head`) is no failure of ours.
  if (error.code !== "EPIPE") unsaid ??= error;
});
// Nobody is left to be told.
process.stderr.on("error", () => {});

try {
  process.exitCode = await main();
  // A write that fails says so a little later.
  await nextTurn();
  if (unsaid !== undefined)
    process.exitCode = failed(
      new ProblemError(unsaid.code === "ENOSPC" ? "disk-full" : "file-unwritable", {
        message: `stdout cannot be written: ${unsaid.code ?? unsaid.message}`,
        hint: "send it to a file or program that takes it",
      }),
    );
} catch (error) {
  // Whatever was cut off on the way says so in words of its own.
  process.exitCode = failed(stop.signal.aborted ? stop.signal.reason : error);
  // Everything that was begun has ended; connections that a server keeps open must not keep us.
  if (stop.signal.aborted) process.exit();
}
