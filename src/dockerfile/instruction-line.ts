import type { Span } from "../core/span.ts";
import type { Piece } from "./arguments.ts";
import type { Flag } from "./ast.ts";
import type { LogicalLine } from "./logical-line.ts";
import { isAsciiSpace, trimmedRange } from "./white-space.ts";

/** An instruction taken apart as far as all instructions are alike: keyword, flags, the rest. */
export interface InstructionLine {
  readonly line: LogicalLine;
  /** As written. */
  readonly keyword: string;
  readonly keywordSpan: Span;
  readonly flags: readonly Flag[];
  /** What stands behind the flags, trimmed: offsets into the line's text. */
  readonly start: number;
  readonly end: number;
  /** The whole of it, trimmed. */
  readonly original: string;
}

/**
 * Takes the stretch of a line apart. Words that begin with `--` are flags, until one that does not or that is just `--`.
 * @see https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/split_command.go, read 2026-11-22
 */
export function splitInstruction(line: LogicalLine, from: number, to: number, escaping: string): InstructionLine {
  const whole = trimmedRange(line.text, from, to);
  const text = line.text.slice(whole.start, whole.end);
  const keyword = /^[^\t\v\f\r ]*/.exec(text)?.[0] as string;
  const behind = whole.start + keyword.length;
  const { flags, at } = readFlags(line, behind, whole.end, escaping);
  const rest = trimmedRange(line.text, at, whole.end);
  return { line, keyword, keywordSpan: line.spanOf(whole.start, behind), flags, start: rest.start, end: rest.end, original: text };
}

function readFlags(line: LogicalLine, start: number, end: number, escaping: string): { flags: Flag[]; at: number } {
  const { text } = line;
  const flags: Flag[] = [];
  let at = start;
  for (;;) {
    while (at < end && isAsciiSpace(text.charAt(at))) at++;
    if (!text.startsWith("--", at) || at + 2 > end) return { flags, at };
    const word = readFlagWord(text, at, end, escaping);
    at = word.end;
    if (word.text === "--") return { flags, at };
    flags.push(flagOf(line, word));
  }
}

/** A flag with its quotes and escapes taken off, and the place of its first `=`. */
function readFlagWord(text: string, start: number, end: number, escaping: string): Piece & { readonly equals: number } {
  let result = "";
  let equals = -1;
  let quote = "";
  let at = start;
  for (; at < end && (quote !== "" || !isAsciiSpace(text.charAt(at))); at++) {
    let character = text.charAt(at);
    if (character === quote) {
      quote = "";
      continue;
    }
    if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
      continue;
    }
    // Unlike elsewhere, an escape works between single quotes too.
    if (character === escaping) {
      if (at + 1 === end) continue;
      character = text.charAt(++at);
    }
    if (character === "=" && equals === -1) equals = at;
    result += character;
  }
  return { text: result, start, end: at, equals };
}

function flagOf(line: LogicalLine, word: Piece & { readonly equals: number }): Flag {
  const span = line.spanOf(word.start, word.end);
  const cut = word.text.indexOf("=");
  if (cut === -1) return { name: word.text.slice(2), span };
  return { name: word.text.slice(2, cut), value: { text: word.text.slice(cut + 1), span: line.spanOf(word.equals + 1, word.end) }, span };
}
