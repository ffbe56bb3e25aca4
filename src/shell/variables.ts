import { type Assignment, isApart, isCondition, type Statement, type Within } from "./script.ts";
import type { Piece, Value } from "./values.ts";

/** What is known of the environment before the script begins. */
export interface Known {
  /** Variables of the environment: a text, the pieces of one that is known in part, undefined for one that is set to something unknown. */
  readonly variables: ReadonlyMap<string, string | readonly Piece[] | undefined>;
  /** Whether every variable that is not named above is unset; else it is unknown. */
  readonly othersUnset: boolean;
  /** Of the others, those that are unset anyway. */
  readonly unset?: ReadonlySet<string> | undefined;
  /** What `${{ text }}` becomes, or undefined when that is unknown. */
  expression(text: string): string | undefined;
}

/** A moment in a script: the number of the statement, and what encloses it. */
export interface Moment {
  readonly order: number;
  readonly within: readonly Within[];
}

/** What a variable holds at a moment. */
export type Held =
  | { readonly kind: "text"; readonly pieces: readonly Piece[] }
  | { readonly kind: "array"; readonly elements: readonly Value[] }
  | { readonly kind: "unset" }
  /** `choices`: everything it can be, when that is known. */
  | { readonly kind: "unknown"; readonly choices: readonly string[] | undefined };

interface Entry extends Moment {
  readonly held: Held;
  /** The call that it is local to. */
  readonly local: Within | undefined;
}

/** More possible values than these are as good as unknown. */
const MOST_CHOICES = 16;

/**
 * The variables of a script as they change from statement to statement. An assignment under a condition is certain for statements under the
 * same condition, does not exist for those of another branch, and makes the variable one of several values for everything after it.
 */
export class Variables {
  readonly #known: Known;
  readonly #entries = new Map<string, Entry[]>();
  readonly #forgotten: Entry[] = [];
  readonly #exported = new Map<string, number>();
  #exportAll = Number.POSITIVE_INFINITY;

  constructor(known: Known) {
    this.#known = known;
  }

  set(name: string, held: Held, moment: Moment, local: boolean): void {
    const entry: Entry = { ...moment, held, local: local ? moment.within.findLast(({ kind }) => kind === "call") : undefined };
    const entries = this.#entries.get(name);
    if (entries === undefined) this.#entries.set(name, [entry]);
    else entries.push(entry);
  }

  /** Anything may have been assigned here: another script was read in. */
  forget(moment: Moment): void {
    this.#forgotten.push({ ...moment, held: { kind: "unknown", choices: undefined }, local: undefined });
  }

  /** The variable is handed to programs from now on. */
  export(name: string, { order }: Moment): void {
    if (!this.#exported.has(name)) this.#exported.set(name, order);
  }

  /** `set -a`: everything assigned from now on is handed to programs. */
  exportAll({ order }: Moment): void {
    this.#exportAll = Math.min(this.#exportAll, order);
  }

  isExported(name: string, { order }: Moment): boolean {
    if (this.#known.variables.has(name)) return true;
    if ((this.#exported.get(name) ?? Number.POSITIVE_INFINITY) <= order) return true;
    return (this.#entries.get(name) ?? []).some((entry) => entry.order >= this.#exportAll && entry.order <= order);
  }

  /** What a variable holds just before the statement of a moment. */
  at(name: string, moment: Moment): Held {
    const possible: Held[] = [];
    // A script that is read in changes variables much more often than the directory.
    const forgotten = name.startsWith("(") ? [] : this.#forgotten;
    for (const entry of latestFirst(this.#entries.get(name) ?? [], forgotten)) {
      if (possible.length > MOST_CHOICES) break;
      if (entry.order >= moment.order) continue;
      const seen = visibility(entry, moment);
      if (seen === "never") continue;
      possible.push(entry.held);
      if (seen === "always") return oneOf(possible);
    }
    return oneOf([...possible, this.#before(name)]);
  }

  #before(name: string): Held {
    const { variables, othersUnset, unset } = this.#known;
    const text = variables.get(name);
    if (text !== undefined) return { kind: "text", pieces: typeof text === "string" ? [{ kind: "text", text }] : text };
    return !variables.has(name) && (othersUnset || unset?.has(name) === true) ? { kind: "unset" } : { kind: "unknown", choices: undefined };
  }
}

function* latestFirst(a: readonly Entry[], b: readonly Entry[]): Generator<Entry> {
  let [i, j] = [a.length - 1, b.length - 1];
  while (i >= 0 || j >= 0) {
    const [one, other] = [a[i], b[j]];
    if (one !== undefined && (other === undefined || one.order >= other.order)) {
      yield one;
      i--;
    } else if (other !== undefined) {
      yield other;
      j--;
    }
  }
}

function oneOf(possible: readonly Held[]): Held {
  if (possible.length > MOST_CHOICES) return { kind: "unknown", choices: undefined };
  const [only] = possible;
  if (only !== undefined && possible.length === 1) return only;
  const choices = new Set<string>();
  for (const held of possible) {
    const texts = textsOf(held);
    if (texts === undefined) return { kind: "unknown", choices: undefined };
    for (const text of texts) choices.add(text);
  }
  return { kind: "unknown", choices: choices.size <= MOST_CHOICES ? [...choices] : undefined };
}

function textsOf(held: Held): readonly string[] | undefined {
  if (held.kind === "unset") return [""];
  if (held.kind === "unknown") return held.choices;
  if (held.kind === "array") return undefined;
  let text = "";
  for (const piece of held.pieces) {
    if (piece.kind === "unknown") return held.pieces.length === 1 ? piece.choices : undefined;
    text += piece.text;
  }
  return [text];
}

const same = (a: Within, b: Within): boolean => a.kind === b.kind && a.branch === b.branch && a.span.start === b.span.start && a.span.end === b.span.end;

const sharesLoop = (entry: Moment, moment: Moment): boolean =>
  entry.within.some((one) => one.kind === "loop" && moment.within.some((other) => same(one, other)));

/** Whether a statement sees what another one assigned. */
function visibility(entry: Entry, moment: Moment): "always" | "perhaps" | "never" {
  const { local } = entry;
  if (local !== undefined && !moment.within.some((one) => same(one, local))) return "never";
  let seen: "always" | "perhaps" = "always";
  for (const one of entry.within) {
    if (moment.within.some((other) => same(one, other) || implies(other, one))) continue;
    if (isApart(one)) return "never";
    if (!isCondition(one)) continue;
    const otherBranch = moment.within.some(
      (other) => other.kind === one.kind && other.branch !== one.branch && other.span.start === one.span.start && other.span.end === one.span.end,
    );
    // In a loop the other branch may have been taken in an earlier round.
    if (otherBranch && !sharesLoop(entry, moment)) return "never";
    seen = "perhaps";
  }
  return seen;
}

/** In `a && b && c`, `c` runs only after `b` did: the lists begin at one place, and the longer one holds the shorter. */
const implies = (later: Within, earlier: Within): boolean =>
  later.kind === "and" && earlier.kind === "and" && later.span.start === earlier.span.start && later.span.end > earlier.span.end;

/** Words that declare variables of a function only. */
const LOCAL: ReadonlySet<string> = new Set(["local", "declare", "typeset"]);

/** Whether an assignment is forgotten when the function is left. */
export const isLocal = (statement: Statement): boolean =>
  statement.kind === "assign" &&
  statement.declaration !== undefined &&
  LOCAL.has(statement.declaration) &&
  statement.within.some(({ kind }) => kind === "call");

/** An assignment's name when it is a plain variable. */
export const plainName = ({ name }: Assignment): string | undefined => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : undefined);
