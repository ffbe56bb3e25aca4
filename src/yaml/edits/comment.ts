import type { Draft } from "../draft.ts";
import { isFirstOnLine, lineEnd } from "../lines.ts";
import { type Route, routeText } from "../route.ts";
import { commentsIn } from "../tree.ts";
import { type Edited, isRefusal, type Refusal, refuse } from "./edit.ts";
import { type Site, siteAt } from "./site.ts";

/** The trailing comment of a node: set, changed, or (undefined) removed with the spaces before it. */
export function setComment(draft: Draft, at: Route, comment: string | undefined): Edited | Refusal {
  if (comment !== undefined && (/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.test(comment) || comment.trim() === "")) {
    return refuse("a comment of one line is wanted");
  }
  const site = siteAt(draft, at);
  if (isRefusal(site)) return site;
  const { text, outline } = draft;
  const from = commentPlace(draft, site);
  const end = lineEnd(text, from ?? 0);
  const there = from === undefined ? undefined : commentsIn(draft.comments, { start: from, end })[0];
  const between = text.slice(from, there?.span.start ?? end);
  if (from === undefined || !/^[\s,\]})]*$/.test(between)) return refuse(`the line of ${routeText(at)} goes on with something else`);
  const written = comment === undefined ? "" : `# ${comment.trim()}`;
  if ((there?.text.trimEnd() ?? "") === written) return { edits: [], outline };
  if (there !== undefined && written !== "") return { edits: [{ ...there.span, text: written }], outline };
  return { edits: [{ start: from + between.trimEnd().length, end, text: written === "" ? "" : ` ${written}` }], outline };
}

/** Behind what on its line the comment of a node stands; undefined when it has no such line. */
function commentPlace({ text }: Draft, { node, holder }: Site): number | undefined {
  if (node.kind === "scalar" && (node.style === "literal" || node.style === "folded")) {
    return node.span.start + (/^[|>][-+0-9]*/.exec(text.slice(node.span.start, node.span.start + 12))?.[0].length ?? 0);
  }
  if ((node.kind !== "mapping" && node.kind !== "sequence") || node.flow) return node.span.end;
  if (holder === undefined || !isFirstOnLine(text, node.span.start)) return undefined;
  if ("entry" in holder) return holder.entry.colon === undefined ? undefined : holder.entry.colon + 1;
  const dash = holder.sequence.dashes[holder.index];
  return dash === undefined ? undefined : dash + 1;
}
