import { nameOf } from "./definitions.ts";
import type { Expression } from "./expression.ts";
import { dictionary, flag, flagOf, list, number, numberOf, partsOf, type Value } from "./value.ts";

/** A type of a variable, as `type = list(string)` names it. */
export type Type =
  | { readonly kind: "any" }
  | { readonly kind: "text" }
  | { readonly kind: "number" }
  | { readonly kind: "flag" }
  | { readonly kind: "list"; readonly of: Type }
  | { readonly kind: "map"; readonly of: Type }
  | { readonly kind: "object"; readonly of: ReadonlyMap<string, Type> }
  | { readonly kind: "tuple"; readonly of: readonly Type[] };

const PRIMITIVES: ReadonlyMap<string, Type> = new Map([
  ["string", { kind: "text" }],
  ["number", { kind: "number" }],
  ["bool", { kind: "flag" }],
  ["any", { kind: "any" }],
]);

/** Reads a type; undefined when it is none. */
export function typeOf(expression: Expression): Type | undefined {
  const name = nameOf(expression);
  if (name !== undefined) return PRIMITIVES.get(name);
  if (expression.kind !== "call") return undefined;
  const [first] = expression.arguments;
  if (first === undefined) return undefined;
  if (expression.name === "object" && first.kind === "object") {
    const of = first.entries.map(({ key, value }) => [nameOf(key) ?? "", typeOf(value)] as const);
    return of.some(([, type]) => type === undefined) ? undefined : { kind: "object", of: new Map(of as [string, Type][]) };
  }
  if (expression.name === "tuple" && first.kind === "list") {
    const of = first.items.map(typeOf);
    return of.includes(undefined) ? undefined : { kind: "tuple", of: of as Type[] };
  }
  const inner = typeOf(first);
  if (inner === undefined) return undefined;
  if (expression.name === "optional") return inner;
  if (expression.name === "list" || expression.name === "set") return { kind: "list", of: inner };
  return expression.name === "map" ? { kind: "map", of: inner } : undefined;
}

/** The value as one of this type; undefined when it cannot be one. What is unknown stays so. */
export function converted(value: Value, type: Type): Value | undefined {
  const holed = value.kind === "text" && value.parts.some((part) => typeof part !== "string");
  if (value.kind === "null" || value.kind === "unknown" || type.kind === "any") return value;
  if (type.kind === "text") {
    const parts = partsOf(value);
    return parts === undefined ? undefined : { kind: "text", parts, place: value.place };
  }
  if (type.kind === "number") return holed ? value : from(numberOf(value), number, value);
  if (type.kind === "flag") return holed ? value : from(flagOf(value), flag, value);
  if (type.kind === "list" && value.kind === "list")
    return within(
      value.items,
      () => type.of,
      value,
      (items) => list(items, value.open),
    );
  if (type.kind === "tuple" && value.kind === "list") {
    return value.items.length === type.of.length
      ? within(
          value.items,
          (i) => type.of[i] as Type,
          value,
          (items) => list(items, value.open),
        )
      : undefined;
  }
  if ((type.kind === "map" || type.kind === "object") && value.kind === "map") {
    const inner = (key: string): Type | undefined => (type.kind === "object" ? type.of.get(key) : type.of);
    const keys = [...value.entries.keys()].filter((key) => inner(key) !== undefined);
    return within(
      keys.map((key) => value.entries.get(key) as Value),
      (i) => inner(keys[i] as string) as Type,
      value,
      (items) => dictionary(new Map(items.map((item, i) => [keys[i] as string, item])), value.open),
    );
  }
  return undefined;
}

function within(items: readonly Value[], typeAt: (i: number) => Type, of: Value, made: (items: readonly Value[]) => Value): Value | undefined {
  const all = items.map((item, i) => converted(item, typeAt(i)));
  return all.includes(undefined) ? undefined : { ...made(all as Value[]), place: of.place };
}

function from<T>(known: T | undefined, made: (known: T) => Value, value: Value): Value | undefined {
  return known === undefined ? undefined : { ...made(known), place: value.place };
}
