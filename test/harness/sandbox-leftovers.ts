import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/**
 * What a build has left on the machine: processes that work in its folder or carry its mark, mounts of it in any mount namespace, sockets that somebody listens on there.
 * @param traces  texts that nothing else on the machine has: the store's folder, a value that the programs have in their environment
 */
export function leftovers(...traces: readonly string[]): string[] {
  const has = (text: string): boolean => traces.some((trace) => text.includes(trace));
  const found: string[] = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name) && name !== String(process.pid))) {
    const command = textOf(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
    const seen = [command, textOf(`/proc/${pid}/environ`), ...["cwd", "root", "exe"].map((link) => linkOf(`/proc/${pid}/${link}`))];
    if (seen.some(has)) found.push(`process ${pid}: ${command.trim()}`);
    const mounts = textOf(`/proc/${pid}/mountinfo`).split("\n").filter(has);
    // A dying process shows neither; one that shows mounts is alive.
    found.push(...mounts.map((mount) => `mount seen by process ${pid}: ${mount}`));
  }
  found.push(...textOf("/proc/self/mountinfo").split("\n").filter(has));
  found.push(
    ...textOf("/proc/net/unix")
      .split("\n")
      .filter(has)
      .map((line) => `socket: ${line}`),
  );
  return found;
}

const GONE_WITHIN_MS = 5_000;

/**
 * The same, when what is dying has had time to: the kernel takes namespaces down after the last process has been waited for. Empty as soon as nothing is left.
 */
export async function lastingLeftovers(...traces: readonly string[]): Promise<string[]> {
  const until = performance.now() + GONE_WITHIN_MS;
  for (;;) {
    const found = leftovers(...traces);
    if (found.length === 0 || performance.now() > until) return found;
    await delay(20);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
