import type { Step } from "../../../workflow/model.ts";
import type { YamlPatch } from "../../../yaml/patch.ts";
import type { Route } from "../../../yaml/route.ts";

/**
 * Gives an input of a step (at `own`) another value, or adds it behind the input `after`. A list of lines becomes a block, and a block a line, where it was the other.
 */
export function inputPatches(step: Step, own: Route, name: string, value: string | boolean, after?: string): readonly YamlPatch[] {
  const at = [...own, "with"];
  const index = step.with.findIndex(({ key }) => key.text.toLowerCase() === name);
  const entry = step.with[index];
  if (entry === undefined) return [{ op: "add", at, key: name, value, after }];
  const isBlock = entry.value.kind === "scalar" && (entry.value.style === "literal" || entry.value.style === "folded");
  if (isBlock === String(value).includes("\n")) return [{ op: "set", at: [...at, entry.key.text], value }];
  return [
    { op: "remove", at: [...at, entry.key.text] },
    { op: "add", at, key: entry.key.text, value, after: step.with[index - 1]?.key.text },
  ];
}
