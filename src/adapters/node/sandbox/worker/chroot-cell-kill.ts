import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

/**
 * Kills all descendants of a process, also of those that it adopts as their parents die (it is a subreaper), and lets it live. Nothing is killed that is not its
 * descendant: who may look at whose root is not ours to know in a container, whose child a process is everybody may.
 * @param but  children of it that live on, with their own
 */
export async function killDescendants(pid: number, but: ReadonlySet<number> = new Set()): Promise<void> {
  // Stopped first: one that only makes more of itself would always be ahead.
  const stopped = new Set<number>();
  for (let fresh = descendants(pid, but); fresh.length > 0; fresh = descendants(pid, but).filter((one) => !stopped.has(one))) {
    for (const one of fresh) {
      stopped.add(one);
      signal(one, "SIGSTOP");
    }
  }
  for (let left = descendants(pid, but); left.length > 0; left = descendants(pid, but)) {
    for (const one of left) signal(one, "SIGKILL");
    await setTimeout(1);
  }
}

function signal(pid: number, name: "SIGSTOP" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended by itself.
  }
}

/** The living ones. */
function descendants(of: number, but: ReadonlySet<number>): number[] {
  const children = new Map<number, { readonly pid: number; readonly alive: boolean }[]>();
  for (const name of readdirSync("/proc")) {
    const stat = /^[0-9]+$/.test(name) ? statOf(name) : undefined;
    if (stat === undefined) continue;
    const siblings = children.get(stat.parent);
    if (siblings === undefined) children.set(stat.parent, [stat]);
    else siblings.push(stat);
  }
  const found: number[] = [];
  const parents = [of];
  for (const parent of parents) {
    for (const { pid, alive } of children.get(parent) ?? []) {
      if (but.has(pid)) continue;
      parents.push(pid);
      if (alive) found.push(pid);
    }
  }
  return found;
}

function statOf(name: string): { readonly pid: number; readonly parent: number; readonly alive: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${name}/stat`, "latin1");
    // A program's name may hold anything, parentheses too.
    const [state, parent] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { pid: Number(name), parent: Number(parent), alive: state !== "Z" && state !== "X" };
  } catch {
    return undefined;
  }
}
