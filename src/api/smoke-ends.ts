import type { ProblemError } from "../core/problem.ts";
import type { SandboxEnd } from "../engine/sandbox.ts";
import type { SmokeResult } from "../verify/smoke.ts";
import type { Obstacle } from "./smoke-obstacle.ts";
import type { SmokeStart } from "./smoke-start.ts";

/** What it printed until it ended, and how long it ran. */
type SoFar = Pick<SmokeResult, "output" | "ms">;
type End = Pick<SandboxEnd, "exitCode" | "signal" | "why">;

const base = ({ image, command, how }: SmokeStart) =>
  ({ platform: image.name, command, how, exitCode: undefined, signal: undefined, outlasted: false, act: undefined }) as const;

/** Of a start that was not tried, or could not be. */
export const notRun = ({ image, command }: Pick<SmokeStart, "image" | "command">, { why, act }: Obstacle): SmokeResult => ({
  platform: image.name,
  command,
  state: "not-run",
  how: undefined,
  exitCode: undefined,
  signal: undefined,
  outlasted: false,
  why,
  act,
  output: "",
  ms: 0,
});

/** Of a program that could not be started: there is none, it is for another processor, its user is unknown. */
export const notStarted = (start: SmokeStart, { message, hint }: Pick<ProblemError, "message" | "hint">, soFar: SoFar): SmokeResult => ({
  ...base(start),
  state: "failed",
  why: message,
  act: hint,
  ...soFar,
});

/** Of a program that was ended because its time was over: what the image starts by itself may be a server, a command is to come to an end. */
export const outlasted = (start: SmokeStart, soFar: SoFar): SmokeResult => ({
  ...base(start),
  state: start.own ? "passed" : "failed",
  outlasted: true,
  why: start.own ? `it still ran after ${start.limitMs / 1000} s, and was ended` : `it had not ended after ${start.limitMs / 1000} s, and was ended`,
  act: start.own ? undefined : "name a command that comes to an end, such as PROGRAM --version, or give it more time with --smoke-timeout",
  ...soFar,
});

/** Of a program that ran and ended. */
export function ended(start: SmokeStart, end: End, soFar: SoFar): SmokeResult {
  const { exitCode, signal } = end;
  const { architecture, variant } = start.platform;
  if (signal === "SIGILL" && architecture === "amd64" && variant !== undefined)
    return {
      ...notRun(start, {
        why: `it uses an instruction that this machine's processor may lack: it is for ${architecture}/${variant}`,
        act: "try it on a newer machine",
      }),
      ...soFar,
    };
  return {
    ...base(start),
    state: exitCode === 0 ? "passed" : "failed",
    exitCode,
    signal,
    why: howItEnded(end),
    act: actFor(start, end, soFar.output),
    ...soFar,
  };
}

/** Linux numbers them so on all platforms but MIPS. Source: Linux 6.18 include/uapi/asm-generic/signal.h, read 2026-11-23. */
const SIGNALS: Readonly<Record<number, string>> = {
  2: "SIGINT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  15: "SIGTERM",
};

/** What shells and their kin mean by these. */
const STATUSES: Readonly<Record<number, string>> = {
  126: "a program that it calls is there and cannot be executed",
  127: "a program that it calls, or what that needs to start, is not there",
};

function howItEnded({ exitCode, signal, why }: End): string {
  if (signal !== undefined) return `it was ended by ${signal}${why === undefined ? "" : `: ${why}`}`;
  const killed = SIGNALS[exitCode - 128];
  const words = STATUSES[exitCode] ?? (killed === undefined ? undefined : `a program that it calls was ended by ${killed}`);
  return `it ended with status ${exitCode}${words === undefined ? "" : `: ${words}`}`;
}

function actFor({ platform, own, how }: SmokeStart, { exitCode, signal }: End, output: string): string | undefined {
  if (exitCode === 0) return undefined;
  const target = platform.variant === undefined ? platform.architecture : `${platform.architecture}/${platform.variant}`;
  const died = signal ?? SIGNALS[exitCode - 128];
  if (/exec format error/i.test(output)) return `look for programs that are not for ${target}`;
  if (/version `[^']*' not found|error while loading shared libraries|Error (?:loading shared library|relocating)/.test(output))
    return "build the program against the libraries of the image's base, or add those that it needs";
  if (died === "SIGILL") return `build the program for plain ${target}`;
  if (how === "emulated" && died !== undefined) return `try it on a machine for ${target}: the emulator may be at fault`;
  if (exitCode === 126) return `check that what it calls has the executable bit and is for ${target}`;
  if (exitCode === 127) return "check PATH, the first lines of scripts, and that interpreters and loaders are in the image";
  return own ? 'look at what it printed; what takes arguments or a network to start is better tried with --smoke="PROGRAM --version"' : undefined;
}
