import { ProblemError } from "../core/problem.ts";
import { type Program, type Step, WildcardRun } from "./wildcard-program.ts";

/** One pattern of a `.dockerignore` or of `--exclude`, without its `!`. */
export interface PathPattern {
  /** Whether the pattern matches exactly this path; folders above it are the caller's affair. @throws {ProblemError} `dockerfile-syntax` */
  matches(path: string): boolean;
  /** False when no path below the folder can match. */
  mayMatchBelow(folder: string): boolean;
}

/**
 * A cleaned pattern: `*`, `?` and `[…]` as in a path match, `**` any number of folders. Compiled when first asked, so that a malformed
 * one that is never asked does no harm, as in patternmatcher.
 * @see https://github.com/moby/patternmatcher/blob/main/patternmatcher.go (`compile`, `match`), read 2026-11-22
 */
export function pathPattern(pattern: string): PathPattern {
  let matcher: ((path: string) => boolean) | undefined;
  const fixed = /^[^*?[\]\\^]*/.exec(pattern)?.[0] as string;
  return {
    matches: (path) => {
      matcher ??= matcherOf(pattern);
      return matcher(path);
    },
    mayMatchBelow: (folder) => {
      const inside = `${folder}/`;
      // What stands before the first special character, against the folder: one must begin the other.
      return fixed.length < pattern.length ? inside.startsWith(fixed) || fixed.startsWith(inside) : fixed.startsWith(inside);
    },
  };
}

function matcherOf(pattern: string): (path: string) => boolean {
  const starred = pattern.startsWith("**");
  const inner = pattern.slice(starred ? 2 : 0, pattern.endsWith("**") && !starred ? -2 : undefined);
  if (!/[*?[\]\\]/.test(inner)) {
    // `**/name` is also `name` itself, `**name` any path that ends so.
    if (starred) return (path) => path.endsWith(inner) || (inner.startsWith("/") && path === inner.slice(1));
    return inner === pattern ? (path) => path === pattern : (path) => path.startsWith(inner);
  }
  const program = programOf(pattern);
  return (path) => new WildcardRun(program, Array.from(path)).endOf(0) !== -1;
}

// patternmatcher rewrites a pattern to a regular expression of Go's, and some of its answers come from that rewriting: `[*]` becomes the set
// of `[`, `^` and `/` repeated, `\d` a digit, `^` nothing. So the pattern is rewritten the same way, and the little language that can come
// out of it is read below.
function rewritten(pattern: string): string {
  const characters = Array.from(pattern);
  let result = "";
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    if (character === "*" && characters[i + 1] === "*") {
      i++;
      if (characters[i + 1] === "/") i++;
      result += i + 1 === characters.length ? ".*" : "(.*/)?";
    } else if (character === "*") result += "[^/]*";
    else if (character === "?") result += "[^/]";
    else if (character === "\\") result += `\\${characters[++i] ?? ""}`;
    else result += ".+()|{}$".includes(character) ? `\\${character}` : character;
  }
  // Behind a last backslash the end of the expression becomes a dollar.
  return `${result}$`;
}

const notNewline = (character: string): boolean => character !== "\n";

function programOf(pattern: string): Program {
  const source = Array.from(rewritten(pattern));
  const steps: Step[] = [];
  let at = 0;
  const one = (test: (character: string) => boolean): void => {
    if (source[at] !== "*") {
      steps.push({ kind: "one", test });
      return;
    }
    at++;
    const loop = steps.length;
    steps.push({ kind: "either", first: loop + 1, second: loop + 3 }, { kind: "one", test }, { kind: "jump", to: loop });
  };
  while (at < source.length) {
    const character = source[at++] as string;
    if (character === "(") {
      // The only group there is: `(.*/)?`.
      at += "(.*/)?".length - 1;
      const start = steps.length;
      steps.push({ kind: "either", first: start + 1, second: start + 5 });
      steps.push({ kind: "either", first: start + 2, second: start + 4 }, { kind: "one", test: notNewline }, { kind: "jump", to: start + 1 });
      steps.push({ kind: "one", test: (c) => c === "/" });
    } else if (character === "^") steps.push(AT_START);
    else if (character === "$") steps.push(AT_END);
    else if (character === "\\" && /[bBAz]/.test(source[at] ?? "")) steps.push(ASSERTIONS[source[at++] as string] as Step);
    else if (character === ".") one(notNewline);
    else if (character === "[") {
      const set = readSet(source, at, pattern);
      at = set.end;
      one(set.test);
    } else if (character === "\\") one(escaped(source[at++], pattern));
    else one((c) => c === character);
  }
  return [...steps, { kind: "accept" }];
}

const isWord = (character: string | undefined): boolean => character !== undefined && /[0-9A-Za-z_]/.test(character);
const AT_START: Step = { kind: "between", test: (before) => before === undefined };
const AT_END: Step = { kind: "between", test: (_before, after) => after === undefined };
/** A path written with backslashes, `out\bin`, is full of them. */
const ASSERTIONS: Readonly<Record<string, Step>> = {
  b: { kind: "between", test: (before, after) => isWord(before) !== isWord(after) },
  B: { kind: "between", test: (before, after) => isWord(before) === isWord(after) },
  A: AT_START,
  z: AT_END,
};

type Test = (character: string) => boolean;

const CLASSES: Readonly<Record<string, RegExp>> = { d: /[0-9]/, D: /[^0-9]/, w: /[0-9A-Za-z_]/, W: /[^0-9A-Za-z_]/, s: /[\t\n\f\r ]/, S: /[^\t\n\f\r ]/ };
const CONTROLS: Readonly<Record<string, string>> = { a: "\x07", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
const NAMED: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  ascii: /[\0-\x7f]/,
  blank: /[\t ]/,
  cntrl: /[^ -~\u0080-\u{10ffff}]/u,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t-\r ]/,
  upper: /[A-Z]/,
  word: /[0-9A-Za-z_]/,
  xdigit: /[0-9A-Fa-f]/,
};

function escaped(character: string | undefined, pattern: string): Test {
  const set = character === undefined ? undefined : CLASSES[character];
  if (set !== undefined) return (c) => set.test(c);
  const literal = literalOf(character, pattern);
  return (c) => c === literal;
}

function literalOf(character: string | undefined, pattern: string): string {
  const control = character === undefined ? undefined : CONTROLS[character];
  if (control !== undefined) return control;
  if (character !== undefined && /^[!-/:-@[-`{-~ ]$/.test(character)) return character;
  throw malformed(pattern, `"\\${character ?? ""}" is not an escape`);
}

/** The set that begins at `start`, behind its `[`, as Go's regexp reads it. */
function readSet(source: readonly string[], start: number, pattern: string): { test: Test; end: number } {
  let at = start;
  const negated = source[at] === "^";
  if (negated) at++;
  const tests: Test[] = [];
  const member = (): string => {
    const character = source[at++];
    if (character === undefined) throw malformed(pattern, 'a set has no closing "]"');
    return character === "\\" ? literalOf(source[at++], pattern) : character;
  };
  while (source[at] !== "]" || tests.length === 0) {
    const named = source[at] === "[" && source[at + 1] === ":" ? /^\[:(\^?)([^:]*):\]/.exec(source.slice(at, at + 16).join("")) : null;
    const set = named === null ? CLASSES[source[at] === "\\" ? (source[at + 1] ?? "") : ""] : NAMED[named[2] as string];
    if (named !== null && set === undefined) throw malformed(pattern, `"${named[0]}" is not a class`);
    if (set !== undefined) {
      const wanted = named?.[1] !== "^";
      tests.push((c) => set.test(c) === wanted);
      at += named === null ? 2 : named[0].length;
      continue;
    }
    const low = member();
    const isRange = source[at] === "-" && source[at + 1] !== undefined && source[at + 1] !== "]";
    if (isRange) at++;
    const high = isRange ? member() : low;
    const [from, to] = [low.codePointAt(0) as number, high.codePointAt(0) as number];
    if (from > to) throw malformed(pattern, `the range ${low}-${high} goes backwards`);
    tests.push((c) => from <= (c.codePointAt(0) as number) && (c.codePointAt(0) as number) <= to);
  }
  return { test: (c) => tests.some((test) => test(c)) !== negated, end: at + 1 };
}

const malformed = (pattern: string, why: string): ProblemError =>
  new ProblemError("dockerfile-syntax", {
    message: `"${pattern.slice(0, 160)}" is not an ignore pattern: ${why}`,
    hint: "a pattern knows *, **, ?, [a-z] and [^a-z]; put a backslash before a character that is meant as it is",
  });
