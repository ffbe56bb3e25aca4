import type { SourceFile } from "../core/span.ts";
import type { Draft } from "./draft.ts";
import { type Outline, outlineOf, sameOutline } from "./outline.ts";
import { parseYaml } from "./parse.ts";
import type { YamlComment } from "./tree.ts";

/** How many comments a patch may take away and add. */
const COMMENTS: Readonly<Record<string, { readonly lost: number; readonly gained: number }>> = {
  set: { lost: 0, gained: 0 },
  add: { lost: 0, gained: Number.POSITIVE_INFINITY },
  insert: { lost: 0, gained: Number.POSITIVE_INFINITY },
  remove: { lost: Number.POSITIVE_INFINITY, gained: 0 },
  move: { lost: 0, gained: 0 },
  comment: { lost: 1, gained: 1 },
  replace: { lost: 0, gained: 0 },
};

/** Reads a patched file again: undefined when it says what was meant and kept its comments, otherwise why the patch is not made. */
export function disproof(before: Draft, meant: Outline, after: SourceFile, op: string): string | undefined {
  const { root, comments, complaints } = parseYaml(after);
  const error = complaints.find((complaint) => complaint.severity === "error");
  if (error !== undefined) return `the file could not be read after it: ${error.message}`;
  if (root === undefined || !sameOutline(outlineOf(root), meant)) return "the file would say something else than was meant after it";
  const allowed = COMMENTS[op] ?? { lost: 0, gained: 0 };
  const [lost, gained] = [missing(before.comments, comments), missing(comments, before.comments)];
  if (lost > allowed.lost || gained > allowed.gained) return "comments of the file would not stay as they are";
  return undefined;
}

/** How many of `these` have no counterpart among `those`. */
function missing(these: readonly YamlComment[], those: readonly YamlComment[]): number {
  const counts = new Map<string, number>();
  for (const { text } of those) counts.set(text, (counts.get(text) ?? 0) + 1);
  let count = 0;
  for (const { text } of these) {
    const left = counts.get(text) ?? 0;
    if (left === 0) count++;
    else counts.set(text, left - 1);
  }
  return count;
}
