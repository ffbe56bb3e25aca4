import type { FileEdit } from "../../findings/finding.ts";
import type { StepPlace } from "../../simulate/trace.ts";
import type { YamlPatch } from "../../yaml/patch.ts";
import type { PlainValue } from "../../yaml/render.ts";
import { entryOf, type YamlMapping } from "../../yaml/tree.ts";
import { inputOf, mappingOf } from "./layout.ts";
import { yamlEdit } from "./yaml-edit.ts";

/** An input of a step's (or calling job's) `with`: another value for it, or a new one where it is not given. Undefined when it has that value, or is no scalar. */
export function setInput(step: StepPlace, name: string, value: string | number | boolean): FileEdit | undefined {
  const entry = inputOf(withOf(step), name);
  if (entry === undefined) return addInputs(step, { [name]: value });
  if (entry.value.kind !== "scalar" || entry.value.value === value) return undefined;
  return yamlEdit(step, { op: "set", at: [...step.route, "with", entry.key.text], value });
}

/** Several inputs that are not given yet, with `with` itself where there is none. Undefined when one of them is given. */
export function addInputs(step: StepPlace, inputs: { readonly [name: string]: PlainValue }): FileEdit | undefined {
  const mapping = mappingOf(step);
  if (mapping === undefined) return undefined;
  const held = entryOf(mapping, "with");
  if (held === undefined) return yamlEdit(step, { op: "add", at: step.route, key: "with", value: inputs, after: "uses" });
  const given = withOf(step);
  if (Object.keys(inputs).some((name) => inputOf(given, name) !== undefined)) return undefined;
  return yamlEdit(step, ...Object.entries(inputs).map(([key, value]): YamlPatch => ({ op: "add", at: [...step.route, "with"], key, value })));
}

/** Another name for an input, its value and comments where they are. Undefined when it is not given, or the other is. */
export function renameInput(step: StepPlace, name: string, to: string): FileEdit | undefined {
  const mapping = withOf(step);
  const key = inputOf(mapping, name)?.key;
  if (key === undefined || inputOf(mapping, to) !== undefined) return undefined;
  const quote = key.style === "single" ? "'" : key.style === "double" ? '"' : "";
  return { kind: "text", file: step.file, replacements: [{ ...key.span, text: quote + to + quote }] };
}

/** Takes an input out; `with` too where it was the only one. */
export function removeInput(step: StepPlace, name: string): FileEdit | undefined {
  const mapping = withOf(step);
  const entry = inputOf(mapping, name);
  if (mapping === undefined || entry === undefined) return undefined;
  const held = [...step.route, "with"];
  return yamlEdit(step, { op: "remove", at: mapping.entries.length === 1 ? held : [...held, entry.key.text] });
}

/** A YAML sequence where GitHub wants text: its items joined by `separator`, or one a line. Undefined when it is none, or an item is more than a scalar. */
export function sequenceToText(step: StepPlace, name: string, separator: "," | "\n" = ","): FileEdit | undefined {
  const entry = inputOf(withOf(step), name);
  if (entry?.value.kind !== "sequence") return undefined;
  const items = entry.value.items.map((item) => (item.kind === "scalar" ? item.text : undefined));
  if (items.some((item) => item === undefined || item.includes("\n"))) return undefined;
  const value = separator === "," ? items.join(",") : `${items.join("\n")}\n`;
  return yamlEdit(step, { op: "replace", at: [...step.route, "with", entry.key.text], value });
}

function withOf(step: StepPlace): YamlMapping | undefined {
  const mapping = mappingOf(step);
  const held = mapping && entryOf(mapping, "with")?.value;
  return held?.kind === "mapping" ? held : undefined;
}
