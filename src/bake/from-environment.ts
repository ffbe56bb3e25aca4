import { csvFields } from "./csv.ts";
import type { Type } from "./types.ts";
import { dictionary, flag, joined, list, number, text, type Value } from "./value.ts";

/** The type that an environment variable is read as, by the default; undefined: it cannot be set so. */
export function inferred(plain: Value): Type | undefined {
  if (plain.kind === "number") return { kind: "number" };
  if (plain.kind === "flag") return { kind: "flag" };
  if (plain.kind === "map") return undefined;
  // A list without a type is read as one of the default's length.
  if (plain.kind === "list") return { kind: "tuple", of: plain.items.map((item) => inferred(item) ?? { kind: "any" as const }) };
  return { kind: "text" };
}

const TRUE: ReadonlySet<string> = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE: ReadonlySet<string> = new Set(["0", "f", "F", "FALSE", "false", "False"]);

/** A text as Go's `ParseBool` reads it. */
export const goFlag = (known: string): boolean | undefined => (TRUE.has(known) ? true : FALSE.has(known) ? false : undefined);

/** A text of the environment as a value of a type; lists are comma-separated, maps have `key:value`. */
export function fromText(whole: string, type: Type): Value | undefined {
  if (type.kind === "text" || type.kind === "any") return text(whole);
  if (type.kind === "number") return whole.trim() === whole && whole !== "" && Number.isFinite(Number(whole)) ? number(Number(whole)) : undefined;
  if (type.kind === "flag") {
    const known = goFlag(whole);
    return known === undefined ? undefined : flag(known);
  }
  if (type.kind === "object") return undefined;
  const fields = csvFields(whole === "" ? [] : [whole])?.map((field) => joined(field) ?? "");
  if (fields === undefined) return undefined;
  if (type.kind === "map") {
    const entries = fields
      .map((field) => field.split(":"))
      .map(([key = "", value, ...more]) => [key, value === undefined || more.length > 0 ? undefined : fromText(value, type.of)] as const);
    return entries.some(([, value]) => value === undefined) ? undefined : dictionary(new Map(entries as [string, Value][]));
  }
  if (type.kind === "tuple" && type.of.length !== fields.length) return undefined;
  const items = fields.map((field, i) => fromText(field, type.kind === "list" ? type.of : (type.of[i] as Type)));
  return items.includes(undefined) ? undefined : list(items as Value[]);
}
