import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProblemError } from "../../../core/problem.ts";

/** An agent of our own. */
export interface KeyAgent {
  readonly socket: string;
  /** It has ended, and its socket is gone. */
  close(): Promise<void>;
}

/** Tells the agent's number, and ends when we do, however we end: the agent looks after it. */
const WATCHED = 'echo "$SSH_AGENT_PID"; exec cat';

/**
 * Starts OpenSSH's agent with these private keys and nothing else.
 * @throws {ProblemError} `secret-missing` when the programs are not there, or do not take a key
 */
export async function startKeyAgent(keys: readonly { readonly path: string; readonly content: Uint8Array }[], env: NodeJS.ProcessEnv): Promise<KeyAgent> {
  const folder = mkdtempSync(join(tmpdir(), "multihull-agent-"));
  const socket = join(folder, "s");
  let agent: ChildProcessWithoutNullStreams | undefined;
  let pid: number | undefined;
  const close = async (): Promise<void> => {
    const ended = agent !== undefined && agent.exitCode === null && agent.signalCode === null ? once(agent, "exit") : undefined;
    agent?.stdin.end();
    await ended;
    if (pid !== undefined) kill(pid);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    // Without a terminal nobody is asked for anything.
    agent = await started("ssh-agent", ["-a", socket, "sh", "-c", WATCHED], env);
    pid = await firstNumber(agent);
    for (const { path, content } of keys) await addKey(path, content, { ...env, SSH_AUTH_SOCK: socket });
    return { socket, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** From standard input: of a file ssh-add wants a mode. */
async function addKey(path: string, content: Uint8Array, env: NodeJS.ProcessEnv): Promise<void> {
  const { DISPLAY: _display, SSH_ASKPASS: _askpass, ...silent } = env;
  const child = await started("ssh-add", ["-q", "-"], { ...silent, SSH_ASKPASS_REQUIRE: "never" });
  const exited = once(child, "exit");
  child.stdout.resume();
  child.stderr.resume();
  child.stdin.end(content);
  const [code] = await exited;
  if (code !== 0)
    throw new ProblemError("secret-missing", {
      message: `ssh-add does not take the key "${path}" (status ${code})`,
      hint: `try it: ssh-add ${JSON.stringify(path)}; then give the agent with --ssh default`,
    });
}

async function started(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildProcessWithoutNullStreams> {
  const child = spawn(program, args, { env, stdio: "pipe", detached: true });
  child.stdin.on("error", () => {});
  try {
    await once(child, "spawn");
  } catch (cause) {
    throw new ProblemError("secret-missing", {
      message: `--ssh with a key file needs OpenSSH, and ${program} cannot be run (${(cause as NodeJS.ErrnoException).code})`,
      hint: "install openssh-client, or give the socket of an agent",
      cause,
    });
  }
  return child;
}

/** Printed when the agent listens. */
async function firstNumber(agent: ChildProcessWithoutNullStreams): Promise<number> {
  let said = "";
  let complaint = "";
  agent.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(-500);
  });
  for await (const chunk of agent.stdout) {
    said += String(chunk);
    if (/^[1-9][0-9]*\n/.test(said)) return Number(said);
  }
  throw new ProblemError("secret-missing", {
    message: `ssh-agent does not start: ${complaint.trim().split("\n").at(-1) ?? ""}`,
    hint: "give the socket of an agent: --ssh ID=SOCKET",
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid);
  } catch {
    // It has seen by itself that it is not needed any more.
  }
}
