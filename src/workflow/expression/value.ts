import type { Data } from "./data.ts";
import type { Mistake } from "./parse.ts";

/** What an expression comes to. */
export type Value = Known | Unknown | { readonly kind: "invalid"; readonly mistake: Mistake };

export interface Known {
  readonly kind: "known";
  readonly data: Data;
}

/** A value that hangs on what the files do not tell. */
export interface Unknown {
  readonly kind: "unknown";
  /** What is left of the expression, as an expression. */
  readonly residual: string;
  /**
   * What to assume, one way or the other, to get further: `secrets.TOKEN`, `steps.a.outputs.b == 'x'`, `contains(github.event.label, 'y')`, `failure()`.
   * Never empty while {@link truthiness} is undefined.
   */
  readonly atoms: readonly string[];
  /** Whether it counts as true, where that is sure although the value is not. */
  readonly truthiness: boolean | undefined;
  readonly isBoolean: boolean;
  /** True of a path or a call: comparing it is an atom of its own. */
  readonly isLeaf: boolean;
}

/** A text with its expressions filled in. */
export type TextValue =
  | { readonly kind: "known"; readonly text: string }
  /** The parts in order: what is known as text, what is not as it is. Neighbouring texts are one. */
  | { readonly kind: "unknown"; readonly parts: readonly (string | Unknown)[] }
  | { readonly kind: "invalid"; readonly mistake: Mistake };

/** Whether a value counts as true on GitHub; undefined when that cannot be known, or the expression is invalid. */
export function truthOf(value: Value): boolean | undefined {
  if (value.kind === "unknown") return value.truthiness;
  if (value.kind === "invalid") return undefined;
  const { data } = value;
  return !(data === null || data === false || data === "" || data === 0 || Number.isNaN(data));
}
