import type { ShellInstruction } from "../../../dockerfile/ast.ts";
import type { Prediction } from "../../../findings/finding.ts";
import type { ProgramRun, ProgramRuns } from "../program-runs.ts";

/** What is printed when the kernel cannot start the first program of a RUN; undefined where nobody knows its whole path, and of podman and buildah. */
export function formatErrorLog({ stage, instruction }: ProgramRun, { resolved }: ProgramRuns): Prediction | undefined {
  if (resolved.driver === "buildah") return undefined;
  const before = stage.instructions.slice(0, stage.instructions.indexOf(instruction));
  const shell = before.findLast((one): one is ShellInstruction => one.kind === "shell")?.shell[0] ?? "/bin/sh";
  const { command } = instruction;
  const program = command.shell ? shell : command.words[0];
  return program?.startsWith("/")
    ? { tool: resolved.driver === "legacy" ? "docker build" : "BuildKit", lines: [`exec ${program}: exec format error`] }
    : undefined;
}
