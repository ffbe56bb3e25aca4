import { compileFilterPattern, fitsPattern } from "./filter-pattern.ts";
import type { Trigger } from "./model.ts";
import type { Scalar } from "./tree.ts";

/** What an event's filter lets through, by the kind of name it looks at. */
export type FilterKind = "branches" | "tags" | "paths";

/**
 * Whether an ordered list of patterns lets a name through: the last pattern that fits decides, `!` before a pattern turns it round.
 * A list of nothing but `!` patterns lets nothing through.
 */
export function listAdmits(patterns: readonly string[], name: string): boolean {
  let admitted = false;
  for (const pattern of patterns) {
    const negative = pattern.startsWith("!");
    if (fitsPattern(compileFilterPattern(negative ? pattern.slice(1) : pattern), name)) admitted = !negative;
  }
  return admitted;
}

/** Whether a trigger's `branches` and `branches-ignore` (or tags, or paths) let a name through. Without such filters everything passes. */
export function triggerAdmits(trigger: Trigger, kind: FilterKind, name: string): boolean {
  const only = trigger.filters[kind];
  const ignored = trigger.filters[`${kind}-ignore`];
  if (only !== undefined && !listAdmits(texts(only), name)) return false;
  return ignored === undefined || !listAdmits(texts(ignored), name);
}

/** Whether a push of branches, or of tags, can start it at all: filters of only the one kind shut the other out. */
export function pushCanBe(trigger: Trigger, kind: "branches" | "tags"): boolean {
  const has = (other: "branches" | "tags"): boolean => trigger.filters[other] !== undefined || trigger.filters[`${other}-ignore`] !== undefined;
  return has(kind) || !has(kind === "branches" ? "tags" : "branches");
}

/**
 * Names that the filter lets through, one for each of its patterns at most, in order: the usual names where they fit, else made from the pattern.
 * Without a list of patterns, the first usual name that passes.
 */
export function exampleNames(trigger: Trigger, kind: FilterKind, usual: readonly string[]): readonly string[] {
  const only = trigger.filters[kind];
  if (only === undefined) return [...usual, `x-${usual[0] ?? ""}`].filter((name) => triggerAdmits(trigger, kind, name)).slice(0, 1);
  const found = new Set<string>();
  for (const { text } of only) {
    if (text.startsWith("!")) continue;
    const compiled = compileFilterPattern(text);
    const example = [...usual, made(text, "1"), made(text, "x"), made(text, "")].find(
      (name) => name !== "" && fitsPattern(compiled, name) && triggerAdmits(trigger, kind, name),
    );
    if (example !== undefined) found.add(example);
  }
  return [...found];
}

/** A name after a pattern, with something written for what it leaves open. Need not fit: the caller tries it. */
function made(pattern: string, filler: string): string {
  return pattern
    .replace(/\[(.)[^\]]*\]/g, "$1")
    .replace(/\*+/g, filler)
    .replace(/\\(.)/g, "$1")
    .replace(/[?+]/g, "");
}

const texts = (scalars: readonly Scalar[]): readonly string[] => scalars.map((scalar) => scalar.text);
