import { type ChildProcess, spawn } from "node:child_process";
import { finished } from "node:stream/promises";
import { libc } from "../libc.ts";
import type { ProgramReport } from "../protocol.ts";
import { memoryKills, offerToMemoryKiller, whyKilled } from "./death.ts";
import { findProgram } from "./find-program.ts";
import { type InputPipe, inputPipe } from "./input-pipe.ts";
import { shutAbstractSockets } from "./landlock.ts";
import { limitGate, setLimits } from "./limits.ts";
import type { CellOrder, OutputTaken } from "./order.ts";
import { type OutputPipe, outputPipe } from "./output-pipe.ts";
import { CellRefusal } from "./refusal.ts";
import { becomeUser, boundCapabilities, closeOnExecute } from "./rights.ts";
import type { EnteredRoot } from "./root.ts";
import { compileFilter } from "./seccomp.ts";
import { signalNumber } from "./signals.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Read ahead of the warden's reader. */
const MAX_UNTAKEN_BYTES = 256 * 1024;

export interface ProgramListener {
  started(pid: number): void;
  output(stream: "stdout" | "stderr", bytes: Uint8Array): void;
  taken(listen: (taken: OutputTaken) => void): void;
}

/** Gives up the thread's rights and runs the program to its end, in the root where the thread is. */
export async function runProgram(order: CellOrder, root: EnteredRoot, on: ProgramListener): Promise<ProgramReport> {
  const killsBefore = memoryKills();
  const pipes = { stdout: outputPipe(root.user), stderr: outputPipe(root.user) };
  const input = inputPipe(root.user);
  let started: Started;
  try {
    started = start(order, root, input, pipes);
  } catch (error) {
    for (const pipe of [input, ...Object.values(pipes)]) pipe.close();
    throw error;
  }
  const { child } = started;
  if (child.pid !== undefined) on.started(child.pid);
  const refused = begin(started, order, root, input);
  const streams = { stdout: pipes.stdout.handOver(), stderr: pipes.stderr.handOver() };
  const ended = new Promise<ProgramReport>((done, fail) => {
    child.once("error", (error: NodeJS.ErrnoException) =>
      fail(
        new CellRefusal({
          code: "run-failed",
          message: `program "${order.program.arguments[0]}" cannot be run: the system says ${error.code ?? error.message}`,
        }),
      ),
    );
    child.once("exit", (code, signal) => {
      // Those that it left behind hold its output open: they end here.
      void root.first.end();
      if (refused !== undefined) return fail(refused);
      if (signal === null) return done({ exitCode: code ?? 0 });
      const why = whyKilled(signal, killsBefore, memoryKills(), order.program.platform, order.program.emulated);
      done({ exitCode: 128 + signalNumber(signal), signal, ...(why === undefined ? {} : { why }) });
    });
  });
  const untaken = { stdout: 0, stderr: 0 };
  for (const stream of ["stdout", "stderr"] as const)
    streams[stream].on("data", (bytes: Buffer) => {
      on.output(stream, bytes);
      untaken[stream] += bytes.byteLength;
      if (untaken[stream] > MAX_UNTAKEN_BYTES) streams[stream].pause();
    });
  on.taken(({ stream, bytes }) => {
    untaken[stream] -= bytes;
    if (untaken[stream] <= MAX_UNTAKEN_BYTES) streams[stream].resume();
  });
  const [report] = await Promise.all([ended, finished(streams.stdout), finished(streams.stderr)]);
  return report;
}

interface Started {
  readonly child: ChildProcess;
  /** It waits for a line. */
  readonly gated: boolean;
}

function start(order: CellOrder, root: EnteredRoot, input: InputPipe, pipes: Readonly<Record<"stdout" | "stderr", OutputPipe>>): Started {
  const { program } = order;
  const lib = libc();
  const env = environmentOf(program.environment, root.user.home);
  closeOnExecute();
  shutAbstractSockets();
  const filter = compileFilter(process.arch, order.pretendOwners);
  if (filter !== undefined) lib.seccomp(filter);
  boundCapabilities();
  // With one id there is nobody else to become.
  if (!order.pretendOwners) becomeUser(root.user);
  enterWorkdir(program.workdir);
  const name = program.arguments[0] ?? "";
  const file = findProgram(name, env["PATH"] ?? "", root.formats);
  const rest = program.arguments.slice(1);
  const gate = program.ulimits.length === 0 ? undefined : limitGate(file, rest);
  const stdio = [input.reader, pipes.stdout.writer, pipes.stderr.writer];
  if (gate !== undefined) return { child: spawn(gate.file, gate.arguments, { env, stdio, detached: true }), gated: true };
  return { child: spawn(file, rest, { argv0: name, env, stdio, detached: true }), gated: false };
}

/** What has to be done to a process that is there. What it returns is why it cannot go on; then it is ended. */
function begin({ child, gated }: Started, { program }: CellOrder, root: EnteredRoot, input: InputPipe): CellRefusal | undefined {
  try {
    if (child.pid === undefined) return undefined;
    if (root.ownProc) offerToMemoryKiller();
    setLimits(child.pid, program.ulimits);
    if (gated) input.writeLine();
    return undefined;
  } catch (error) {
    void root.first.end();
    if (error instanceof CellRefusal) return error;
    throw error;
  } finally {
    input.close();
  }
}

/** The last of a name counts; PATH and HOME are there. */
export function environmentOf(lines: readonly string[], home: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const line of lines) {
    const equals = line.indexOf("=");
    if (equals > 0) env[line.slice(0, equals)] = line.slice(equals + 1);
  }
  env["PATH"] ??= DEFAULT_PATH;
  if (!env["HOME"]) env["HOME"] = home;
  return env;
}

export function enterWorkdir(path: string): void {
  try {
    libc().chdir(path);
  } catch {
    throw new CellRefusal({
      code: "run-failed",
      message: `the step's user may not enter the working directory "${path}"`,
      hint: "give it to the user (chown), or let others enter it (chmod o+x)",
    });
  }
}
