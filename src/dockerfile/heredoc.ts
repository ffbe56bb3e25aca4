import { isProblem } from "../core/problem.ts";
import type { Heredoc } from "./ast.ts";
import type { SourceLines } from "./source-lines.ts";
import { lexWords } from "./words.ts";

/** The opening of a here-document: `<<NAME`, `<<-NAME`, `<<"NAME"`. */
export type HeredocOpening = Pick<Heredoc, "name" | "expand" | "chomp">;

const NOTHING: ReadonlyMap<string, string> = new Map();
/** A backslash whatever the file's escape character is, as in BuildKit. */
const RAW = { escape: "\\", rawQuotes: true, keepUnset: true, split: true } as const;

/**
 * The here-documents that an instruction opens, in order. None where its quotes do not close.
 * @throws {ProblemError} `dockerfile-syntax` for a name that cannot be read
 * @see https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/parser.go (`heredocsFromLine`), read 2026-11-22
 */
export function heredocsOf(text: string): HeredocOpening[] {
  let words: readonly string[];
  try {
    ({ words } = lexWords(text, NOTHING, { ...RAW, rawEscapes: true }));
  } catch (error) {
    if (isProblem(error)) return [];
    throw error;
  }
  return words.flatMap((word) => heredocOpening(word) ?? []);
}

/** One word as the opening of a here-document; absent when it is none. @throws {ProblemError} as {@link heredocsOf} */
export function heredocOpening(word: string): HeredocOpening | undefined {
  const match = /^\d*<<(-?)[\t\n\f\r ]*([^<]+)$/.exec(word);
  if (match === null) return undefined;
  const written = match[2] as string;
  const { words } = lexWords(written, NOTHING, { escape: "\\", keepUnset: true, split: true });
  const [name, ...others] = words;
  if (name === undefined || others.length > 0) return undefined;
  const [raw = ""] = lexWords(written, NOTHING, RAW).words;
  return { name, expand: quotesIn(name) === quotesIn(raw), chomp: match[1] === "-" };
}

const quotesIn = (text: string): number => text.replace(/[^'"]/g, "").length;

/** Reads the body up to the line that is just the name; absent when that line never comes. */
export function readHeredoc(opening: HeredocOpening, lines: SourceLines, file: string): Heredoc | undefined {
  let start: number | undefined;
  for (let line = lines.next(); line !== undefined; line = lines.next()) {
    start ??= line.start;
    const ends = (opening.chomp ? line.text.replace(/^\t+/, "") : line.text) === opening.name;
    if (!ends) continue;
    const raw = file.slice(start, line.start);
    return { ...opening, raw, content: opening.chomp ? chomp(raw) : raw, span: { start, end: line.start + line.text.length } };
  }
  return undefined;
}

const chomp = (text: string): string => text.replace(/(^|\n)\t+/g, "$1");
