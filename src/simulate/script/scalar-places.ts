import type { Place, SourceFile, Span } from "../../core/span.ts";
import { startOf } from "../../workflow/source-places.ts";
import type { Scalar } from "../../workflow/tree.ts";

/** Tells the place of a stretch of a script in the file that it stands in. */
export type Places = (span: Span) => Place;

const kept = new WeakMap<Scalar, Int32Array | "hidden">();

/** Places of a script that is a scalar of a workflow: without the indentation of a block. Where escapes hide the place, it is the whole scalar. */
export function scalarPlaces(scalar: Scalar, file: SourceFile): Places {
  return (span) => {
    const offsets = offsetsOf(scalar, file);
    if (offsets === "hidden") return { file, span: scalar.span };
    const start = offsets[Math.min(span.start, offsets.length - 1)] ?? scalar.span.start;
    // The end is behind the last character, which may be the last of its line.
    const end = span.end > span.start ? (offsets[Math.min(span.end, offsets.length - 1) - 1] ?? start) + 1 : start;
    return { file, span: { start, end: Math.max(start, end) } };
  };
}

/** Places of a script that is a whole file. */
export const filePlaces =
  (file: SourceFile): Places =>
  (span) => ({ file, span });

/** A place for all of a text whose characters stand elsewhere: the expanded line of a Makefile. */
export const onePlace =
  (place: Place): Places =>
  () =>
    place;

function offsetsOf(scalar: Scalar, file: SourceFile): Int32Array | "hidden" {
  let offsets = kept.get(scalar);
  if (offsets === undefined) {
    offsets = walk(scalar, file.text) ?? "hidden";
    kept.set(scalar, offsets);
  }
  return offsets;
}

/** For each character of the scalar's text, where it is in the file: both are walked together, white space of the one being any white space of the other. */
function walk({ text, span, style }: Scalar, source: string): Int32Array | undefined {
  const offsets = new Int32Array(text.length + 1);
  let at = startOf(source, span, style);
  if (style === "single" || style === "double") at++;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (isSpace(character)) {
      offsets[i] = at;
      if (!isSpace(source[at])) return undefined;
      // The last of several takes the rest: a fold, or the next line's indentation.
      if (isSpace(text[i + 1])) at++;
      else while (isSpace(source[at])) at++;
      continue;
    }
    if (i === 0) while (isSpace(source[at])) at++;
    if (style === "double" && source[at] === "\\") at++;
    else if (style === "single" && character === "'" && source[at + 1] === "'") at++;
    if (source[at] !== character || at >= span.end) return undefined;
    offsets[i] = at++;
  }
  offsets[text.length] = Math.min(at, span.end);
  return offsets;
}

const isSpace = (character: string | undefined): boolean => character === " " || character === "\t" || character === "\n" || character === "\r";
