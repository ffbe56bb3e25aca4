import type { Place } from "../../src/core/span.ts";
import type { Operation } from "../../src/simulate/operation.ts";
import type { ScriptOutcome } from "../../src/simulate/script-step.ts";
import type { Hole, Switch, Text, Texts } from "../../src/simulate/text.ts";

/** Operations, each on a line: its kind, then what is set of it. `?` in front: not sure; `+` behind a list: there may be more; `<…>`: a hole. */
export const shownOperations = ({ operations }: Pick<ScriptOutcome, "operations">): string[] =>
  operations.map(({ operation, sure }) => `${sure ? "" : "?"}${shownOperation(operation)}`);

export function shownOperation(operation: Operation): string {
  const fields = Object.entries(operation).flatMap(([key, value]) => {
    if (key === "kind" || key === "place" || value === undefined || value === false) return [];
    const shown = shownValue(value as Shown);
    return shown === undefined ? [] : [`${key}=${shown}`];
  });
  return [operation.kind, ...fields].join(" ");
}

/** Where each operation is asked, as the stretch of its file. */
export const shownPlaces = ({ operations }: Pick<ScriptOutcome, "operations">): string[] => operations.map(({ operation }) => shownPlace(operation.place));

export const shownPlace = ({ file, span }: Place): string => `${file.name}: ${file.text.slice(span.start, span.end)}`;

export const shownText = ({ parts }: Text): string => parts.map((part) => (typeof part === "string" ? part : shownHole(part))).join("");

const shownHole = ({ source, choices }: Hole): string => `<${choices?.join("|") ?? source}>`;

type Shown = string | number | boolean | null | Text | Texts | Switch | readonly string[] | ReadonlyMap<string, Text>;

function shownValue(value: Shown): string | undefined {
  if (value === null) return "null";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.join(",");
  if (value instanceof Map)
    return value.size === 0 ? undefined : [...(value as ReadonlyMap<string, Text>)].map(([name, text]) => `${name}:${shownText(text)}`).join(",");
  if ("parts" in value) return shownText(value);
  if ("items" in value) {
    const all = `${value.items.map(shownText).join(",")}${value.open ? "+" : ""}`;
    return all === "" ? undefined : all;
  }
  if ("atoms" in value) return value.value === false ? undefined : (value.value ?? `?${value.atoms.join(",")}`).toString();
  return undefined;
}
