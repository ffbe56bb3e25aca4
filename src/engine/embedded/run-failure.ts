import { formatPlatform } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import type { RunVertex } from "../../plan/graph.ts";
import type { SandboxEnd } from "../sandbox.ts";

export { lastLines } from "./last-lines.ts";

/** What is told of a command at most. */
const MAX_COMMAND = 120;

/**
 * The problem of a program that ran and failed.
 * @param tail  the last lines that it printed: they say what the exit status does not
 */
export function runFailure(vertex: RunVertex, end: Pick<SandboxEnd, "exitCode" | "signal" | "why">, tail: readonly string[]): ProblemError {
  const platform = formatPlatform(vertex.platform);
  const command = commandOf(vertex);
  const how = end.signal === undefined ? `ended with status ${end.exitCode}` : `was ended by ${end.signal}`;
  return new ProblemError("run-failed", {
    message: `"${command}" ${how} (${platform})${end.why === undefined ? "" : `: ${end.why}`}`,
    hint: hintFor(vertex, platform, end, tail.join("\n")),
    facts: {
      platform,
      command,
      exitCode: end.exitCode,
      ...(end.signal === undefined ? {} : { signal: end.signal }),
      ...(tail.length === 0 ? {} : { output: tail.join("\n") }),
    },
  });
}

/** One line of it, as a person would type it but for quotes. */
function commandOf({ arguments: words }: RunVertex): string {
  const [line = "", ...more] = words.join(" ").split(/\r?\n/);
  return line.length > MAX_COMMAND || more.length > 0 ? `${line.slice(0, MAX_COMMAND).trimEnd()}…` : line;
}

function hintFor(
  vertex: RunVertex,
  platform: string,
  { exitCode, signal, why }: Pick<SandboxEnd, "exitCode" | "signal" | "why">,
  output: string,
): string | undefined {
  const crash = /^qemu: uncaught target signal (\d+)/m.exec(output);
  if (crash !== null || /\bqemu\b/i.test(why ?? ""))
    return `QEMU, which emulates ${platform}, crashed${crash === null ? "" : ` with signal ${crash[1]}`}: try another QEMU (--emulator), a machine of that platform, or let $BUILDPLATFORM cross-compile`;
  if (/exec format error/i.test(output))
    return `a program of the step is for another platform than ${platform}: check what COPY and --from bring, and FROM --platform`;
  if (/no space left on device/i.test(output)) return "a disk is full: multihull prune makes room in the store; in /dev/shm, --shm-size does";
  if (vertex.network === "none" && /resol|network is unreachable|getaddrinfo/i.test(output)) return "the step has no network, because it says --network=none";
  if (signal === "SIGKILL" || exitCode === 137) return "memory may have run out: give the machine more, or let the step do less at a time";
  switch (exitCode) {
    case 126:
      return `what the step calls is there and cannot be run: check that it has the executable bit (chmod +x) and is for ${platform}`;
    case 127: {
      const name = /(?:^|: )([^\s:]+): (?:command )?not found$/m.exec(output)?.[1];
      return name === undefined
        ? "a program that the step calls is not there, or its interpreter or loader is not: check PATH and the first line of the script"
        : `"${name}" is not in the image or not on its PATH: install it in an earlier step, or check the first line of the script that calls it`;
    }
    case 132:
      return `a program used an instruction that the processor, or the emulated one, lacks: build it for plain ${platform}`;
    default:
      return undefined;
  }
}
