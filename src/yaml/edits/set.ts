import type { Draft } from "../draft.ts";
import { columnOf, lineEnd, lineStart } from "../lines.ts";
import { changed, scalarOutline } from "../outline.ts";
import { type Route, routeText } from "../route.ts";
import { blockText, scalarText } from "../scalar-text.ts";
import { commentsIn, type ScalarValue, type YamlScalar } from "../tree.ts";
import { type Edit, type Edited, isRefusal, type Refusal, refuse } from "./edit.ts";
import { siteAt } from "./site.ts";

/** Another value for a scalar, in its style where that can hold it; no edits when it has the value already. */
export function setScalar(draft: Draft, at: Route, value: ScalarValue): Edited | Refusal {
  const site = siteAt(draft, at);
  if (isRefusal(site)) return site;
  const { node, holder, inFlow } = site;
  if (node.kind !== "scalar") return refuse(`${routeText(at)} is no scalar but ${node.kind === "alias" ? "an alias" : `a ${node.kind}`}`);
  if (node.value === value) return { edits: [], outline: draft.outline };
  if (node.tag !== undefined) return refuse(`${routeText(at)} has a tag`);
  const outline = changed(draft.outline, at, (part) => ({ ...scalarOutline(value), properties: "properties" in part ? part.properties : "" }));
  if (node.style === "literal" || node.style === "folded") {
    const edits = blockEdits(draft, node, node.style, value);
    return isRefusal(edits) ? edits : { edits, outline };
  }
  const written = scalarText(value, { style: node.style, quote: draft.habits.quote, flow: inFlow });
  if (node.span.start !== node.span.end) return { edits: [{ ...node.span, text: written }], outline };
  if (holder !== undefined && "entry" in holder && holder.entry.colon === undefined) return refuse(`${routeText(at)} has no colon`);
  return { edits: [{ ...node.span, text: ` ${written}` }], outline };
}

function blockEdits(draft: Draft, node: YamlScalar, style: "literal" | "folded", value: ScalarValue): Edit[] | Refusal {
  const { text, habits, lineBreak } = draft;
  const header = /^[|>][-+0-9]*/.exec(text.slice(node.span.start))?.[0] as string;
  const headerEnd = lineEnd(text, node.span.start);
  if (/[+0-9]/.test(header)) return refuse("a block scalar whose header has more than its style and a minus is not changed");
  const firstLine = /\n( *)[^ \r\n]/.exec(text.slice(headerEnd, node.span.end));
  const indent = firstLine?.[1] ?? " ".repeat(keyColumn(text, node.span.start) + habits.step);
  const block = typeof value === "string" ? (blockText(value, style, indent) ?? blockText(value, "literal", indent)) : undefined;
  if (block !== undefined) {
    return [
      { start: node.span.start, end: node.span.start + header.length, text: block.header },
      { start: headerEnd, end: Math.max(headerEnd, node.span.end), text: lineBreak + block.lines.join(lineBreak) },
    ];
  }
  if (commentsIn(draft.comments, { start: node.span.start, end: headerEnd }).length > 0)
    return refuse("the value does not fit into the block scalar, which has a comment");
  return [{ ...node.span, text: scalarText(value, { style: "plain", quote: habits.quote, flow: false }) }];
}

function keyColumn(text: string, at: number): number {
  const start = lineStart(text, at);
  return columnOf(text, start + text.slice(start).search(/[^ -]/));
}
