import type { Draft } from "../draft.ts";
import { changed, type Outline } from "../outline.ts";
import { type Route, routeText } from "../route.ts";
import { itemLines } from "./block.ts";
import { type Edit, type Edited, isRefusal, type Refusal, refuse } from "./edit.ts";
import { siteAt } from "./site.ts";

/** The lines of an item of a block sequence to another place; what stands between the items stays where it is. */
export function moveItem(draft: Draft, at: Route, to: number): Edited | Refusal {
  const site = siteAt(draft, at);
  if (isRefusal(site)) return site;
  const { holder } = site;
  if (holder === undefined || "entry" in holder) return refuse(`${routeText(at)} is no item of a sequence`);
  const { sequence, index } = holder;
  if (sequence.flow) return refuse(`${routeText(at.slice(0, -1))} is in brackets, and items are moved only by lines`);
  if (to < 0 || to >= sequence.items.length)
    return refuse(`${routeText(at.slice(0, -1))} has ${sequence.items.length} items, so there is no place ${to} in it`);
  if (to === index) return { edits: [], outline: draft.outline };
  // What is between the items stays in place: only their lines change places.
  const [first, last] = [Math.min(index, to), Math.max(index, to)];
  const spans = [];
  for (let i = first; i <= last; i++) {
    const lines = itemLines(draft, sequence, i);
    if (isRefusal(lines)) return lines;
    spans.push(lines);
  }
  const texts = spans.map(({ start, end }) => draft.text.slice(start, end));
  const moved = reordered(texts, index - first, to - first);
  const edits: Edit[] = spans.map((span, i) => ({ ...span, text: moved[i] as string }));
  const outline = changed(draft.outline, at.slice(0, -1), (part: Outline) =>
    part.kind === "sequence" ? { ...part, items: reordered(part.items, index, to) } : part,
  );
  return { edits, outline };
}

function reordered<T>(list: readonly T[], from: number, to: number): T[] {
  return list.toSpliced(from, 1).toSpliced(to, 0, list[from] as T);
}
