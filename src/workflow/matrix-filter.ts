import { equals } from "@actions/expressions/result";
import { type Given, type GivenObject, isKnown, memberOf, toLibrary } from "./expression/data.ts";

/**
 * Whether a row has everything that an `include` or `exclude` entry asks for; undefined when that hangs on something unknown.
 * Each scalar within is compared with `==`, however deep; what the row does not have is `null`.
 * Source: actions/runner MatrixBuilder.cs (MatrixFilter), read 2026-11-22.
 */
export function rowHas(row: Given | undefined, asked: Given): boolean | undefined {
  if (asked !== null && typeof asked === "object") {
    const parts = Array.isArray(asked)
      ? asked.map((item: Given, i) => rowHas(Array.isArray(row) ? (row[i] as Given | undefined) : undefinedOr(row), item))
      : Object.entries(asked as GivenObject).map(([key, value]) => rowHas(isObject(row) ? memberOf(row, key) : undefinedOr(row), value));
    if (parts.includes(false)) return false;
    return parts.includes(undefined) ? undefined : true;
  }
  if (typeof asked === "symbol" || typeof row === "symbol") return undefined;
  if (row !== undefined && !isKnown(row)) return false;
  return equals(toLibrary(row ?? null), toLibrary(asked));
}

/** A member of something unknown is unknown; of a scalar it is absent. */
const undefinedOr = (row: Given | undefined): Given | undefined => (typeof row === "symbol" ? row : undefined);

export const isObject = (value: Given | undefined): value is GivenObject => value !== null && typeof value === "object" && !Array.isArray(value);
