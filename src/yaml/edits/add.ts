import type { Draft } from "../draft.ts";
import { columnOf, lineEnd } from "../lines.ts";
import { changed, NO_PROPERTIES, type Outline, outlineOf, sameOutline } from "../outline.ts";
import { entryLines, flowText, type Given, indented, render } from "../render.ts";
import { type Route, routeText } from "../route.ts";
import { keyText } from "../scalar-text.ts";
import { entryOf, type YamlMapping } from "../tree.ts";
import { entryEnd, linesBehind } from "./block.ts";
import { type Edited, isRefusal, type Refusal, refuse } from "./edit.ts";
import { flowInsertion } from "./flow.ts";
import { type Site, siteAt } from "./site.ts";

/** A key with its value in a mapping; no edits when it is there with that value. An empty value becomes a mapping. */
export function addEntry(draft: Draft, at: Route, key: string, given: Given, after: string | undefined): Edited | Refusal {
  const site = siteAt(draft, at);
  if (isRefusal(site)) return site;
  const { node } = site;
  if (node.kind === "scalar" && node.span.start === node.span.end && node.tag === undefined) return addFirst(draft, at, site, key, given);
  if (node.kind !== "mapping") return refuse(`${routeText(at)} is no mapping`);
  const there = entryOf(node, key);
  if (there !== undefined) return alreadyThere(draft, at, key, given, outlineOf(there.value));
  const index = after === undefined ? node.entries.length : node.entries.findIndex((entry) => entry.key.text === after) + 1;
  if (after !== undefined && index === 0) return refuse(`there is no ${routeText([...at, after])}`);
  const outline = (value: Outline): Outline => changed(draft.outline, at, (part) => withEntry(part, index, key, value));
  if (node.flow || site.inFlow) {
    const written = flowText(given, draft.habits);
    if (isRefusal(written)) return written;
    const name = keyText(key, { quote: draft.habits.quote, flow: true });
    return { edits: flowInsertion(draft, node, index, `${name}: ${written.text}`), outline: outline(written.outline) };
  }
  return addLines(draft, node, index, key, given, outline);
}

function addLines(draft: Draft, node: YamlMapping, index: number, key: string, given: Given, outline: (value: Outline) => Outline): Edited | Refusal {
  const rendered = render(given, draft.habits);
  if (isRefusal(rendered)) return rendered;
  const before = node.entries[index - 1];
  if (before === undefined || node.entries.some((entry) => entry.explicit)) return refuse("the mapping is not laid out in a way that is understood");
  const lines = indented(entryLines(key, rendered, draft.habits), columnOf(draft.text, before.key.span.start));
  return { edits: [linesBehind(draft, entryEnd(draft, before), lines)], outline: outline(rendered.outline) };
}

/** Into a key that has no value yet. */
function addFirst(draft: Draft, at: Route, { node, holder, inFlow }: Site, key: string, given: Given): Edited | Refusal {
  if (inFlow || holder === undefined || !("entry" in holder) || holder.entry.explicit || node.anchor !== undefined)
    return refuse(`${routeText(at)} is no mapping`);
  const rendered = render(given, draft.habits);
  if (isRefusal(rendered)) return rendered;
  const { text, habits } = draft;
  const lines = indented(entryLines(key, rendered, habits), columnOf(text, holder.entry.key.span.start) + habits.step);
  const outline = changed(draft.outline, at, () => ({ kind: "mapping", properties: NO_PROPERTIES, entries: [[key, rendered.outline]] }));
  return { edits: [linesBehind(draft, lineEnd(text, node.span.end), lines)], outline };
}

function alreadyThere(draft: Draft, at: Route, key: string, given: Given, value: Outline): Edited | Refusal {
  const rendered = render(given, draft.habits);
  if (isRefusal(rendered)) return rendered;
  return sameOutline(rendered.outline, value) ? { edits: [], outline: draft.outline } : refuse(`${routeText([...at, key])} is there already`);
}

function withEntry(part: Outline, index: number, key: string, value: Outline): Outline {
  if (part.kind !== "mapping") throw new Error("the outline has no mapping there");
  return { ...part, entries: part.entries.toSpliced(index, 0, [key, value]) };
}
