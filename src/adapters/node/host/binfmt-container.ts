import { ProblemError } from "../../../core/problem.ts";
import type { HostChange } from "../../../host/fix/change.ts";
import type { HostPrograms } from "../../../host/ports.ts";
import { secretFree } from "../../../host/secret-free.ts";

/** Emulators that a container tells the kernel of. */
export type ContainerEmulators = Extract<HostChange, { kind: "emulator-container" }>;

/** An image has to be pulled. */
const TIME_LIMIT_MS = 10 * 60_000;

/**
 * Runs the container, which ends well whatever comes of it, and looks at what it says is registered.
 * @throws {ProblemError} `host-change-failed`
 */
export async function installEmulators(change: ContainerEmulators, programs: HostPrograms, signal?: AbortSignal): Promise<void> {
  const { stdout, stderr } = await runContainer(change.command, programs, signal);
  const wanted = entriesOf(change);
  const there = registeredIn(stdout);
  const lacking = wanted.filter((name) => !there.includes(name));
  if (lacking.length > 0) throw failed(change.command, `"${lacking.join(", ")}" is not registered after it: ${secretFree(stderr)}`);
}

/** Takes them away; what is gone already is no failure. @throws {ProblemError} `host-change-failed` */
export async function uninstallEmulators(change: ContainerEmulators, programs: HostPrograms, signal?: AbortSignal): Promise<void> {
  const { stdout, stderr } = await runContainer(change.undo, programs, signal);
  const left = entriesOf(change).filter((name) => registeredIn(stdout).includes(name));
  if (left.length > 0) throw failed(change.undo, `"${left.join(", ")}" is still registered after it: ${secretFree(stderr)}`);
}

/** What the last argument of `undo` names. */
const entriesOf = ({ undo }: ContainerEmulators): readonly string[] => (undo.at(-1) ?? "").split(",");

async function runContainer(
  command: readonly string[],
  programs: HostPrograms,
  signal: AbortSignal | undefined,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const [program = "docker", ...args] = command;
  const answer = await programs.run(program, args, { timeoutMs: TIME_LIMIT_MS, ...(signal === undefined ? {} : { signal }) });
  switch (answer.kind) {
    case "ended":
      if (answer.status === 0) return answer;
      throw failed(command, `it ended with status ${answer.status}: ${secretFree(answer.stderr)}`);
    case "missing":
      throw failed(command, `there is no "${program}" on PATH`);
    case "unstartable":
      throw failed(command, answer.why);
    case "silent":
      throw failed(command, `it did not end within ${answer.afterMs / 1000} s: ${secretFree(answer.stderr)}`);
  }
}

/** Names of the kernel's entries, of the JSON that it prints at last. */
function registeredIn(stdout: string): readonly string[] {
  try {
    const { emulators } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as { readonly emulators?: unknown };
    return Array.isArray(emulators) ? emulators.filter((name): name is string => typeof name === "string") : [];
  } catch {
    return [];
  }
}

const failed = (command: readonly string[], why: string): ProblemError =>
  new ProblemError("host-change-failed", {
    message: `"${command.join(" ")}" did not work: ${why}`,
    hint: "install the package qemu-user-static on Docker's machine as root, which registers emulators itself",
  });
