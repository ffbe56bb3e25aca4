import type { Span } from "../../core/span.ts";
import type { Draft } from "../draft.ts";
import { columnOf, isFirstOnLine, lineEnd } from "../lines.ts";
import { commentsIn, type YamlMapping, type YamlSequence } from "../tree.ts";
import { type Edit, type Refusal, refuse } from "./edit.ts";

/** Puts an element into braces or brackets; on a line of its own where its neighbour has one, whose comment stays with it. */
export function flowInsertion(draft: Draft, node: YamlMapping | YamlSequence, index: number, written: string): Edit[] {
  const spans = elements(node);
  const [before, after] = [spans[index - 1], spans[index]];
  const neighbour = after ?? before;
  if (neighbour === undefined) return [at(node.span.start + 1, written)];
  const { text, lineBreak } = draft;
  const newLine = isFirstOnLine(text, neighbour.start) ? lineBreak + " ".repeat(columnOf(text, neighbour.start)) : undefined;
  if (after !== undefined) return [at(after.start, `${written},${newLine ?? " "}`)];
  const end = lineEnd(text, neighbour.end);
  const [comma] = /^\s*,?(?=[\s,]*#)/.exec(text.slice(neighbour.end, end)) ?? [];
  if (comma === undefined) return [at(neighbour.end, `,${newLine ?? " "}${written}`)];
  const line = (newLine ?? lineBreak + " ".repeat(columnOf(text, neighbour.start))) + written;
  return comma.endsWith(",") ? [at(end, `${line},`)] : [at(neighbour.end, ","), at(end, line)];
}

/** Takes an element out of braces or brackets. */
export function flowRemoval(draft: Draft, node: YamlMapping | YamlSequence, index: number): Edit | Refusal {
  const spans = elements(node);
  const [before, span, after] = [spans[index - 1], spans[index] as Span, spans[index + 1]];
  const start = after === undefined && before !== undefined ? before.end : span.start;
  const end = after?.start ?? span.end;
  if (commentsIn(draft.comments, { start, end }).length > 0) return refuse("there is a comment within the braces or brackets");
  return { start, end, text: "" };
}

const at = (offset: number, text: string): Edit => ({ start: offset, end: offset, text });

function elements(node: YamlMapping | YamlSequence): Span[] {
  if (node.kind === "sequence") return node.items.map((item) => item.span);
  return node.entries.map(({ key, value }) => ({ start: key.span.start, end: Math.max(key.span.end, value.span.end) }));
}
