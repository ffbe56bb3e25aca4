import type { Unknown } from "./facts.ts";
import { unknown } from "./known.ts";
import type { HostPrograms, ProgramAnswer } from "./ports.ts";

/** How programs are asked. */
export interface Asking {
  readonly programs: HostPrograms;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type Ended = Extract<ProgramAnswer, { readonly kind: "ended" }>;

/** Runs `docker` with these arguments. Without an answer: why there is none. */
export async function askDocker({ programs, timeoutMs, signal }: Asking, args: readonly string[]): Promise<Ended | Unknown> {
  const answer = await programs.run("docker", args, { timeoutMs, ...(signal === undefined ? {} : { signal }) });
  const source = sourceOf(args);
  switch (answer.kind) {
    case "ended":
      return answer;
    case "missing":
      return unknown("absent", 'there is no program "docker" on PATH', NO_CLI, source);
    case "unstartable":
      return unknown("broken", `the program "docker" cannot be started (${answer.why})`, `see what \`command -v docker\` names, ${NO_CLI}`, source);
    case "silent":
      return unknown("silent", `\`${source}\` gave no answer within ${answer.afterMs / 1000} s`, SILENT, source);
  }
}

export const isUnknown = (answer: Ended | Unknown): answer is Unknown => "known" in answer;

/** How a question is named: the command without its format. */
export const sourceOf = (args: readonly string[]): string =>
  ["docker", ...args.slice(0, args.indexOf("--format") === -1 ? undefined : args.indexOf("--format"))].join(" ");

const NO_CLI = "install Docker (https://docs.docker.com/engine/install/), or build with the embedded engine (--engine embedded), which needs none";
const SILENT =
  "see whether the daemon hangs (`systemctl status docker`) and restart it, choose another context, or build with the embedded engine (--engine embedded)";
