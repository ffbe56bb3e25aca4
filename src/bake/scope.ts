import type { Place, SourceFile } from "../core/span.ts";
import type { Expression } from "./expression.ts";
import { number, text, type Value } from "./value.ts";

/** Where an expression stands, and what its names mean there. */
export interface Scope {
  readonly file: SourceFile;
  readonly locals: ReadonlyMap<string, Value>;
}

/** What evaluates. */
export interface Evaluation {
  evaluate(expression: Expression, scope: Scope): Value;
}

/** What evaluating asks of those around it. */
export interface World {
  /** The value of a name that is not local; undefined when there is none. */
  variable(name: string): Value | undefined;
  /** An attribute of a block, `target.app.tags`; undefined when `root` is no such name. */
  blockAttribute(root: string, name: string, attribute: string, place: Place): Value | undefined;
  /** Calls a function with arguments as written; what it says of them is told at `place`. */
  call(name: string, given: readonly Expression[], scope: Scope, evaluator: Evaluation, place: Place, source: string): Value | undefined;
  /** Tells a mistake. */
  complain(message: string, place: Place, hint?: string): void;
  /** Counts work that is done; false when there was too much. */
  spend(steps: number): boolean;
}

export const placeOf = (expression: Expression, scope: Scope): Place => ({ file: scope.file, span: expression.span });
/** Of a longer expression that is not known, the beginning is shown. */
const LONGEST_SOURCE = 200;
export const sourceOf = ({ span }: Expression, { file }: Scope): string => file.text.slice(span.start, Math.min(span.end, span.start + LONGEST_SOURCE));

/** Objects are gone through in the order of their keys. */
export const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);

/** What a loop goes over: objects in the order of their keys. */
export function pairsOf(over: Value): (readonly [Value, Value])[] | undefined {
  if (over.kind === "list") return over.items.map((item, i) => [number(i), item] as const);
  if (over.kind === "map") return [...over.entries].sort(byKey).map(([key, value]) => [text(key), value] as const);
  return undefined;
}
