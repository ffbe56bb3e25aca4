import type { SourceFile } from "../core/span.ts";
import { type Refusal, refuse } from "./edits/edit.ts";
import { type Habits, habitsOf } from "./habits.ts";
import { lineBreakOf } from "./lines.ts";
import { type Outline, outlineOf } from "./outline.ts";
import { parseYaml } from "./parse.ts";
import type { YamlComment, YamlNode } from "./tree.ts";

/** A file that is being patched, as it stands. */
export interface Draft {
  readonly text: string;
  readonly root: YamlNode;
  readonly comments: readonly YamlComment[];
  readonly outline: Outline;
  readonly habits: Habits;
  readonly lineBreak: "\n" | "\r\n";
  /** Anchors that an alias names. */
  readonly aliased: ReadonlySet<string>;
}

/** Reads a file that is to be patched; refused when it has an error of its own, or is empty. */
export function draftOf(file: SourceFile): Draft | Refusal {
  const { text } = file;
  const { root, comments, complaints } = parseYaml(file);
  const error = complaints.find((complaint) => complaint.severity === "error");
  if (error !== undefined) return refuse(`the file has an error of its own: ${error.message}`);
  if (root === undefined) return refuse("the file is empty");
  const anchors = new Set<string>();
  const aliased = new Set<string>();
  let twice: string | undefined;
  const visit = (node: YamlNode): void => {
    if (node.kind === "alias") aliased.add(node.name);
    if (node.anchor !== undefined) {
      if (anchors.has(node.anchor)) twice = node.anchor;
      anchors.add(node.anchor);
    }
    if (node.kind === "sequence") node.items.forEach(visit);
    if (node.kind === "mapping") for (const entry of node.entries) [entry.key, entry.value].forEach(visit);
  };
  visit(root);
  if (twice !== undefined) return refuse(`the anchor "${twice}" stands twice in the file`);
  return { text, root, comments, outline: outlineOf(root), habits: habitsOf(text, root), lineBreak: lineBreakOf(text), aliased };
}
