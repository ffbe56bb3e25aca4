import { isProblem } from "../core/problem.ts";
import type { Instruction } from "./ast.ts";
import { heredocOpening } from "./heredoc.ts";
import { trimSpace } from "./white-space.ts";
import { type Environment, expandWord } from "./words.ts";

/**
 * An instruction as BuildKit's progress names it: `COPY . /app`, the keyword in capitals and variables expanded (in RUN only those that
 * have a value, and quotes stay). A script in a here-document is told by its first line. What cannot be expanded stays as written.
 * @param instruction  as read, not expanded
 * @see https://github.com/moby/buildkit/blob/master/frontend/dockerfile/dockerfile2llb/convert.go (`uppercaseCmd`, `processCmdEnv`), read 2026-11-22
 */
export function displayName(instruction: Instruction, environment: Environment, escaping: "\\" | "`"): string {
  const written = `${instruction.original}${scriptSummary(instruction)}`;
  const name = expandedOr(written, environment, escaping, instruction.kind === "run" ? "display" : "word");
  const space = name.indexOf(" ");
  return space === -1 ? name.toUpperCase() : name.slice(0, space).toUpperCase() + name.slice(space);
}

function expandedOr(written: string, environment: Environment, escaping: "\\" | "`", mode: "word" | "display"): string {
  try {
    return expandWord(written, environment, { escape: escaping, mode }).value;
  } catch (error) {
    if (isProblem(error)) return written;
    throw error;
  }
}

function scriptSummary(instruction: Instruction): string {
  const [script] = instruction.kind === "run" ? instruction.heredocs : [];
  if (script === undefined || instruction.kind !== "run" || heredocOpening(instruction.command.words[0] ?? "") === undefined) return "";
  const [first = "", ...more] = trimSpace(script.raw).split(/\r?\n/);
  return ` (${first}${more.length > 0 ? "..." : ""})`;
}
