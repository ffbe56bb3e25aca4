import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { TOOL_ENVIRONMENT } from "./tools.ts";

const CLOEXEC = 0o2000000;

/** Starts a tool of the machine with nothing of ours: no environment, no descriptor but the three. */
export function spawnClean(argv: readonly string[], stdio: readonly ["pipe" | "ignore", "pipe" | "ignore", "pipe" | "ignore"], cwd = "/"): ChildProcess {
  const [program, ...rest] = argv as [string, ...string[]];
  return spawn(program, rest, { cwd, env: { ...TOOL_ENVIRONMENT }, stdio: [...stdio, ...hidden()] as StdioOptions });
}

/** What our own parent left open for its children would go on to ours: /dev/null takes its place. Node closes what is Node's. */
function hidden(): "ignore"[] {
  const last = Math.max(2, ...readdirSync("/proc/self/fd").map(Number).filter(isInherited));
  return Array.from({ length: last - 2 }, () => "ignore");
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
    return fd > 2 && (Number.parseInt(flags ?? "0", 8) & CLOEXEC) === 0;
  } catch {
    // The folder's own descriptor, closed by now.
    return false;
  }
}

const SAID_BYTES = 4096;

/** Keeps the end of what a process says on stderr. */
export function lastWords(child: ChildProcess): () => string {
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-SAID_BYTES);
  });
  return () => said.trim();
}
