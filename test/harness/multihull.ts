import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export const projectRoot: string = join(import.meta.dirname, "../..");
const script = join(projectRoot, "bin/multihull");

export interface Ran {
  /** Exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Uint8Array;
  /** How stdout is read; default UTF-8. */
  readonly encoding?: "latin1";
  /** Another user, which only root can be. */
  readonly uid?: number;
  readonly gid?: number;
}

/** A folder that is gone when the test is. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "multihull-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts the command line in a process of its own, without the user's Docker configuration, proxies and store. */
export function startMultihull(args: readonly string[], { cwd = projectRoot, env = {}, ...options }: RunOptions = {}): ChildProcess {
  const { PATH, HOME, TMPDIR } = process.env;
  const who = options.uid === undefined || options.gid === undefined ? {} : { uid: options.uid, gid: options.gid };
  return spawn(process.execPath, [script, ...args], {
    cwd,
    env: { PATH, HOME, TMPDIR, DOCKER_CONFIG: "/nonexistent", NO_COLOR: "1", ...env },
    stdio: "pipe",
    ...who,
  });
}

/** Runs the command line to its end. */
export async function multihull(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return await endOf(startMultihull(args, options), options);
}

/** Waits for the end of a child that was started with pipes, and gathers what it says. */
export async function endOf(child: ChildProcess, { input, encoding }: Pick<RunOptions, "input" | "encoding"> = {}): Promise<Ran> {
  const [stdout, stderr] = [collect(child.stdout, encoding), collect(child.stderr)];
  // A command that does not read its input closes it.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout: await stdout, stderr: await stderr };
}

async function collect(stream: NodeJS.ReadableStream | null, encoding: BufferEncoding = "utf8"): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString(encoding);
}

export interface RunningRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly child: ChildProcess;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** The embedded registry in a process of its own, on a free port. */
export async function startRegistry(store: string, extra: readonly string[] = []): Promise<RunningRegistry> {
  const child = startMultihull(["registry", "serve", "--listen", "127.0.0.1:0", "--quiet", "--store", store, ...extra]);
  let said = "";
  const host = await new Promise<string>((resolve, reject) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const match = /^registry at https?:\/\/(\S+)$/m.exec(said);
      if (match !== null) resolve(match[1] as string);
    });
    child.once("exit", () => reject(new Error(`the registry ended: ${said}`)));
  });
  return {
    host,
    child,
    async stop(signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, "exit");
    },
  };
}
