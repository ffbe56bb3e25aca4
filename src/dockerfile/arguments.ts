import type { Word } from "./ast.ts";
import type { LogicalLine } from "./logical-line.ts";
import { isSpace, trimmedRange } from "./white-space.ts";

/** A stretch of a logical line, with the text that it means. */
export interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export const wordOf = (line: LogicalLine, { text, start, end }: Piece): Word => ({ text, span: line.spanOf(start, end) });

/** Pieces between ASCII white space; quotes mean nothing. FROM, COPY, ADD, EXPOSE, VOLUME. */
export function splitAtSpace(line: LogicalLine, start: number, end: number): Piece[] {
  const pieces: Piece[] = [];
  const piece = /[^\t\v\f\r ]+/g;
  piece.lastIndex = start;
  for (let match = piece.exec(line.text); match !== null && match.index < end; match = piece.exec(line.text)) {
    const stop = Math.min(match.index + match[0].length, end);
    pieces.push({ text: line.text.slice(match.index, stop), start: match.index, end: stop });
  }
  return pieces;
}

/**
 * Pieces between white space that is neither quoted nor escaped; quotes and escapes stay in. ENV, LABEL, ARG.
 * @see https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/line_parsers.go (`parseWords`), read 2026-11-22
 */
export function splitQuoted(line: LogicalLine, start: number, end: number, escaping: string): Piece[] {
  const pieces: Piece[] = [];
  const { text } = line;
  let at = start;
  while (at < end) {
    if (isSpace(text.charAt(at))) {
      at++;
      continue;
    }
    const from = at;
    let quote = "";
    let dropped = 0;
    while (at < end && (quote !== "" || !isSpace(text.charAt(at)))) {
      const character = text.charAt(at);
      // Between single quotes nothing can be escaped.
      if (character === escaping && quote !== "'") {
        // An escape character at the very end goes away.
        if (at + 1 === end) dropped = 1;
        at = Math.min(at + 2, end);
        continue;
      }
      if (character === quote) quote = "";
      else if (quote === "" && (character === "'" || character === '"')) quote = character;
      at++;
    }
    if (at - dropped > from) pieces.push({ text: text.slice(from, at - dropped), start: from, end: at - dropped });
  }
  return pieces;
}

/**
 * The strings of a JSON array, `"no-json"` where the text is none (the shell form then), or `"no-strings"` where it is one but holds other things.
 * A piece's stretch is what stands between its quotes.
 */
export function readJsonList(line: LogicalLine, start: number, end: number): Piece[] | "no-json" | "no-strings" {
  const { start: from } = trimmedRange(line.text, start, end);
  const text = line.text.slice(from, end);
  if (!text.startsWith("[")) return "no-json";
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    return "no-json";
  }
  const strings = values as unknown[];
  if (!strings.every((value) => typeof value === "string")) return "no-strings";
  const tokens = [...text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"/g)];
  return strings.map((value, i) => {
    const token = tokens[i] as RegExpExecArray;
    // Half a surrogate pair cannot be written as UTF-8: Go puts U+FFFD there.
    return { text: Buffer.from(value).toString(), start: from + token.index + 1, end: from + token.index + token[0].length - 1 };
  });
}
