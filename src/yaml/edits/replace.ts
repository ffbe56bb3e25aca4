import type { Draft } from "../draft.ts";
import { columnOf, lineEnd } from "../lines.ts";
import { changed, scalarOutline } from "../outline.ts";
import { type Route, routeText } from "../route.ts";
import { blockText, scalarText } from "../scalar-text.ts";
import { commentsIn, type ScalarValue } from "../tree.ts";
import { type Edited, isRefusal, type Refusal, refuse } from "./edit.ts";
import { siteAt } from "./site.ts";

/** A scalar in place of a sequence; no edits when it is there already. */
export function replaceSequence(draft: Draft, at: Route, value: ScalarValue): Edited | Refusal {
  const site = siteAt(draft, at);
  if (isRefusal(site)) return site;
  const { node, holder, inFlow } = site;
  if (node.kind === "scalar" && node.value === value) return { edits: [], outline: draft.outline };
  if (node.kind !== "sequence") return refuse(`${routeText(at)} is no sequence`);
  if (node.anchor !== undefined || node.tag !== undefined) return refuse(`${routeText(at)} has an anchor or a tag`);
  const { text, habits, lineBreak } = draft;
  const outline = changed(draft.outline, at, () => scalarOutline(value));
  const colon = holder !== undefined && "entry" in holder ? holder.entry.colon : undefined;
  const keyEnd = colon === undefined || node.flow ? node.span.start : lineEnd(text, colon);
  if (commentsIn(draft.comments, { start: keyEnd, end: node.flow ? node.span.end : lineEnd(text, node.span.end) }).length > 0) {
    return refuse(`there are comments within ${routeText(at)}`);
  }
  const written = scalarText(value, { style: "plain", quote: habits.quote, flow: inFlow });
  const isBlock = typeof value === "string" && value.includes("\n") && !inFlow && holder !== undefined && "entry" in holder;
  const block = isBlock ? blockText(value, "literal", " ".repeat(columnOf(text, holder.entry.key.span.start) + habits.step)) : undefined;
  const [first, rest] = block === undefined ? [written, ""] : [block.header, block.lines.map((line) => lineBreak + line).join("")];
  if (node.flow) return { edits: [{ ...node.span, text: first + rest }], outline };
  if (colon === undefined) return refuse(`${routeText(at)} is not laid out in a way that is understood`);
  return {
    edits: [
      { start: colon + 1, end: colon + 1, text: ` ${first}` },
      { start: keyEnd, end: node.span.end, text: rest },
    ],
    outline,
  };
}
