import type { Span } from "../../core/span.ts";
import type { Draft } from "../draft.ts";
import { columnOf, isBlankLine, isFirstOnLine, lineStart, nextLine, ownEnd, ownStart } from "../lines.ts";
import type { YamlEntry, YamlSequence } from "../tree.ts";
import { type Edit, type Refusal, refuse } from "./edit.ts";

/** The lines of an item of a block sequence with its own comments, without the last line break; refused when it shares its first line. */
export function itemLines(draft: Draft, sequence: YamlSequence, index: number): Span | Refusal {
  const { text, comments } = draft;
  const dash = sequence.dashes[index];
  const item = sequence.items[index];
  if (dash === undefined || item === undefined) return refuse("the sequence is not laid out in a way that is understood");
  if (!isFirstOnLine(text, dash)) return refuse("the item does not begin its line");
  return { start: ownStart(text, comments, dash), end: ownEnd(text, comments, Math.max(item.span.end, dash + 1), columnOf(text, dash)) };
}

/** Where the last line of an entry of a block mapping ends, with its own comments. */
export function entryEnd(draft: Draft, entry: YamlEntry): number {
  const { key, value, colon } = entry;
  return ownEnd(draft.text, draft.comments, Math.max(value.span.end, (colon ?? 0) + 1), columnOf(draft.text, key.span.start));
}

/** New lines behind the line that ends at `end`. */
export function linesBehind(draft: Draft, end: number, lines: readonly string[]): Edit {
  return { start: end, end, text: lines.map((line) => draft.lineBreak + line).join("") };
}

/** Takes the lines of an entry or item away, with the blank lines that set it off: those below it, above it for the last one. */
export function lineRemoval(draft: Draft, lines: Span, index: number, count: number): Edit {
  const { text } = draft;
  const first = lineStart(text, 0);
  let { start } = lines;
  let end = nextLine(text, lines.end);
  const isSetOff = start > first && isBlankLine(text, lineStart(text, start - 1));
  if (index === count - 1) while (start > first && isBlankLine(text, lineStart(text, start - 1))) start = lineStart(text, start - 1);
  else if (index === 0 || isSetOff) while (isBlankLine(text, end)) end = nextLine(text, end);
  // The last line had no line break, so the one before it shall have none.
  if (end === text.length && !text.endsWith("\n") && start > first) start -= text[start - 2] === "\r" ? 2 : 1;
  return { start, end, text: "" };
}
