import type { Span } from "../core/span.ts";
import type { Step } from "./follow.ts";
import { inputOf, printedBy } from "./printed.ts";
import { literalOf, type Within, type Word } from "./script.ts";
import { type Piece, splitPieces, textOf } from "./values.ts";

/** The files through which a step hands something to later steps. */
export type GithubFile = "env" | "output" | "path" | "state" | "summary";

/** One thing that a script hands on. */
export interface HandedOn {
  readonly file: GithubFile;
  /** The variable's or output's name; undefined for `path` and `summary`, and when it is unknown what is written. */
  readonly name: string | undefined;
  readonly value: readonly Piece[];
  /** Of the command that wrote it (its first line). */
  readonly within: readonly Within[];
  readonly span: Span;
}

const FILES: Readonly<Record<string, GithubFile>> = {
  GITHUB_ENV: "env",
  GITHUB_OUTPUT: "output",
  GITHUB_PATH: "path",
  GITHUB_STATE: "state",
  GITHUB_STEP_SUMMARY: "summary",
};
/** `::set-output name=x::value`: switched off for most, but still seen. */
const OLD_COMMAND = /^::(set-output|set-env|save-state) name=([^,:]+)::/;
const OLD_FILES: Readonly<Record<string, GithubFile>> = { "set-output": "output", "set-env": "env", "save-state": "state" };

interface Line {
  readonly pieces: readonly Piece[];
  readonly step: Step;
}

/**
 * What the commands of a script write to `$GITHUB_ENV`, `$GITHUB_OUTPUT`, `$GITHUB_PATH` and their like, by `echo`, `printf`, `cat` with a
 * here-document, or `tee`; also from several commands together (`NAME<<EOF`, lines, `EOF`).
 * Format: https://docs.github.com/actions/reference/workflow-commands-for-github-actions (read 2026-11).
 */
export function handedOn(steps: readonly Step[]): HandedOn[] {
  const lines = new Map<GithubFile, Line[]>();
  const old: HandedOn[] = [];
  steps.forEach((step, i) => {
    const file = fileOf(step);
    const name = step.words[0] === undefined ? undefined : textOf(step.words[0]);
    if (file === undefined) {
      if (name === "echo") old.push(...oldCommands(step));
      return;
    }
    const text = name === "tee" ? inputOf(steps, i) : printedBy(step);
    const all = lines.get(file) ?? [];
    for (const pieces of linesOf(text)) all.push({ pieces, step });
    lines.set(file, all);
  });
  return [
    ...old,
    ...[...lines].flatMap(([file, all]) =>
      file === "path" || file === "summary" ? all.map((line) => entry(file, undefined, line.pieces, line.step)) : entries(file, all),
    ),
  ];
}

function fileOf({ command }: Step): GithubFile | undefined {
  for (const redirection of command.redirections) {
    if (redirection.kind !== "append" && redirection.kind !== "write") continue;
    if (redirection.descriptor !== 1 && redirection.descriptor !== "all") continue;
    return named(redirection.target);
  }
  if (literalOf(command.words[0]) !== "tee") return undefined;
  return command.words
    .slice(1)
    .map(named)
    .find((file) => file !== undefined);
}

function named(word: Word): GithubFile | undefined {
  const [part, ...others] = word.parts;
  if (others.length > 0) return undefined;
  if (part?.kind === "variable" && part.operator === undefined) return Object.hasOwn(FILES, part.name) ? FILES[part.name] : undefined;
  const old = part?.kind === "expression" ? /^github\.(env|output|path|state)$/.exec(part.text)?.[1] : undefined;
  return old as GithubFile | undefined;
}

function linesOf(pieces: readonly Piece[]): Piece[][] {
  const lines = splitPieces(pieces, "\n");
  if (lines.length > 1 && lines.at(-1)?.length === 0) lines.pop();
  return lines;
}

/** `NAME=value` and `NAME<<END` … `END`. */
function entries(file: GithubFile, lines: readonly Line[]): HandedOn[] {
  const found: HandedOn[] = [];
  for (let i = 0; i < lines.length; i++) {
    const { pieces, step } = lines[i] as Line;
    const [first, ...rest] = pieces;
    if (first === undefined) continue;
    const [head, name, operator] = first.kind === "text" ? (/^\s*([^=\s<]+)(=|<<)/.exec(first.text) ?? []) : [];
    if (first.kind !== "text" || head === undefined || name === undefined) {
      found.push(entry(file, undefined, pieces, step));
      continue;
    }
    const behind: readonly Piece[] = first.text.length > head.length ? [{ kind: "text", text: first.text.slice(head.length) }, ...rest] : rest;
    if (operator === "=") {
      found.push(entry(file, name, behind, step));
      continue;
    }
    const delimiter = shown(behind);
    const end = lines.findIndex((line, at) => at > i && shown(line.pieces) === delimiter);
    const body = lines.slice(i + 1, end === -1 ? lines.length : end);
    const value = body.flatMap((line, at): readonly Piece[] => (at === 0 ? line.pieces : [{ kind: "text", text: "\n" }, ...line.pieces]));
    found.push(entry(file, name, value, step));
    i = end === -1 ? lines.length : end;
  }
  return found;
}

/** A delimiter is often `$EOF`, of unknown text but the same text at both ends. */
const shown = (pieces: readonly Piece[]): string => pieces.map((piece) => (piece.kind === "text" ? piece.text : `\0${piece.source}`)).join("");

function oldCommands(step: Step): HandedOn[] {
  return linesOf(printedBy(step)).flatMap((pieces) => {
    const [first, ...rest] = pieces;
    const [head, command, name] = first?.kind === "text" ? (OLD_COMMAND.exec(first.text) ?? []) : [];
    if (first?.kind !== "text" || head === undefined || command === undefined) return [];
    const text = first.text.slice(head.length);
    return [entry(OLD_FILES[command] as GithubFile, name, text === "" ? rest : [{ kind: "text", text }, ...rest], step)];
  });
}

const entry = (file: GithubFile, name: string | undefined, value: readonly Piece[], { command }: Step): HandedOn => ({
  file,
  name,
  value,
  within: command.within,
  span: command.span,
});
