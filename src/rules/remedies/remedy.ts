import type { FileEdit, Fix, FixSafety, Remedy, Replacement } from "../../findings/finding.ts";
import type { YamlPatch } from "../../yaml/patch.ts";

/** What a remedy says, and how its edits count. */
export interface RemedyHead {
  /** An act: `set up a Buildx builder before this step`. */
  readonly title: string;
  /** What it costs or changes beside the mend. */
  readonly price: string;
  readonly with?: Fix["with"];
  /** Default: `safe`. */
  readonly safety?: FixSafety;
}

/** A remedy that only a person can follow. */
export const advice = (title: string, price: string): Remedy => ({ title, price, fix: undefined });

/**
 * A remedy of edits, which may come in any order: those of one file are put together so that none moves what another is about.
 * One that is undefined (it cannot be made, or there is nothing to do) makes advice of it all.
 */
export function remedy(head: RemedyHead, edits: readonly (FileEdit | undefined)[]): Remedy {
  const { title, price } = head;
  const made = edits.filter((edit) => edit !== undefined);
  if (made.length === 0 || made.length < edits.length) return advice(title, price);
  return { title, price, fix: { with: head.with, safety: head.safety ?? "safe", edits: joined(made) } };
}

/** One edit a file and kind, in the order of their first coming. */
function joined(edits: readonly FileEdit[]): FileEdit[] {
  const byFile = new Map<string, FileEdit[]>();
  for (const edit of edits) {
    const key = `${edit.kind} ${edit.file.name}`;
    byFile.set(key, [...(byFile.get(key) ?? []), edit]);
  }
  return [...byFile.values()].map((ofFile) => joinedEdits(ofFile));
}

function joinedEdits(edits: readonly FileEdit[]): FileEdit {
  const [first] = edits as readonly [FileEdit];
  if (first.kind === "yaml") return { ...first, patches: inOrder(edits.map((edit) => (edit.kind === "yaml" ? edit.patches : []))) };
  const replacements = edits.flatMap((edit): readonly Replacement[] => (edit.kind === "text" ? edit.replacements : []));
  return { ...first, replacements: replacements.toSorted((a, b) => a.start - b.start) };
}

/** What leaves every item where it is comes first; then the groups that do not, from the end of the file to its beginning. */
function inOrder(groups: readonly (readonly YamlPatch[])[]): YamlPatch[] {
  const [still, moving]: [YamlPatch[], (readonly YamlPatch[])[]] = [[], []];
  for (const group of groups) {
    if (group.some(movesItems)) moving.push(group);
    else still.push(...group);
  }
  return [...still, ...moving.toSorted((a, b) => placeIn(b) - placeIn(a)).flat()];
}

const movesItems = (patch: YamlPatch): boolean =>
  patch.op === "insert" || patch.op === "move" || (patch.op === "remove" && typeof patch.at.at(-1) === "number");

/** The first item that a group touches. */
function placeIn(group: readonly YamlPatch[]): number {
  const indices = group.map((patch) => (patch.op === "insert" ? patch.index : patch.at.findLast((step) => typeof step === "number")));
  return Math.min(...indices.filter((index) => typeof index === "number"));
}
