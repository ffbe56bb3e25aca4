import type { Place } from "../core/span.ts";
import type { Hole, Text } from "./text.ts";

/** A text as one string in which each hole is one character that stands for nothing else: readers of strings then need not know of holes. */
export interface MarkedText {
  readonly string: string;
  /** Of the marks, by their number. */
  readonly holes: readonly Hole[];
}

const FIRST_MARK = 0xe000;
const LAST_MARK = 0xf8ff;
const MARKS = /[\ue000-\uf8ff]/g;
/** A mark within a string, for patterns: `[\w${MARK}]`. */
export const MARK = "\\ue000-\\uf8ff";

/** `holes`: of texts marked before, when several strings are to be put together. Holes past the private characters share the last one. */
export function marked(text: Text, holes: Hole[] = []): MarkedText {
  let string = "";
  for (const part of text.parts) {
    if (typeof part === "string") {
      string += part.replace(MARKS, "\ufffd");
      continue;
    }
    const at = holes.indexOf(part);
    if (at === -1) holes.push(part);
    string += String.fromCharCode(Math.min(LAST_MARK, FIRST_MARK + (at === -1 ? holes.length - 1 : at)));
  }
  return { string, holes };
}

export function unmarked(string: string, holes: readonly Hole[], place: Place): Text {
  const parts: (string | Hole)[] = [];
  let from = 0;
  for (const { index, 0: mark } of string.matchAll(MARKS)) {
    if (index > from) parts.push(string.slice(from, index));
    const hole = holes[mark.charCodeAt(0) - FIRST_MARK];
    parts.push(hole ?? mark);
    from = index + 1;
  }
  if (from < string.length) parts.push(string.slice(from));
  return { parts, place };
}

/** Whether something unknown is in the string. */
export const hasMark = (string: string): boolean => string.search(MARKS) !== -1;

/** Whether the string is nothing but one hole. */
export const isMark = (string: string): boolean => string.length === 1 && hasMark(string);
