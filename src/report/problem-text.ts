import { isProblem, type ProblemError } from "../core/problem.ts";
import { cleanLines } from "./clean.ts";

/** A problem as people read it: `error[code]: message`, then `help:` lines. Complaints bring their own source lines. */
export function problemText(problem: ProblemError): string {
  const lines = [`error[${problem.code}]: ${problem.message}`];
  if (problem.hint !== undefined) lines.push(`help: ${problem.hint}`);
  return cleanLines(lines.join("\n"));
}

/** A problem as programs read it. */
export interface ProblemJson {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

export function problemJson(problem: ProblemError): ProblemJson {
  return { code: problem.code, message: problem.message, ...(problem.hint === undefined ? {} : { hint: problem.hint }), facts: problem.facts };
}

/** What to print when something that is no problem of the user's was thrown: our mistake, with what helps to report it. */
export function bugText(error: unknown, version: string): string {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `bug: multihull ${version} failed in a way that it should not; please report it with the lines below\n${detail}`;
}

/** The first line of a failure, whatever it is, for a progress view. */
export const failureLine = (error: unknown): string => (isProblem(error) ? error.message : String(error)).split("\n", 1)[0] as string;
