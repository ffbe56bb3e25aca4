import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Buildx, BuildxProcess, BuildxRun } from "../../../engine/buildkit/buildx.ts";
import { lineReader } from "./line-reader.ts";

export interface BuildxOptions {
  /** The user's; `docker` is looked for on its PATH. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What relative paths among the arguments are relative to. */
  readonly cwd: string;
  /** Default `docker`. */
  readonly program?: string;
  /** How long it may take to end after SIGINT, in milliseconds; a build's cancellation has to reach the builder. */
  readonly graceMs?: number;
}

const GRACE_MS = 5_000;
/** After SIGKILL: only a program outside our reach can still hold the pipes. */
const LAST_MS = 1_000;

type Ended = Awaited<BuildxProcess["ended"]>;

/** `docker buildx build` of this machine. */
export function buildxProcess(options: BuildxOptions): Buildx {
  return {
    build(args, run) {
      if (run.signal?.aborted) return notStarted({ kind: "ended", status: 128 + constants.signals.SIGINT });
      let child: ChildProcess;
      try {
        child = spawn(options.program ?? "docker", ["buildx", "build", ...args], {
          cwd: options.cwd,
          env: { ...options.env, ...run.env },
          stdio: [run.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
          // A group of its own: signals reach the plugin that docker starts, too.
          detached: true,
        });
      } catch (error) {
        // What can be told before anything is started: an argument with a NUL byte, too long a list.
        return notStarted({ kind: "unstartable", why: (error as NodeJS.ErrnoException).code ?? String(error) });
      }
      feed(child, run);
      const lines = lineReader(run.onLine);
      child.stderr?.on("data", (chunk: Buffer) => lines.write(chunk));
      return { stdout: outputOf(child), ended: endOf(child, run.signal, options.graceMs ?? GRACE_MS).finally(() => lines.end()) };
    },
  };
}

function notStarted(ended: Ended): BuildxProcess {
  return { stdout: Readable.from([]), ended: Promise.resolve(ended) };
}

/** Its stdin need not be read to the end, and whoever gives it tells of its failures. */
function feed(child: ChildProcess, run: BuildxRun): void {
  if (run.stdin === undefined || child.stdin === null) return;
  pipeline(Readable.from(run.stdin, { objectMode: false }), child.stdin).catch(() => undefined);
}

/** An output that is cut off is one that stops short: what ended it is told by `ended`. */
async function* outputOf(child: ChildProcess): AsyncGenerator<Uint8Array> {
  if (child.stdout === null) return;
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

function endOf(child: ChildProcess, signal: AbortSignal | undefined, graceMs: number): Promise<Ended> {
  return new Promise((resolve) => {
    const timers: NodeJS.Timeout[] = [];
    const close = (): void => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
    };
    const stop = (): void => {
      kill(child, "SIGINT");
      timers.push(
        setTimeout(() => {
          kill(child, "SIGKILL");
          timers.push(setTimeout(close, LAST_MS));
        }, graceMs),
      );
    };
    const settle = (ended: Ended): void => {
      signal?.removeEventListener("abort", stop);
      for (const timer of timers) clearTimeout(timer);
      resolve(ended);
    };
    signal?.addEventListener("abort", stop, { once: true });
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return;
      close();
      settle(error.code === "ENOENT" ? { kind: "missing" } : { kind: "unstartable", why: error.code ?? error.message });
    });
    child.on("close", (status, by) => {
      if (child.pid === undefined) return;
      // What it started and left behind must not go on by itself.
      if (signal?.aborted) kill(child, "SIGKILL");
      settle({ kind: "ended", status: status ?? 128 + (by === null ? 0 : constants.signals[by]) });
    });
  });
}

/** The whole group. */
function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It is gone.
  }
}
