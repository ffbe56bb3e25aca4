import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const SAMPLE_EVERY_MS = 10;

export interface Measured {
  readonly seconds: number;
  /** From the start of the process to the first byte that it wrote. */
  readonly firstByteSeconds: number;
  /** Most memory that the process and those below it held at once, in MiB; high-water marks of the kernel, looked at every 10 ms. */
  readonly peakMiB: number;
}

/** Runs a command to its end. @throws when it ends with another status than those, with what it said */
export async function measure(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  memory = false,
  statuses: readonly (number | null)[] = [0],
): Promise<Measured> {
  const start = process.hrtime.bigint();
  const since = (): number => Number(process.hrtime.bigint() - start) / 1e9;
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let firstByteSeconds = Number.NaN;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      if (output === "") firstByteSeconds = since();
      output = (output + text).slice(-4000);
    });
  }
  const peak = memory ? watchPeak(child) : () => 0;
  const code = await new Promise<number | null>((done, fail) => child.once("error", fail).once("close", done));
  const seconds = since();
  if (!statuses.includes(code)) throw new Error(`${program} ${args.join(" ")} ended with ${code}\n${output}`);
  return { seconds, firstByteSeconds, peakMiB: peak() };
}

function watchPeak(child: ChildProcess): () => number {
  const highest = new Map<number, number>();
  const timer = setInterval(() => {
    for (const pid of family(child.pid!)) highest.set(pid, Math.max(highest.get(pid) ?? 0, highWaterMiB(pid)));
  }, SAMPLE_EVERY_MS);
  return () => {
    clearInterval(timer);
    return [...highest.values()].reduce((sum, each) => sum + each, 0);
  };
}

/** A process and everything that it started, as far as it is still there. */
export function family(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
    );
    return [pid, ...children.flatMap(family)];
  } catch {
    return [];
  }
}

/** The kernel's mark of the most memory a process held, since it started or since {@link forgetPeak}. */
export function highWaterMiB(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Sets the high-water mark of a daemon back to what it holds now. */
export function forgetPeak(pid: number): void {
  for (const each of family(pid)) writeFileSync(`/proc/${each}/clear_refs`, "5");
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
