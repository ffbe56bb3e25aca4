import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Names a process for other processes, also after its end: `HOST-BOOT-PID-START-RANDOM`. HOST stands for the machine and its table of
 * processes (a container has its own), BOOT for the machine's start, START for the process's: a process id that is used again is not mistaken.
 */
export type OwnerId = string;

export const newOwner = (): OwnerId => `${hostPart()}-${bootPart()}-${process.pid}-${startOf(process.pid) ?? "x"}-${randomBytes(6).toString("hex")}`;

/** Whether an owner's process still runs; "unknown" when it is, or was, out of our sight: another machine, another container. */
export function lifeOf(owner: OwnerId): "alive" | "dead" | "unknown" {
  const match = /^([0-9a-f]{12})-([0-9a-f]{12})-(\d{1,10})-(\d{1,20}|x)-[0-9a-f]{12}$/.exec(owner);
  if (match === null || match[1] !== hostPart()) return "unknown";
  if (match[2] !== bootPart()) return "dead";
  const pid = Number(match[3]);
  if (!exists(pid)) return "dead";
  const start = startOf(pid);
  return match[4] === "x" || start === undefined || start === match[4] ? "alive" : "dead";
}

// Read when first needed, not when the module is loaded.
let host: string | undefined;
let boot: string | undefined;
const hostPart = (): string => (host ??= shortHash(`${hostname()}\0${read(() => readlinkSync("/proc/self/ns/pid"))}`));
// Without /proc (macOS, Windows) a restart is not noticed, and a process id that is used again counts as alive: things are swept later, not too early.
const bootPart = (): string => (boot ??= shortHash(read(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"))));

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Start time of a process in clock ticks since boot; undefined where it cannot be known. */
function startOf(pid: number): string | undefined {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // The second field is the program's name in parentheses, and may hold anything; start time is field 22 (proc(5)).
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function read(act: () => string): string {
  try {
    return act();
  } catch {
    return "";
  }
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
