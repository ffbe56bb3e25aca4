import type { Draft } from "../draft.ts";
import { columnOf, isBlankLine, isFirstOnLine, lineStart } from "../lines.ts";
import { changed, type Outline } from "../outline.ts";
import { flowText, type Given, indented, type Rendered, render } from "../render.ts";
import { type Route, routeText } from "../route.ts";
import type { YamlSequence } from "../tree.ts";
import { itemLines, linesBehind } from "./block.ts";
import { type Edited, isRefusal, type Refusal, refuse } from "./edit.ts";
import { flowInsertion } from "./flow.ts";
import { siteAt } from "./site.ts";

/** An item in a sequence, laid out as its siblings are. */
export function insertItem(draft: Draft, at: Route, index: number, given: Given): Edited | Refusal {
  const site = siteAt(draft, at);
  if (isRefusal(site)) return site;
  const { node } = site;
  if (node.kind !== "sequence") return refuse(`${routeText(at)} is no sequence`);
  if (index < 0 || index > node.items.length) return refuse(`${routeText(at)} has ${node.items.length} items, so there is no place ${index} in it`);
  const outline = (item: Outline): Outline =>
    changed(draft.outline, at, (part) => (part.kind === "sequence" ? { ...part, items: part.items.toSpliced(index, 0, item) } : part));
  if (node.flow) {
    const written = flowText(given, draft.habits);
    return isRefusal(written) ? written : { edits: flowInsertion(draft, node, index, written.text), outline: outline(written.outline) };
  }
  const rendered = render(given, draft.habits);
  if (isRefusal(rendered)) return rendered;
  return insertLines(draft, node, index, rendered, outline(rendered.outline));
}

function insertLines(draft: Draft, node: YamlSequence, index: number, rendered: Rendered, outline: Outline): Edited | Refusal {
  const { text, lineBreak } = draft;
  const sibling = Math.min(index, node.items.length - 1);
  const there = itemLines(draft, node, sibling);
  if (isRefusal(there)) return there;
  const blank = isSpaced(draft, node, index) ? [""] : [];
  const lines = indented(layOut(draft, node, sibling, rendered), columnOf(text, node.dashes[sibling] as number));
  if (index === node.items.length) return { edits: [linesBehind(draft, there.end, [...blank, ...lines])], outline };
  return { edits: [{ start: there.start, end: there.start, text: [...lines, ...blank].map((line) => line + lineBreak).join("") }], outline };
}

/** Whether a blank line stands between the items around a place, or beside it at either end. */
function isSpaced(draft: Draft, node: YamlSequence, index: number): boolean {
  const below = itemLines(draft, node, Math.max(1, Math.min(index, node.items.length - 1)));
  return !isRefusal(below) && below.start > 0 && isBlankLine(draft.text, lineStart(draft.text, below.start - 1));
}

/** The item with its comments above and its dash, which stands as the sibling's does: before its content with as many spaces, or on a line of its own. */
function layOut(draft: Draft, node: YamlSequence, sibling: number, given: Rendered): string[] {
  const comments = given.lines.findIndex((line) => !line.startsWith("#"));
  const rendered = { ...given, lines: given.lines.slice(comments) };
  return [...given.lines.slice(0, comments), ...withDash(draft, node, sibling, rendered)];
}

function withDash(draft: Draft, node: YamlSequence, sibling: number, rendered: Rendered): string[] {
  const { text } = draft;
  const dash = node.dashes[sibling] as number;
  const item = node.items[sibling];
  const isOwnLine = item?.kind === "mapping" && !item.flow && isFirstOnLine(text, item.span.start);
  if (isOwnLine && rendered.shape === "mapping") return ["-", ...indented(rendered.lines, columnOf(text, item.span.start) - columnOf(text, dash))];
  const spaces = /^ +(?=\S)/.exec(text.slice(dash + 1))?.[0].length ?? 1;
  const gap = isOwnLine ? 1 : spaces;
  const [first, ...rest] = rendered.lines;
  return [`-${" ".repeat(gap)}${first}`, ...indented(rest, 1 + gap)];
}
