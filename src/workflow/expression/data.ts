import { data as library } from "@actions/expressions";

/** Plain data, as JSON knows it. */
export type Data = null | boolean | number | string | readonly Data[] | { readonly [key: string]: Data };

/** Stands for a value that cannot be known from the files. */
export const UNKNOWN: unique symbol = Symbol("unknown");
/** The same, of a value known to be `true` or `false`. */
export const UNKNOWN_BOOLEAN: unique symbol = Symbol("unknown boolean");
/** A key of an object given as context: keys that are not listed are unknown, where they would be `null` otherwise. */
export const OPEN: unique symbol = Symbol("open");

/** A value that cannot be known but is that of another expression: what hangs on it is told in that one's words, so that both are one and the same. */
export class UnknownOf {
  /** The expression; undefined: it goes by the path where it is found. */
  readonly source: string | undefined;
  /** What to assume, to get to know it; empty: nothing but itself. */
  readonly atoms: readonly string[];
  readonly isBoolean: boolean;
  /** It is surely no empty text. */
  readonly isFilled: boolean;

  constructor(source: string | undefined, atoms: readonly string[], { isBoolean = false, isFilled = false } = {}) {
    this.source = source;
    this.atoms = atoms;
    this.isBoolean = isBoolean;
    this.isFilled = isFilled;
  }
}

/** What a context may hold. */
export type Given = Data | typeof UNKNOWN | typeof UNKNOWN_BOOLEAN | UnknownOf | readonly Given[] | GivenObject;
export interface GivenObject {
  readonly [key: string]: Given;
  readonly [OPEN]?: true;
}

/** Contexts by name (`github`, `matrix`, …). A context that is not there is unknown as a whole. */
export type Contexts = { readonly [context: string]: Given };

/** The same object, of which keys that are not listed are unknown. */
export const open = (known: { readonly [key: string]: Given }): GivenObject => ({ ...known, [OPEN]: true });

/** True when nothing within is unknown. */
export function isKnown(given: Given): given is Data {
  if (typeof given === "symbol" || given instanceof UnknownOf) return false;
  if (given === null || typeof given !== "object") return true;
  if (Array.isArray(given)) return given.every(isKnown);
  return (given as GivenObject)[OPEN] === undefined && Object.values(given).every((value) => isKnown(value as Given));
}

/** The value of a key without regard to case; undefined when absent. */
export function memberOf(object: GivenObject, key: string): Given | undefined {
  if (Object.hasOwn(object, key)) return object[key];
  const lower = key.toLowerCase();
  const found = Object.keys(object).find((candidate) => candidate.toLowerCase() === lower);
  return found === undefined ? undefined : object[found];
}

export function toLibrary(value: Data): library.ExpressionData {
  if (value === null) return new library.Null();
  if (typeof value === "string") return new library.StringData(value);
  if (typeof value === "number") return new library.NumberData(value);
  if (typeof value === "boolean") return new library.BooleanData(value);
  if (isList(value)) return new library.Array(...value.map(toLibrary));
  return new library.Dictionary(...Object.entries(value).map(([key, member]) => ({ key, value: toLibrary(member) })));
}

export function fromLibrary(value: library.ExpressionData): Data {
  if (value.kind === library.Kind.Array) return (value as library.Array).values().map(fromLibrary);
  if (value.kind === library.Kind.Dictionary)
    return Object.fromEntries((value as library.Dictionary).pairs().map((pair) => [pair.key, fromLibrary(pair.value)]));
  if (value.kind === library.Kind.Null) return null;
  return (value as library.StringData | library.NumberData | library.BooleanData).value;
}

const isList = (value: Data): value is readonly Data[] => Array.isArray(value);
