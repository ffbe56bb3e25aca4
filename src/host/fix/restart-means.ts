import type { DaemonFact } from "../facts.ts";
import type { HostFiles, HostPrograms } from "../ports.ts";

/** How the daemon is started anew here. */
export interface RestartMeans {
  /** Undefined: nothing is known to keep it, so that only the user can. */
  readonly command: readonly string[] | undefined;
  /** What to do by hand. */
  readonly byHand: string;
}

/** For a question to a service manager. */
const QUESTION_MS = 4000;

/**
 * Finds who keeps the daemon: a unit of systemd whose main process it is (of the user's systemd when it is rootless), or `/etc/init.d/docker` with its pid file.
 * A unit that merely holds it, such as that of a shell, is none: its restart would end more.
 */
export async function restartMeans(
  daemon: DaemonFact,
  ports: { readonly files: HostFiles; readonly programs: HostPrograms },
  signal?: AbortSignal,
): Promise<RestartMeans> {
  const { pid } = daemon;
  if (pid === undefined)
    return { command: undefined, byHand: "restart the Docker daemon as it was started: sudo systemctl restart docker, where systemd keeps it" };
  const command = (await systemdCommand(pid, daemon.rootless, ports, signal)) ?? initCommand(pid, ports.files);
  if (command === undefined) return { command, byHand: `end the process ${pid} (dockerd) and start it again as it was started` };
  return { command, byHand: daemon.rootless ? command.join(" ") : `sudo ${command.join(" ")}` };
}

async function systemdCommand(
  pid: number,
  rootless: boolean,
  { files, programs }: { readonly files: HostFiles; readonly programs: HostPrograms },
  signal: AbortSignal | undefined,
): Promise<readonly string[] | undefined> {
  const unit = unitOf(files, pid);
  if (unit === undefined) return undefined;
  const manager = rootless ? ["--user"] : [];
  const answer = await programs.run("systemctl", [...manager, "show", "--property=MainPID", "--value", unit], {
    timeoutMs: QUESTION_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  const main = answer.kind === "ended" && answer.status === 0 ? Number(answer.stdout.trim()) : Number.NaN;
  // Rootless, RootlessKit is the unit's main process, and dockerd below it.
  const keeps = main === pid || (rootless && /docker/.test(unit) && isAbove(files, main, pid));
  return keeps ? ["systemctl", ...manager, "--no-ask-password", "restart", unit] : undefined;
}

/** The unit that a process is counted to. */
function unitOf(files: HostFiles, pid: number): string | undefined {
  const answer = files.read(`/proc/${pid}/cgroup`, true);
  if (answer.kind !== "text") return undefined;
  for (const line of answer.text.split("\n")) {
    const unit = /\/([^/]+\.service)$/.exec(line)?.[1];
    if (unit !== undefined) return unit;
  }
  return undefined;
}

/** Most processes between a unit's main process and the daemon. */
const GENERATIONS = 8;

function isAbove(files: HostFiles, above: number, pid: number): boolean {
  let current = pid;
  for (let i = 0; i < GENERATIONS && current > 1; i++) {
    const answer = files.read(`/proc/${current}/status`, true);
    current = answer.kind === "text" ? Number(/^PPid:\s*(\d+)$/m.exec(answer.text)?.[1] ?? 0) : 0;
    if (current === above) return true;
  }
  return false;
}

const PID_FILES = ["/var/run/docker.pid", "/run/docker.pid"];

function initCommand(pid: number, files: HostFiles): readonly string[] | undefined {
  if (files.read("/etc/init.d/docker", true).kind !== "text") return undefined;
  const keeps = PID_FILES.some((path) => {
    const answer = files.read(path, true);
    return answer.kind === "text" && answer.text.trim() === String(pid);
  });
  return keeps ? ["service", "docker", "restart"] : undefined;
}
