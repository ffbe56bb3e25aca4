import type { SourceFile, Span } from "../../../core/span.ts";
import { type Refusal, refuse } from "../../../yaml/edits/edit.ts";
import { columnOf, lineStart, ownEnd, ownStart } from "../../../yaml/lines.ts";
import { parseYaml } from "../../../yaml/parse.ts";
import { applyPatches, type YamlPatch } from "../../../yaml/patch.ts";
import { nodeAt } from "../../../yaml/route.ts";
import { entryOf, type YamlNode } from "../../../yaml/tree.ts";

/** Lines of a job: with the comment lines directly above, from the line's beginning to before the last line break. */
export function jobLines(file: SourceFile, id: string): Span | Refusal {
  const { root, comments } = parseYaml(file);
  const jobs = nodeAt(root, ["jobs"]);
  const entry = jobs?.kind === "mapping" && !jobs.flow ? entryOf(jobs, id) : undefined;
  if (entry === undefined || entry.value.kind !== "mapping" || entry.value.flow) return refuse("the job is not laid out in a way that is understood");
  if (isShared(entry.value)) return refuse("it uses anchors or aliases, which cannot be written twice");
  const { start } = entry.key.span;
  return { start: ownStart(file.text, comments, start), end: ownEnd(file.text, comments, entry.value.span.end, columnOf(file.text, start)) };
}

function isShared(node: YamlNode): boolean {
  if (node.kind === "alias" || node.anchor !== undefined) return true;
  if (node.kind === "sequence") return node.items.some(isShared);
  return node.kind === "mapping" && node.entries.some(({ key, value }) => isShared(key) || isShared(value));
}

/** A job's lines after patches of it, under another id where one is given, with lines put in directly below its key. */
export function patchedJob(
  file: SourceFile,
  id: string,
  patches: readonly YamlPatch[],
  to: { readonly id?: string; readonly top: readonly string[] },
): string | Refusal {
  const made = applyPatches(file, patches);
  if ("refused" in made) return made;
  const after: SourceFile = { name: file.name, text: made.text };
  const lines = jobLines(after, id);
  if ("refused" in lines) return lines;
  const { root, comments } = parseYaml(after);
  const jobs = nodeAt(root, ["jobs"]);
  const entry = jobs?.kind === "mapping" ? entryOf(jobs, id) : undefined;
  const first = entry?.value.kind === "mapping" ? entry.value.entries[0] : undefined;
  if (entry === undefined || first === undefined) return refuse("the job is empty");
  const { text } = after;
  const at = ownStart(text, comments, first.key.span.start);
  const indent = " ".repeat(columnOf(text, first.key.span.start));
  const lineBreak = text.includes("\r\n") ? "\r\n" : "\n";
  const top = to.top.map((line) => indent + line + lineBreak).join("");
  const start = lineStart(text, lines.start);
  return (
    text.slice(start, entry.key.span.start) +
    (to.id ?? text.slice(entry.key.span.start, entry.key.span.end)) +
    text.slice(entry.key.span.end, at) +
    top +
    text.slice(at, lines.end)
  );
}
