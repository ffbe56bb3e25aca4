import { setTimeout as delay } from "node:timers/promises";
import { ProblemError } from "../../../core/problem.ts";
import type { HostChange } from "../../../host/fix/change.ts";
import type { HostPrograms } from "../../../host/ports.ts";
import { secretFree } from "../../../host/secret-free.ts";

export type BuilderChange = Extract<HostChange, { kind: "builder" }>;
export type SelectChange = Extract<HostChange, { kind: "select" }>;
export type RestartChange = Extract<HostChange, { kind: "restart" }>;

/** A builder's image has to be pulled. */
const BUILDER_MS = 10 * 60_000;
const QUESTION_MS = 20_000;
/** Service managers give containers 90 seconds to end. */
const RESTART_MS = 180_000;

/** @throws {ProblemError} `host-changed` when a builder that is to be made is there by now: undoing would remove it */
export async function checkBuilderAbsent({ name, undo }: BuilderChange, programs: HostPrograms): Promise<void> {
  if (!undo.includes("rm")) return;
  const answer = await programs.run("docker", ["buildx", "inspect", name], { timeoutMs: QUESTION_MS });
  if (answer.kind === "ended" && answer.status !== 0 && /no builder /.test(answer.stderr)) return;
  if (answer.kind === "ended" && answer.status === 0)
    throw new ProblemError("host-changed", { message: `somebody has made a builder "${name}" meanwhile`, hint: "run this again" });
  throw commandFailed(["docker", "buildx", "inspect", name], whyOf(answer));
}

export async function makeBuilder({ command }: BuilderChange, programs: HostPrograms, signal: AbortSignal | undefined): Promise<void> {
  await runCommand(command, programs, BUILDER_MS, signal);
}

/** A builder that is gone already is no failure. */
export async function unmakeBuilder({ undo }: BuilderChange, programs: HostPrograms): Promise<void> {
  await runCommand(undo, programs, BUILDER_MS, undefined, /no builder |failed to find (?:builder|instance)/);
}

export async function makeSelection({ command }: SelectChange, programs: HostPrograms, signal: AbortSignal | undefined): Promise<void> {
  await runCommand(command, programs, QUESTION_MS, signal);
}

/** Puts the former selection back, unless another was made since; one whose builder is gone cannot be had again, and leaves the context's own. */
export async function unmakeSelection({ name, undo }: SelectChange, programs: HostPrograms): Promise<void> {
  // The variable would hide what was selected.
  const answer = await programs.run("docker", ["buildx", "inspect"], { timeoutMs: QUESTION_MS, env: { BUILDX_BUILDER: "" } });
  const current = answer.kind === "ended" && answer.status === 0 ? /^Name:\s*(\S+)/m.exec(answer.stdout)?.[1] : undefined;
  if (current !== undefined && current !== name) return;
  await runCommand(undo, programs, QUESTION_MS, undefined, /no builder |failed to find (?:builder|instance)/);
}

/** How long, and how often, a daemon is asked whether it answers again. */
export interface Patience {
  readonly limitMs: number;
  readonly everyMs: number;
}

/** Starts the daemon anew and waits until it answers. Nothing where only the user can. */
export async function restart({ command }: RestartChange, programs: HostPrograms, patience: Patience, signal: AbortSignal | undefined): Promise<void> {
  if (command === undefined) return;
  await runCommand(command, programs, RESTART_MS, signal);
  const tries = Math.max(1, Math.ceil(patience.limitMs / patience.everyMs));
  for (let i = 0; i < tries; i++) {
    const answer = await programs.run("docker", ["version", "--format", "{{.Server.Version}}"], {
      timeoutMs: patience.everyMs * 4,
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.kind === "ended" && answer.status === 0) return;
    await delay(patience.everyMs, undefined, signal === undefined ? {} : { signal });
  }
  throw new ProblemError("host-change-failed", {
    message: `Docker does not answer since it was restarted (${command.join(" ")}), for ${patience.limitMs / 1000} s`,
    hint: "look into its log, with journalctl -u docker for example",
  });
}

/** As `restart`; systemd counts failed starts, and refuses more of them until it is told to forget. */
export async function restartAgain(change: RestartChange, programs: HostPrograms, patience: Patience): Promise<void> {
  const { command } = change;
  if (command?.[0] === "systemctl")
    await programs.run(
      "systemctl",
      command.slice(1).map((word) => (word === "restart" ? "reset-failed" : word)),
      { timeoutMs: QUESTION_MS },
    );
  await restart(change, programs, patience, undefined);
}

async function runCommand(
  command: readonly string[],
  programs: HostPrograms,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  excused?: RegExp,
): Promise<void> {
  const [program = "", ...args] = command;
  const answer = await programs.run(program, args, { timeoutMs, ...(signal === undefined ? {} : { signal }) });
  if (answer.kind === "ended" && (answer.status === 0 || excused?.test(answer.stderr) === true)) return;
  throw commandFailed(command, whyOf(answer));
}

function whyOf(answer: Awaited<ReturnType<HostPrograms["run"]>>): string {
  switch (answer.kind) {
    case "ended":
      return `status ${answer.status}: ${secretFree(answer.stderr)}`;
    case "missing":
      return "there is no such program on PATH";
    case "unstartable":
      return answer.why;
    case "silent":
      return `it did not end within ${answer.afterMs / 1000} s`;
  }
}

const commandFailed = (command: readonly string[], why: string): ProblemError =>
  new ProblemError("host-change-failed", { message: `"${command.join(" ")}" failed: ${why}`, hint: "mend what it complains of, and run this again" });
