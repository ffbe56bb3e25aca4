import type { Failure, Signature } from "../facts/failures.ts";
import { WordFinder } from "./word-finder.ts";

/** A signature with every failure that has it. */
export interface IndexedSignature {
  readonly signature: Signature;
  readonly failures: readonly Failure[];
}

/** A signature in a line, with what stood for its `{names}`. */
export interface Match {
  readonly indexed: IndexedSignature;
  readonly captures: Readonly<Record<string, string>>;
}

/** Most characters that a `{name}` stands for. */
const HOLE_LIMIT = 300;
/** Characters of a signature that are looked for at first: enough to be rare. */
const ANCHOR_LENGTH = 14;

interface Prepared extends IndexedSignature {
  /** What stands between the holes. */
  readonly parts: readonly string[];
  readonly names: readonly string[];
}

/** What a line holds. */
export interface Found {
  readonly matches: readonly Match[];
  /** True where a word of {@link ALARMS} stands in it. */
  readonly isAlarming: boolean;
}

/** Words of lines that may tell an error. */
const ALARMS = ["error", "fail", "fatal", "denied", "cannot", "panic", "unauthorized", "not found", "refused", "⨯"];
const NOTHING_FOUND: Found = { matches: [], isAlarming: false };

/** Finds signatures in lines. */
export class SignatureIndex {
  readonly #prepared: readonly Prepared[];
  readonly #finder: WordFinder;

  constructor(failures: Iterable<Failure>) {
    const byText = new Map<string, { signature: Signature; failures: Failure[] }>();
    for (const failure of failures)
      for (const signature of failure.signatures) {
        const known = byText.get(signature.text);
        if (known === undefined) byText.set(signature.text, { signature, failures: [failure] });
        else known.failures.push(failure);
      }
    this.#prepared = [...byText.values()].map(prepare);
    this.#finder = new WordFinder([...this.#prepared.map(({ signature }) => anchorOf(signature)), ...ALARMS]);
  }

  /** What is in a line; mostly nothing. */
  find(line: string): Found {
    const candidates = this.#finder.find(line);
    if (candidates.length === 0) return NOTHING_FOUND;
    const matches: Match[] = [];
    let isAlarming = false;
    for (const candidate of candidates) {
      const indexed = this.#prepared[candidate];
      if (indexed === undefined) {
        isAlarming = true;
        continue;
      }
      const captures = match(indexed, line);
      if (captures !== undefined) matches.push({ indexed, captures });
    }
    return { matches, isAlarming };
  }
}

const NOTHING: Readonly<Record<string, string>> = {};

function match({ signature, parts, names }: Prepared, line: string): Readonly<Record<string, string>> | undefined {
  const text = signature.match === "exact" ? line : folded(line);
  if (names.length === 0) return text.includes(parts[0] as string) ? NOTHING : undefined;
  const first = parts.findIndex((part) => part !== "");
  let start = text.indexOf(parts[first] as string);
  for (let tries = 0; start !== -1 && tries < TRIES; tries++) {
    const captures = matchFrom(parts, first, start, text);
    if (captures !== undefined) return Object.fromEntries(names.map((name, i) => [name, captures[i] ?? ""]));
    start = text.indexOf(parts[first] as string, start + 1);
  }
  return undefined;
}

/** Places at which a signature with holes is tried in one line. */
const TRIES = 8;

/** What stands in the holes, when the first part is at `start` and each other part follows near enough. */
function matchFrom(parts: readonly string[], first: number, start: number, text: string): string[] | undefined {
  const captures = first === 0 ? [] : [/\S*$/.exec(text.slice(Math.max(0, start - HOLE_LIMIT), start))?.[0] ?? ""];
  let at = start + (parts[first] as string).length;
  for (const part of parts.slice(first + 1)) {
    const next = part === "" ? endOfWord(text, at) : text.indexOf(part, at);
    if (next === -1 || next - at > HOLE_LIMIT) return undefined;
    captures.push(text.slice(at, next));
    at = next + part.length;
  }
  return captures;
}

function endOfWord(text: string, start: number): number {
  const length = text.slice(start, start + HOLE_LIMIT).search(/[\s,;]/);
  return length === -1 ? Math.min(text.length, start + HOLE_LIMIT) : start + length;
}

function prepare(indexed: IndexedSignature): Prepared {
  const { text, match } = indexed.signature;
  const parts = text.split(HOLE).map((part) => (match === "exact" ? part : folded(part)));
  return { ...indexed, parts, names: [...text.matchAll(HOLE)].map(([hole]) => hole.slice(1, -1)) };
}

/** Holes of signatures. */
const HOLE = /\{\w+\}/g;

/** Case and blanks made equal, for texts that are known by hearsay. */
const folded = (text: string): string => text.toLowerCase().replace(/\s+/g, " ");

/** The stretch of a signature by which lines are chosen: the longest without holes and, where blanks do not count, without blanks. */
function anchorOf({ text, match }: Signature): string {
  const parts = text.split(match === "exact" ? HOLE : /\{\w+\}|\s+/).sort((a, b) => b.length - a.length);
  return (parts[0] as string).trim().slice(0, ANCHOR_LENGTH);
}
