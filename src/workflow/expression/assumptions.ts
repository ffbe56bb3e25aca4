import type { Data } from "./data.ts";

/** What is assumed of an atom: that it counts as true or false, or its very value. */
export type Assumption = boolean | { readonly value: Data };

/** Assumptions by atom in lower case. Build with {@link assume}. */
export type Assumptions = ReadonlyMap<string, Assumption>;

export const NO_ASSUMPTIONS: Assumptions = new Map();

const EQUALITY = /^([a-z_][\w-]*(?:\.[\w-]+|\[\d+\]|\['[^']*'\])*) == '((?:[^']|'')*)'$/i;
const STATUS = ["success()", "failure()", "cancelled()"];

/**
 * The assumptions with one more, and what follows from it: `a == 'x'` gives `a` its value; of success, failure and cancelled one is true.
 * An earlier assumption of the same atom is replaced.
 */
export function assume(assumptions: Assumptions, atom: string, assumption: Assumption): Assumptions {
  const more = new Map(assumptions).set(atom.toLowerCase(), assumption);
  if (assumption === true) {
    const equality = EQUALITY.exec(atom);
    if (equality !== null) more.set((equality[1] as string).toLowerCase(), { value: (equality[2] as string).replaceAll("''", "'") });
    if (STATUS.includes(atom.toLowerCase())) for (const other of STATUS) more.set(other, other === atom.toLowerCase());
  }
  return more;
}

export const assumptionOf = (assumptions: Assumptions, atom: string): Assumption | undefined => assumptions.get(atom.toLowerCase());
