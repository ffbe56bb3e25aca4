import MagicString from "magic-string";
import type { SourceFile } from "../core/span.ts";
import { type Draft, draftOf } from "./draft.ts";
import { addEntry } from "./edits/add.ts";
import { setComment } from "./edits/comment.ts";
import { type Edited, isRefusal, type Refusal } from "./edits/edit.ts";
import { insertItem } from "./edits/insert.ts";
import { moveItem } from "./edits/move.ts";
import { removeNode } from "./edits/remove.ts";
import { replaceSequence } from "./edits/replace.ts";
import { setScalar } from "./edits/set.ts";
import { disproof } from "./proof.ts";
import type { Given } from "./render.ts";
import type { Route } from "./route.ts";
import type { ScalarValue } from "./tree.ts";

/**
 * A change of a file by what it means, without offsets. Routes and keys are read in the file as the patches before left it.
 * - `set`: another value for a scalar, in its style where that can hold it. A key without a value can be set.
 * - `add`: a key with its value, into the mapping `at` (or into a key without a value), behind the entry `after` or the last one.
 *   A key that is there with that very value is left; with another, it is refused.
 * - `insert`: an item into the sequence `at`, which it holds at `index` afterwards (its length: at the end).
 * - `remove`: an entry or item with its trailing comment, the comment lines directly above it that are aligned with it, those directly below
 *   that are indented deeper, and the blank lines that set it off. The last one in a block is refused, for nothing would be left.
 * - `move`: an item of a block sequence with those comments; `at` is the item's route, `to` its index afterwards. Blank lines stay where they are.
 * - `comment`: the trailing comment of a node's line (of the header's line for a block scalar, of the key's for a block collection);
 *   without `#`, undefined to remove it.
 * - `replace`: a scalar in place of a sequence that has no comments within.
 */
export type YamlPatch =
  | { readonly op: "set"; readonly at: Route; readonly value: ScalarValue }
  | ({ readonly op: "add"; readonly at: Route; readonly key: string; readonly after?: string | undefined } & Given)
  | ({ readonly op: "insert"; readonly at: Route; readonly index: number } & Given)
  | { readonly op: "remove"; readonly at: Route }
  | { readonly op: "move"; readonly at: Route; readonly to: number }
  | { readonly op: "comment"; readonly at: Route; readonly text: string | undefined }
  | { readonly op: "replace"; readonly at: Route; readonly value: ScalarValue };

export type Patched = { readonly text: string } | Refusal;

/**
 * The file's text with every patch made, in order; or why one of them cannot be made, and then none is.
 * All bytes but those of the touched nodes and their lines stay. Each patch is proven by reading the file again: it says what it said,
 * but for the patch, and has lost no comment. What an alias repeats is never changed.
 */
export function applyPatches(file: SourceFile, patches: readonly YamlPatch[]): Patched {
  let text = file.text;
  for (const patch of patches) {
    const draft = draftOf({ name: file.name, text });
    if (isRefusal(draft)) return draft;
    const edited = edit(draft, patch);
    if (isRefusal(edited)) return edited;
    if (edited.edits.length === 0) continue;
    const splices = new MagicString(text);
    for (const { start, end, text: content } of edited.edits) {
      if (start === end) splices.appendLeft(start, content);
      else splices.update(start, end, content);
    }
    text = splices.toString();
    const wrong = disproof(draft, edited.outline, { name: file.name, text }, patch.op);
    if (wrong !== undefined) return { refused: wrong };
  }
  return { text };
}

function edit(draft: Draft, patch: YamlPatch): Edited | Refusal {
  switch (patch.op) {
    case "set":
      return setScalar(draft, patch.at, patch.value);
    case "add":
      return addEntry(draft, patch.at, patch.key, patch, patch.after);
    case "insert":
      return insertItem(draft, patch.at, patch.index, patch);
    case "remove":
      return removeNode(draft, patch.at);
    case "move":
      return moveItem(draft, patch.at, patch.to);
    case "comment":
      return setComment(draft, patch.at, patch.text);
    case "replace":
      return replaceSequence(draft, patch.at, patch.value);
  }
}
