import { nearest } from "../core/nearest.ts";
import type { SourceFile, Span } from "../core/span.ts";
import type { Directives, Word } from "./ast.ts";
import type { Complaints } from "./complaints.ts";
import { SourceLines } from "./source-lines.ts";
import { isSpace, trimSpace } from "./white-space.ts";

const NAMES = ["syntax", "escape", "check"] as const;
type Name = (typeof NAMES)[number];

const DIRECTIVE = /^#[\t-\r \u0085\u00a0]*([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=([\s\S]*)$/;

/**
 * The parser directives at the head of a file: `# name=value` comments before anything else, each at most once.
 * The first line that is none ends them. Behind a `#!` line BuildKit heeds `syntax` and `check`, but not `escape`.
 * @see https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/directives.go, read 2026-11-22
 */
export function readDirectives(file: SourceFile, complaints: Complaints): Directives {
  const found = new Map<Name, Word>();
  let head = true;
  let shebang = false;
  for (const { text, start } of commentLines(file)) {
    const match = DIRECTIVE.exec(text);
    const written = match?.[1];
    const value = trimSpace(match?.[2] ?? "");
    const name = value === "" ? undefined : NAMES.find((known) => known === written?.toLowerCase());
    const span: Span = { start, end: start + text.length };
    if (start <= 1 && text.startsWith("#!")) {
      shebang = true;
      continue;
    }
    if (name === undefined) {
      const meant = head && written !== undefined && value !== "" ? nearest(written, NAMES) : undefined;
      if (meant !== undefined) complaints.note(span, `"${written}" is not a parser directive: the line is a comment`, `did you mean ${meant}?`);
      head = false;
      continue;
    }
    if (!head) {
      complaints.note(span, `the ${name} directive stands behind another comment, so it is a comment itself`, "move it to the top of the file");
      continue;
    }
    if (found.has(name)) {
      if (!shebang) complaints.error(span, `the ${name} directive is given twice`, "remove one of them");
      continue;
    }
    const valueStart = start + text.lastIndexOf(value);
    found.set(name, { text: value, span: { start: valueStart, end: valueStart + value.length } });
  }
  const [syntax, check] = [found.get("syntax"), found.get("check")];
  return {
    ...(syntax === undefined ? {} : { syntax }),
    ...(check === undefined ? {} : { check }),
    escape: shebang ? "\\" : escapeOf(found.get("escape"), complaints),
  };
}

function escapeOf(word: Word | undefined, complaints: Complaints): "\\" | "`" {
  if (word === undefined || word.text === "\\") return "\\";
  if (word.text === "`") return "`";
  complaints.error(word.span, `"${word.text}" cannot be the escape character`, "it is a backslash or a backtick");
  return "\\";
}

/** The comments that the file begins with, trimmed on the left. */
function* commentLines({ text }: SourceFile): Generator<{ text: string; start: number }> {
  const lines = new SourceLines(text);
  for (let line = lines.next(); line !== undefined; line = lines.next()) {
    let indent = 0;
    while (indent < line.text.length && isSpace(line.text.charAt(indent))) indent++;
    if (line.text.charAt(indent) !== "#") return;
    yield { text: line.text.slice(indent), start: line.start + indent };
  }
}
