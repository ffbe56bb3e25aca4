import type { Place } from "../core/span.ts";
import type { BakeHole, BakeParts } from "./bake-file.ts";

/** A value of HCL as far as it is known. */
export type Value = (Null | Words | Numeric | Flag | List | Dictionary | Unknown) & {
  /** Where it is written; undefined when it is computed. */
  readonly place?: Place | undefined;
};

interface Null {
  readonly kind: "null";
}
/** A text, some of which may be unknown. */
interface Words {
  readonly kind: "text";
  readonly parts: BakeParts;
}
interface Numeric {
  readonly kind: "number";
  readonly value: number;
}
interface Flag {
  readonly kind: "flag";
  readonly value: boolean;
}
interface List {
  readonly kind: "list";
  readonly items: readonly Value[];
  /** There may be more. */
  readonly open: boolean;
}
interface Dictionary {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Value>;
  readonly open: boolean;
}
interface Unknown {
  readonly kind: "unknown";
  readonly hole: BakeHole;
}

export const NULL: Value = { kind: "null" };

export const text = (known: string, place?: Place): Value => ({ kind: "text", parts: known === "" ? [] : [known], place });
export const number = (value: number): Value => ({ kind: "number", value });
export const flag = (value: boolean): Value => ({ kind: "flag", value });
export const list = (items: readonly Value[], open = false): Value => ({ kind: "list", items, open });
export const dictionary = (entries: ReadonlyMap<string, Value>, open = false): Value => ({ kind: "map", entries, open });
export const unknown = (source: string): Value => ({ kind: "unknown", hole: { source, atoms: [] } });

/** The text of a text value; undefined when a part of it is unknown, or when it is no text. */
export function knownOf(value: Value | undefined): string | undefined {
  return value?.kind === "text" ? joined(value.parts) : undefined;
}

/** Parts as one text; undefined when one of them is unknown. */
export function joined(parts: BakeParts): string | undefined {
  if (parts.length === 0) return "";
  const [only] = parts;
  if (parts.length === 1) return typeof only === "string" ? only : undefined;
  return parts.every((part) => typeof part === "string") ? parts.join("") : undefined;
}

/** Neighbouring texts as one, empty ones left out. */
export function merged(parts: BakeParts): BakeParts {
  const kept: (string | BakeHole)[] = [];
  for (const part of parts) {
    const last = kept.at(-1);
    if (part === "") continue;
    if (typeof part === "string" && typeof last === "string") kept[kept.length - 1] = last + part;
    else kept.push(part);
  }
  return kept;
}

/** Whether nothing in it is unknown. */
export function isKnown(value: Value): boolean {
  if (value.kind === "text") return value.parts.every((part) => typeof part === "string");
  if (value.kind === "list") return !value.open && value.items.every(isKnown);
  if (value.kind === "map") return !value.open && [...value.entries.values()].every(isKnown);
  return value.kind !== "unknown";
}

/** What it is as a text by HCL's conversion: numbers and switches are written out. Undefined: it cannot be one. */
export function partsOf(value: Value): BakeParts | undefined {
  if (value.kind === "text") return value.parts;
  if (value.kind === "number") return [shownNumber(value.value)];
  if (value.kind === "flag") return [String(value.value)];
  return value.kind === "unknown" ? [value.hole] : undefined;
}

/** Digits that a number here has for sure; HCL's have more. */
const SURE_DIGITS = 15;

/** The same as one known text; undefined when a part of it is unknown too. */
export function textOf(value: Value | undefined): string | undefined {
  const parts = value && partsOf(value);
  return parts && joined(parts);
}

/** As HCL writes it: no exponent, and no trace of binary fractions. */
function shownNumber(whole: number): string {
  const value = Number.isInteger(whole) ? whole : Number(whole.toPrecision(SURE_DIGITS));
  if (Number.isInteger(value) && Math.abs(value) >= 1e21) return BigInt(value).toString();
  const plain = String(value);
  return plain.includes("e") ? value.toFixed(20).replace(/\.?0+$/, "") : plain;
}

/** A text as a number by HCL's conversion; undefined when it is none. */
export function numberOf(value: Value): number | undefined {
  if (value.kind === "number") return value.value;
  const known = knownOf(value);
  return known !== undefined && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(known) ? Number(known) : undefined;
}

/** A text as a switch by HCL's conversion: "true" and "1", "false" and "0". */
export function flagOf(value: Value): boolean | undefined {
  if (value.kind === "flag") return value.value;
  const known = knownOf(value);
  return known === "true" || known === "1" ? true : known === "false" || known === "0" ? false : undefined;
}

/** For messages. */
export function kindName(value: Value): string {
  return { null: "null", text: "a text", number: "a number", flag: "true or false", list: "a list", map: "an object", unknown: "unknown" }[value.kind];
}

/** HCL's equality, by type and content; undefined when it hangs on something unknown. */
export function equals(a: Value, b: Value): boolean | undefined {
  if (a.kind === "unknown" || b.kind === "unknown") return undefined;
  if (a.kind !== b.kind) return false;
  if (a.kind === "text" && b.kind === "text") return equalTexts(a.parts, b.parts);
  if ((a.kind === "number" && b.kind === "number") || (a.kind === "flag" && b.kind === "flag")) return a.value === b.value;
  if (a.kind === "list" && b.kind === "list") {
    if (a.open || b.open) return undefined;
    return a.items.length === b.items.length && all(a.items.map((item, i) => equals(item, b.items[i] as Value)));
  }
  if (a.kind === "map" && b.kind === "map") {
    if (a.open || b.open) return undefined;
    const keys = [...a.entries.keys()];
    return (
      a.entries.size === b.entries.size &&
      keys.every((key) => b.entries.has(key)) &&
      all(keys.map((key) => equals(a.entries.get(key) as Value, b.entries.get(key) as Value)))
    );
  }
  return true;
}

function equalTexts(a: BakeParts, b: BakeParts): boolean | undefined {
  const [knownA, knownB] = [joined(a), joined(b)];
  if (knownA !== undefined && knownB !== undefined) return knownA === knownB;
  // A known beginning or end that differs decides.
  const differs = (x: string | BakeHole | undefined, y: string | BakeHole | undefined, begins: boolean): boolean => {
    if (typeof x !== "string" || typeof y !== "string") return false;
    const length = Math.min(x.length, y.length);
    return begins ? x.slice(0, length) !== y.slice(0, length) : x.slice(x.length - length) !== y.slice(y.length - length);
  };
  if (differs(a[0], b[0], true) || differs(a.at(-1), b.at(-1), false)) return false;
  // The empty text has no part, and a text with a known part is never empty.
  if (knownA === "" && b.some((part) => typeof part === "string")) return false;
  if (knownB === "" && a.some((part) => typeof part === "string")) return false;
  return undefined;
}

function all(answers: readonly (boolean | undefined)[]): boolean | undefined {
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}
