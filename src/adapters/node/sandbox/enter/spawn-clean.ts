import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { TOOL_ENVIRONMENT } from "./tools.ts";

const CLOEXEC = 0o2000000;

/** Starts a tool of the machine with nothing of ours: no environment, no descriptor but the three. */
export function spawnClean(argv: readonly string[], stdio: readonly ["pipe" | "ignore", "pipe" | "ignore", "pipe" | "ignore"], cwd = "/"): ChildProcess {
  const [program, ...rest] = argv as [string, ...string[]];
  const nothing = openSync("/dev/null", "r");
  try {
    return spawn(program, rest, { cwd, env: { ...TOOL_ENVIRONMENT }, stdio: [...stdio, ...hidden(nothing)] as StdioOptions });
  } finally {
    closeSync(nothing);
  }
}

/** What our own parent left open for its children would go on to ours: `nothing` takes its place. Node closes what is Node's, and leaves alone what is to be ignored. */
function hidden(nothing: number): (number | "ignore")[] {
  const inherited = new Set(readdirSync("/proc/self/fd").map(Number).filter(isInherited));
  return Array.from({ length: Math.max(2, ...inherited) - 2 }, (_, at) => (inherited.has(at + 3) ? nothing : "ignore"));
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
