import { isProblem, ProblemError } from "../core/problem.ts";
import { bugText, problemText } from "../report/problem-text.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { readCommandLine } from "./program.ts";
import { version } from "./version.ts";

const out = (text: string): void => void process.stdout.write(text);
const err = (text: string): void => void process.stderr.write(text);

async function main(): Promise<number> {
  const request = await readCommandLine(process.argv.slice(2), version, out, err);
  if (request.kind === "shown") return EXIT.done;
  if (request.kind === "wrong") return EXIT.usage;
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      stop.abort(new ProblemError("interrupted", { message: `stopped by ${name}` }));
      // The second signal does what it does by default.
    });
  }
  const { run } = await request.load();
  return await run(request.argument, request.given, stop.signal);
}

// A reader that has seen enough (`| head`) is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.done);
  throw error;
});

try {
  process.exitCode = await main();
} catch (error) {
  err(`${isProblem(error) ? problemText(error) : bugText(error, version)}\n`);
  process.exitCode = isProblem(error) ? exitCodeOf(error.code) : EXIT.failed;
}
