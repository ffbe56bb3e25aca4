import type { FileEdit, Fix, Replacement } from "../findings/finding.ts";
import { applyPatches } from "../yaml/patch.ts";
import { strayChange } from "./stray-change.ts";

/** The texts of files that differ from the repository's, by path. */
export type Texts = ReadonlyMap<string, string>;

/** A file's text as it is now; undefined when there is none, or when it could not be written back as it is. */
export type ReadText = (path: string) => string | undefined;

export interface Refused {
  /** One sentence, lower-case, no full stop. */
  readonly refused: string;
}

export const isRefused = (outcome: object): outcome is Refused => "refused" in outcome;

/** The files that a fix changes, with their new texts; or why it cannot be made, and then nothing is. Nothing but what the edits are about is changed. */
export function applyFix(fix: Fix, read: ReadText): { readonly texts: Texts } | Refused {
  const texts = new Map<string, string>();
  // Offsets are those of the text as it was; routes still lead there when stretches of it are replaced.
  const edits = [...fix.edits.filter(({ kind }) => kind === "text"), ...fix.edits.filter(({ kind }) => kind === "yaml")];
  for (const edit of edits) {
    const { name } = edit.file;
    const text = texts.get(name) ?? read(name);
    if (text === undefined) return { refused: `"${name}" cannot be edited: it is not there, or not in UTF-8` };
    const edited = edit.kind === "text" ? replaced(edit, text) : patched(edit, text);
    if (isRefused(edited)) return edited;
    texts.set(name, edited.text);
  }
  for (const [name, text] of texts) if (text === read(name)) texts.delete(name);
  return texts.size === 0 ? { refused: "it changes nothing" } : { texts };
}

function patched(edit: FileEdit & { readonly kind: "yaml" }, text: string): { readonly text: string } | Refused {
  let now = text;
  for (const patch of edit.patches) {
    const file = { name: edit.file.name, text: now };
    const next = applyPatches(file, [patch]);
    if (isRefused(next)) return next;
    const stray = strayChange(file, next.text, patch);
    if (stray !== undefined) return { refused: stray };
    now = next.text;
  }
  return { text: now };
}

function replaced(edit: FileEdit & { readonly kind: "text" }, text: string): { readonly text: string } | Refused {
  if (edit.file.text !== text) return { refused: `"${edit.file.name}" is not what it was any more` };
  let [done, at]: [string, number] = ["", 0];
  for (const { start, end, text: content } of edit.replacements.toSorted(byPlace)) {
    if (start < at || end < start || end > text.length) return { refused: "its edits overlap" };
    done += text.slice(at, start) + content;
    at = end;
  }
  return { text: done + text.slice(at) };
}

const byPlace = (a: Replacement, b: Replacement): number => a.start - b.start || a.end - b.end;
