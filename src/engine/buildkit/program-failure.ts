import type { ProblemCode, ProblemDetails } from "../../core/problem.ts";
import type { FailedAt } from "./known-failures.ts";

/** BuildKit's words for a program of RUN that ended badly. */
const ENDED = /^process "(.*)" did not complete successfully: (?:exit code: (\d{1,5}))?/s;
/** The kernel refused the program that RUN itself starts: it is for another processor, and nothing emulates that. */
const NO_EMULATOR = /^exec (\S+): exec format error$/m;
const NOT_STARTED = /^runc run failed: unable to start container process: (.+)$/m;
const NO_SUCH = /exec: "([^"]+)": (?:stat \S+: no such file or directory|executable file not found in \$PATH)/;

const COMMAND_LIMIT = 120;

const NATIVE =
  "give the builder's machine an emulator (docker run --privileged --rm tonistiigi/binfmt --install all), or build that platform natively with --node, or do the step on $BUILDPLATFORM";

/** A RUN step that failed; undefined when the words are not for one. `lines` are the last that it printed. */
export function programFailure(
  words: string,
  lines: readonly string[],
  at: FailedAt,
): { readonly code: ProblemCode; readonly details: ProblemDetails } | undefined {
  const ended = ENDED.exec(words);
  if (ended === null) return undefined;
  const command = oneLine(ended[1] as string);
  const output = lines.join("\n");
  const facts = { command, ...(ended[2] === undefined ? {} : { exitCode: Number(ended[2]) }), ...(output === "" ? {} : { output }) };
  const exec = NO_EMULATOR.exec(output);
  if (exec !== null) {
    const message = `"${exec[1]}" could not be started${at.platform}: it is for another processor than the builder's, and nothing there emulates it`;
    return { code: "emulator-missing", details: { message, hint: NATIVE, facts } };
  }
  const notStarted = NOT_STARTED.exec(output);
  if (notStarted !== null) {
    const missing = NO_SUCH.exec(notStarted[1] as string)?.[1];
    const why = missing === undefined ? (notStarted[1] as string) : `the image has no "${missing}"`;
    const hint = missing === undefined ? undefined : "start from an image that has it, or install it in an earlier step";
    return { code: "run-failed", details: { message: `"${command}" could not be started${at.platform}: ${why}`, hint, facts } };
  }
  const status = ended[2] === undefined ? "failed" : `ended with status ${ended[2]}`;
  return { code: "run-failed", details: { message: `"${command}" ${status}${at.platform}`, hint: hintFor(Number(ended[2]), output), facts } };
}

function oneLine(command: string): string {
  const [line = "", ...more] = command.split(/\r?\n/);
  return line.length > COMMAND_LIMIT || more.length > 0 ? `${line.slice(0, COMMAND_LIMIT).trimEnd()}…` : line;
}

/** Where the status and the output tell enough; the catalogue knows more. */
function hintFor(exitCode: number, output: string): string | undefined {
  if (/no space left on device/i.test(output)) return "a disk of the builder is full: docker buildx prune makes room; in /dev/shm, --shm-size does";
  if (exitCode === 137) return "memory may have run out on the builder: give it more, or let the step do less at a time";
  if (exitCode !== 127) return undefined;
  const name = /(?:^|: )([\w./+-]+): (?:command )?not found$/m.exec(output)?.[1];
  return name === undefined ? undefined : `"${name}" is not in the image or not on its PATH: install it in an earlier step`;
}
