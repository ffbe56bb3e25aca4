import type { Place } from "../../core/span.ts";
import type { FileEdit } from "../../findings/finding.ts";
import { replaceText } from "./texts.ts";

/** What may be part of an item; what is none stands between items. */
const IN_ITEM = String.raw`[\w./:@(){}$\[\]-]`;

/** Another text for the last item that reads so in a list (`a,b`, or one a line) that is written out there. Undefined when it is not. */
export function replaceListItem(list: Place, item: string, to: string): FileEdit | undefined {
  const span = lastItem(list, item);
  return span === undefined ? undefined : replaceText({ file: list.file, span }, to);
}

/** Takes the last item that reads so out of a list, with its comma or line. Undefined when it is not written out there, or is quoted by itself. */
export function removeListItem(list: Place, item: string): FileEdit | undefined {
  const span = lastItem(list, item);
  if (span === undefined) return undefined;
  const { text } = list.file;
  const before = /(?:,[ \t]*(?:\r?\n[ \t]*)?|\r?\n[ \t]*)$/.exec(text.slice(list.span.start, span.start))?.[0];
  if (before !== undefined && /^[ \t]*(?:["']|,|\r?\n|#|$)/.test(text.slice(span.end)))
    return replaceText({ file: list.file, span: { start: span.start - before.length, end: span.end } }, "");
  const after = /^,[ \t]*/.exec(text.slice(span.end, list.span.end))?.[0];
  return after === undefined ? undefined : replaceText({ file: list.file, span: { start: span.start, end: span.end + after.length } }, "");
}

function lastItem({ file, span }: Place, item: string): Place["span"] | undefined {
  const written = file.text.slice(span.start, span.end);
  // A folded block has an item's blanks as line breaks.
  const escaped = item.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&").replace(/ +/g, "\\s+");
  const found = [...written.matchAll(new RegExp(`(?<!${IN_ITEM})${escaped}(?!${IN_ITEM})`, "g"))].at(-1);
  return found === undefined ? undefined : { start: span.start + found.index, end: span.start + found.index + found[0].length };
}
