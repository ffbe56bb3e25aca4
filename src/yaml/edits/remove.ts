import type { Draft } from "../draft.ts";
import { isFirstOnLine, lineStart, ownStart } from "../lines.ts";
import { changed, type Outline } from "../outline.ts";
import { type Route, routeText } from "../route.ts";
import { commentsIn, type YamlEntry, type YamlMapping, type YamlSequence } from "../tree.ts";
import { entryEnd, itemLines, lineRemoval } from "./block.ts";
import { type Edit, type Edited, isRefusal, type Refusal, refuse } from "./edit.ts";
import { flowRemoval } from "./flow.ts";
import { siteAt } from "./site.ts";

/** An entry or an item taken away with its own comments. */
export function removeNode(draft: Draft, at: Route): Edited | Refusal {
  const site = siteAt(draft, at);
  if (isRefusal(site)) return site;
  const { holder } = site;
  if (holder === undefined) return refuse("the document itself cannot be removed");
  const edit = "entry" in holder ? removal(draft, holder.mapping, holder.index) : removal(draft, holder.sequence, holder.index);
  if (isRefusal(edit)) return edit;
  const outline = changed(draft.outline, at.slice(0, -1), (part) => without(part, holder.index));
  return { edits: [edit], outline };

  function removal(held: Draft, node: YamlMapping | YamlSequence, index: number): Edit | Refusal {
    if (node.flow) return flowRemoval(held, node, index);
    const count = node.kind === "mapping" ? node.entries.length : node.items.length;
    if (count === 1) return refuse(`nothing would be left in ${routeText(at.slice(0, -1))}: remove that`);
    if (node.kind === "mapping") return entryRemoval(held, node, index);
    const lines = itemLines(held, node, index);
    return isRefusal(lines) ? lines : lineRemoval(held, lines, index, count);
  }
}

function entryRemoval(draft: Draft, mapping: YamlMapping, index: number): Edit | Refusal {
  const { text, comments } = draft;
  const entry = mapping.entries[index] as YamlEntry;
  const next = mapping.entries[index + 1];
  const start = entry.key.span.start;
  const end = entryEnd(draft, entry);
  if (entry.explicit || next?.explicit) return refuse("the mapping is not laid out in a way that is understood");
  if (isFirstOnLine(text, start)) return lineRemoval(draft, { start: ownStart(text, comments, start), end }, index, mapping.entries.length);
  // The first key of an item stands behind the dash, and the next one takes its place.
  const isBehindDash = /^ *(?:- +)+$/.test(text.slice(lineStart(text, start), start));
  if (!isBehindDash || next === undefined || commentsIn(comments, { start: end, end: next.key.span.start }).length > 0) {
    return refuse("the entry does not begin its line");
  }
  return { start, end: next.key.span.start, text: "" };
}

function without(part: Outline, index: number): Outline {
  if (part.kind === "mapping") return { ...part, entries: part.entries.toSpliced(index, 1) };
  if (part.kind === "sequence") return { ...part, items: part.items.toSpliced(index, 1) };
  return part;
}
