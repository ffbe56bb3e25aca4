import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import type { HostPrograms, ProgramAnswer, ProgramRun } from "../../../host/ports.ts";

/** Kept of each of a program's two outputs; the rest is read and dropped. */
export const OUTPUT_LIMIT_BYTES = 4 * 1024 * 1024;
/** How long outputs may stay open once the program has ended: a child that it left behind may hold them for ever. */
const LEFT_OPEN_MS = 250;

/** Programs of this machine with this environment. */
export function hostPrograms(env: Readonly<Record<string, string | undefined>>): HostPrograms {
  return { run: (program, args, run) => answerOf(program, args, { ...env, ...run.env }, run) };
}

function answerOf(program: string, args: readonly string[], env: NodeJS.ProcessEnv, { timeoutMs, stdin, signal }: ProgramRun): Promise<ProgramAnswer> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    const child = started(program, args, { env, stdio: ["pipe", "pipe", "pipe"], detached: GROUPS, windowsHide: true });
    if ("refused" in child) return resolve({ kind: "unstartable", why: child.refused });
    const [stdout, stderr] = [kept(child.stdout), kept(child.stderr)];
    let openLonger: NodeJS.Timeout | undefined;
    const over = (): void => {
      clearTimeout(limit);
      clearTimeout(openLonger);
      signal?.removeEventListener("abort", aborted);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
    };
    const limit = setTimeout(() => {
      endGroup(child);
      over();
      resolve({ kind: "silent", afterMs: timeoutMs, stdout: stdout(), stderr: stderr() });
    }, timeoutMs);
    const aborted = (): void => {
      endGroup(child);
      over();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", aborted, { once: true });
    const ended = (code: number | null, by: NodeJS.Signals | null): void => {
      over();
      resolve({ kind: "ended", status: code ?? 128 + (by === null ? 0 : constants.signals[by]), stdout: stdout(), stderr: stderr() });
    };
    child.once("error", (error: NodeJS.ErrnoException) => {
      over();
      resolve(error.code === "ENOENT" ? { kind: "missing" } : { kind: "unstartable", why: error.code ?? error.message });
    });
    child.once("exit", (code, by) => {
      openLonger = setTimeout(() => ended(code, by), LEFT_OPEN_MS);
    });
    child.once("close", ended);
    // A program that ends before it has read its input says so by its status.
    child.stdin?.on("error", () => {});
    child.stdin?.end(stdin ?? "");
  });
}

/** Where a program and what it starts can be ended together. */
const GROUPS = process.platform !== "win32";

function started(program: string, args: readonly string[], options: SpawnOptions): ChildProcess | { readonly refused: string } {
  try {
    return spawn(program, args, options);
  } catch (error) {
    // Arguments too long, no more processes, a nul in an argument: told at once.
    return { refused: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (GROUPS) process.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Reads a stream to its end and keeps its first part. */
function kept(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on("error", () => {});
  stream?.on("data", (chunk: Buffer) => {
    if (size < OUTPUT_LIMIT_BYTES) chunks.push(chunk.subarray(0, OUTPUT_LIMIT_BYTES - size));
    size += chunk.byteLength;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}
