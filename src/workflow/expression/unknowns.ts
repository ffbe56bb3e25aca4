import { data as library } from "@actions/expressions";
import { falsy } from "@actions/expressions/result";
import { type Assumptions, assumptionOf } from "./assumptions.ts";
import { type Data, fromLibrary, toLibrary } from "./data.ts";
import type { Unknown } from "./value.ts";

/** What a part of an expression comes to while it is evaluated. */
export type Operand = library.ExpressionData | Unknown;

export const isUnknown = (operand: Operand): operand is Unknown => operand.kind === "unknown";

export const truthinessOf = (operand: Operand): boolean | undefined => (isUnknown(operand) ? operand.truthiness : !falsy(operand));

export const isBoolean = (operand: Operand): boolean => (isUnknown(operand) ? operand.isBoolean : operand.kind === library.Kind.Boolean);

export const boolean = (value: boolean): library.ExpressionData => new library.BooleanData(value);

/** An operand as source text. */
export function sourceOf(operand: Operand): string {
  return isUnknown(operand) ? operand.residual : literalOf(fromLibrary(operand));
}

/** The same, fit to stand beside an operator or before an index. */
export function inBrackets(operand: Operand): string {
  const source = sourceOf(operand);
  return isUnknown(operand) && /^!| /.test(source) && !isOneGroup(source) ? `(${source})` : source;
}

/** True of `(a && b)`, false of `(a) == (b)`. */
function isOneGroup(source: string): boolean {
  const bare = source.replace(/'(?:[^']|'')*'/g, (text) => "_".repeat(text.length));
  if (!bare.startsWith("(")) return false;
  let depth = 0;
  for (let i = 0; i < bare.length; i++) {
    if (bare[i] === "(") depth++;
    else if (bare[i] === ")" && --depth === 0) return i === bare.length - 1;
  }
  return false;
}

function literalOf(value: Data): string {
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  if (value === null || typeof value !== "object") return String(value);
  return `fromJSON(${literalOf(JSON.stringify(value))})`;
}

/**
 * Something that hangs on an atom of its own, unless an assumption settles it. Assumed false, it is `''` (or `false`): a value that GitHub has not.
 * Assumed true, a boolean is `true`; anything else is still unknown but counts as true.
 */
export function leaf(residual: string, assumptions: Assumptions, isBooleanValue: boolean): Operand {
  const assumed = assumptionOf(assumptions, residual);
  if (typeof assumed === "object") return toLibrary(assumed.value);
  if (assumed === false) return toLibrary(isBooleanValue ? false : "");
  if (assumed === true && isBooleanValue) return boolean(true);
  return {
    kind: "unknown",
    residual,
    atoms: assumed === true ? [] : [residual],
    truthiness: assumed,
    isBoolean: isBooleanValue,
    isLeaf: true,
  };
}

/** A function or comparison of operands of which at least one is unknown: the atoms of what is composed within, else one of its own. */
export function composed(residual: string, operands: readonly Operand[], assumptions: Assumptions, isBooleanValue: boolean): Operand {
  const inner = atomsOf(operands.filter((operand) => !isUnknown(operand) || !operand.isLeaf));
  if (inner.length === 0) return leaf(residual, assumptions, isBooleanValue);
  return { kind: "unknown", residual, atoms: inner, truthiness: undefined, isBoolean: isBooleanValue, isLeaf: false };
}

export function atomsOf(operands: readonly Operand[]): readonly string[] {
  return [...new Set(operands.flatMap((operand) => (isUnknown(operand) ? operand.atoms : [])))];
}
