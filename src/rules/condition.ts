import type { Assumed } from "../simulate/trace.ts";

/** What a trace assumes: atoms with their values, all of which must hold. */
export type Assumptions = readonly Assumed[];

/** More alternatives than these are not read by anyone. */
const MOST_ALTERNATIVES = 3;
/** Traces that are compared with each other; beyond, only what all told traces assume is said. */
const MOST_COMPARED = 2000;

/**
 * What must hold of what nobody knows so that a walk is among `told` and not among `others`, as a workflow expression; undefined when nothing must.
 * Short before complete: where it would take many alternatives, what all told ones have in common is said.
 */
export function conditionOf(told: readonly Assumptions[], others: readonly Assumptions[]): string | undefined {
  if (told.some((one) => one.length === 0) || others.length === 0) return undefined;
  const shared = (told[0] as Assumptions).filter((one) => told.every((each) => each.some((other) => other.atom === one.atom && other.value === one.value)));
  const apart = shared.filter((one) => others.some((other) => other.some((each) => each.atom === one.atom && each.value !== one.value)));
  if (told.length * others.length > MOST_COMPARED) return expressionOf([apart]);
  const shortened = told.map((one) => shorten(one, others));
  const alternatives = withoutWider(shortened);
  return expressionOf(alternatives.length > MOST_ALTERNATIVES ? [apart] : alternatives);
}

/** Drops what is not needed to exclude every other. What came up first is kept longest: it is what decides first. */
function shorten(assumptions: Assumptions, others: readonly Assumptions[]): Assumptions {
  let kept = assumptions;
  for (const one of [...assumptions].reverse()) {
    const fewer = kept.filter((other) => other !== one);
    if (others.every((other) => contradict(fewer, other))) kept = fewer;
  }
  return kept;
}

const contradict = (a: Assumptions, b: Assumptions): boolean => a.some((one) => b.some((other) => exclude(one, other)));

const EQUALITY = /^(.+) == ('(?:[^']|'')*')$/;

/** One atom is assumed true and false, or one value to equal two texts. */
function exclude(a: Assumed, b: Assumed): boolean {
  if (a.atom === b.atom) return a.value !== b.value;
  if (!a.value || !b.value) return false;
  const [left, right] = [EQUALITY.exec(a.atom), EQUALITY.exec(b.atom)];
  return left !== null && right !== null && left[1] === right[1] && left[2]?.toLowerCase() !== right[2]?.toLowerCase();
}

/** Drops alternatives that another one holds already: `a || a && b` is `a`. */
function withoutWider(alternatives: readonly Assumptions[]): readonly Assumptions[] {
  const includes = (narrow: Assumptions, wide: Assumptions): boolean =>
    wide.every((one) => narrow.some((other) => other.atom === one.atom && other.value === one.value));
  return alternatives.filter((one, i) => !alternatives.some((other, j) => i !== j && includes(one, other) && (other.length < one.length || j < i)));
}

function expressionOf(alternatives: readonly Assumptions[]): string | undefined {
  if (alternatives.some((one) => one.length === 0)) return undefined;
  const several = alternatives.length > 1;
  return alternatives.map((one) => (several && one.length > 1 ? `(${one.map(literal).join(" && ")})` : one.map(literal).join(" && "))).join(" || ");
}

function literal({ atom, value }: Assumed): string {
  if (value) return /\s\|\|\s/.test(atom) ? `(${atom})` : atom;
  const equality = EQUALITY.exec(atom);
  if (equality !== null) return `${equality[1]} != ${equality[2]}`;
  return atom.includes(" ") ? `!(${atom})` : `!${atom}`;
}
