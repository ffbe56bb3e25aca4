import { structuredPatch } from "diff";
import { positionOf, type SourceFile, type Span } from "../core/span.ts";
import { lineEnd } from "../yaml/lines.ts";
import { parseYaml } from "../yaml/parse.ts";
import type { YamlPatch } from "../yaml/patch.ts";
import { nodeAt, type Route } from "../yaml/route.ts";
import { entryOf } from "../yaml/tree.ts";

/** Lines `[first, last]`, counted from 1. */
type Lines = readonly [first: number, last: number];

/**
 * A line that a patch changed although it is not about it, as a sentence; undefined when there is none. This looks only at the two texts and at what the patch
 * says, so that it does not share a mistake with what made the patch.
 */
export function strayChange(before: SourceFile, after: string, patch: YamlPatch): string | undefined {
  const about = linesOf(before, patch);
  if (about === undefined) return "what is to be changed is not there";
  const { hunks } = structuredPatch("", "", before.text, after, undefined, undefined, { context: 0 });
  for (const { oldStart, oldLines } of hunks) {
    // Lines put in stand before line `oldStart`, which may be the one below.
    const last = oldLines === 0 ? oldStart - 1 : oldStart + oldLines - 1;
    if (oldStart < about[0] || last > about[1]) return `line ${oldStart} of "${before.name}" would change too`;
  }
  return undefined;
}

function linesOf(file: SourceFile, patch: YamlPatch): Lines | undefined {
  const list = patch.op === "move" || patch.op === "remove" || patch.op === "comment";
  const span = spanOf(file, list && patch.at.length > 0 ? patch.at.slice(0, -1) : patch.at);
  if (span === undefined) return undefined;
  const [first, last] = [positionOf(file, span.start).line, positionOf(file, lineEnd(file.text, span.end)).line];
  return [first, last + commentLinesBelow(file, span.end)];
}

/** A node, with its key where it has one. */
function spanOf(file: SourceFile, route: Route): Span | undefined {
  const { root } = parseYaml(file);
  const node = nodeAt(root, route);
  if (node === undefined) return undefined;
  const parent = route.length === 0 ? undefined : nodeAt(root, route.slice(0, -1));
  const key = parent?.kind === "mapping" ? entryOf(parent, String(route.at(-1)))?.key : undefined;
  return { start: key?.span.start ?? node.span.start, end: node.span.end };
}

/** Comments below the last item of a list are the item's, when they are indented as it is. */
function commentLinesBelow({ text }: SourceFile, end: number): number {
  const rest = text.slice(lineEnd(text, end));
  return (/^(?:\r?\n[ \t]*(?:#[^\n]*)?(?=\r?\n|$))*/.exec(rest)?.[0].match(/\n/g) ?? []).length;
}
