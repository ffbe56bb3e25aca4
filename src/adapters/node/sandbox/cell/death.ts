import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** Signals of a crash. An emulator's own crash looks like one of its program's. */
const CRASHES = ["SIGSEGV", "SIGABRT", "SIGILL", "SIGTRAP", "SIGBUS", "SIGFPE", "SIGSYS"];

/** How often the kernel has killed for want of memory, in the whole machine and in limited groups; undefined where that is not told. */
export function memoryKills(): number | undefined {
  try {
    const count = /^oom_kill (\d+)$/m.exec(readFileSync("/proc/vmstat", "utf8"))?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}

/** What is known of a death by signal, in words. */
export function whyKilled(
  signal: string,
  killsBefore: number | undefined,
  killsAfter: number | undefined,
  platform: string,
  emulated: boolean,
): string | undefined {
  if (signal === "SIGKILL" && killsBefore !== undefined && killsAfter !== undefined && killsAfter > killsBefore)
    // The count is of the whole machine.
    return "while it ran, this machine's memory ran out and the kernel killed a process: probably this one";
  if (CRASHES.includes(signal)) return emulated ? `the program, or the emulator that runs it for ${platform}, crashed` : "the program crashed";
  return undefined;
}

/** When memory runs out, the kernel is to take the program and not the sandbox around it. Only where /proc is of the program's own namespace. */
export function offerToMemoryKiller(): void {
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid) || pid === "1") continue;
    try {
      writeFileSync(`/proc/${pid}/oom_score_adj`, "1000");
    } catch {
      // It has ended, or is somebody else by now.
    }
  }
}
