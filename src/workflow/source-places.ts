import type { Span } from "../core/span.ts";
import type { Scalar } from "./tree.ts";

/**
 * Where a stretch of a scalar's text stands in the file, by walking both from the place where `${{` is found again.
 * Undefined where an escape hides it (`"\x24{{"`): the caller then takes the whole scalar.
 * @param nth  how many `${{` of the text come before it
 * @param from  where in the file these are counted from
 */
export function placeOf(within: Span, nth: number, text: string, source: string, from: number, span: Span, style: Scalar["style"]): Span | undefined {
  const start = nthIndex(source, "${{", from, span.end, nth);
  if (start === -1) return undefined;
  let at = start;
  for (let i = within.start; i < within.end; i++) {
    const c = text[i] as string;
    if (isSpace(c)) {
      if (!isSpace(source[at])) return undefined;
      at++;
      // A fold or an indentation: one white space of the text is many of the file.
      if (!isSpace(text[i + 1])) while (isSpace(source[at])) at++;
      continue;
    }
    if (style === "double" && source[at] === "\\") at++;
    else if (style === "single" && c === "'" && source[at + 1] === "'") at++;
    if (source[at] !== c) return undefined;
    at++;
  }
  return at <= span.end ? { start, end: at } : undefined;
}

/** Where a scalar's text begins: the header line of a block may carry a comment. */
export function startOf(source: string, span: Span, style: Scalar["style"]): number {
  return style === "literal" || style === "folded" ? Math.max(span.start, source.indexOf("\n", span.start)) : span.start;
}

function nthIndex(text: string, word: string, from: number, end: number, nth: number): number {
  let at = text.indexOf(word, from);
  for (let i = 0; i < nth && at !== -1; i++) at = text.indexOf(word, at + word.length);
  return at !== -1 && at < end ? at : -1;
}

const isSpace = (c: string | undefined): boolean => c === " " || c === "\t" || c === "\n" || c === "\r";
