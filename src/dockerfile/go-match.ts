import { ProblemError } from "../core/problem.ts";

/** Matches one character. */
type Element = (character: string) => boolean;
/** A run of elements, with or without `*` before it. */
interface Chunk {
  readonly star: boolean;
  readonly elements: readonly Element[];
  /** Nothing follows it in the pattern. */
  readonly last: boolean;
}

/**
 * Go's `filepath.Match` on Unix: the whole of `name` against `pattern`, in which `*` is any run without `/`, `?` one character but `/`,
 * `[a-z]` and `[^a-z]` one character of (not of) a set, and a backslash takes the next character as it is.
 * @throws {ProblemError} `dockerfile-syntax` when the pattern is malformed; not for what stands behind the first `*`-bounded part
 *   that does not match, which Go does not look at either
 * @see https://pkg.go.dev/path/filepath#Match
 */
export function goMatch(pattern: string, name: string): boolean {
  let rest = Array.from(name);
  for (const chunk of chunksOf(pattern)) {
    if (chunk.star && chunk.elements.length === 0) return !rest.includes("/");
    const after = leftBehind(chunk, rest);
    if (after === undefined) return false;
    rest = after;
  }
  return rest.length === 0;
}

/** Whether a path holds an unescaped `*`, `?` or `[`: BuildKit's test for "this source is a pattern". */
export function hasWildcard(path: string): boolean {
  return /^(?:\\[\s\S]|[^\\*?[])*[*?[]/.test(path);
}

/**
 * What is left of the name behind the chunk. The first place where a chunk fits is taken for good, as in Go; so the work is
 * at most (pattern × name), and a set that matches `/` may make Go say no where a shell would say yes.
 */
function leftBehind({ star, elements, last }: Chunk, name: readonly string[]): string[] | undefined {
  for (let skip = 0; skip + elements.length <= name.length; skip++) {
    if (skip > 0 && (!star || name[skip - 1] === "/")) return undefined;
    const end = skip + elements.length;
    if (last && end < name.length) continue;
    if (elements.every((element, i) => element(name[skip + i] as string))) return name.slice(end);
  }
  return undefined;
}

function* chunksOf(pattern: string): Generator<Chunk> {
  const characters = Array.from(pattern);
  let at = 0;
  while (at < characters.length) {
    const star = characters[at] === "*";
    while (characters[at] === "*") at++;
    const elements: Element[] = [];
    while (at < characters.length && characters[at] !== "*") {
      const character = characters[at++] as string;
      if (character === "?") elements.push((c) => c !== "/");
      else if (character === "[") {
        const set = readSet(characters, at, pattern);
        elements.push(set.element);
        at = set.end;
      } else if (character === "\\") {
        const escaped = characters[at++];
        if (escaped === undefined) throw malformed(pattern, "nothing follows the last backslash");
        elements.push((c) => c === escaped);
      } else elements.push((c) => c === character);
    }
    yield { star, elements, last: at >= characters.length };
  }
}

/** The set that begins at `start`, behind its `[`. */
function readSet(characters: readonly string[], start: number, pattern: string): { element: Element; end: number } {
  let at = start;
  const negated = characters[at] === "^";
  if (negated) at++;
  const ranges: (readonly [low: number, high: number])[] = [];
  const member = (): number => {
    if (characters[at] === "-" || characters[at] === "]") throw malformed(pattern, `a set cannot hold a bare "${characters[at]}" there`);
    if (characters[at] === "\\") at++;
    const code = characters[at++]?.codePointAt(0);
    if (code === undefined || at >= characters.length) throw malformed(pattern, 'a set has no closing "]"');
    return code;
  };
  while (ranges.length === 0 || characters[at] !== "]") {
    const low = member();
    let high = low;
    if (characters[at] === "-") {
      at++;
      high = member();
    }
    ranges.push([low, high]);
  }
  const element: Element = (c) => {
    const code = c.codePointAt(0) as number;
    return ranges.some(([low, high]) => low <= code && code <= high) !== negated;
  };
  return { element, end: at + 1 };
}

const malformed = (pattern: string, why: string): ProblemError =>
  new ProblemError("dockerfile-syntax", {
    message: `"${pattern.slice(0, 160)}" is not a path pattern: ${why}`,
    hint: "a pattern knows *, ?, [a-z] and [^a-z]; put a backslash before a character that is meant as it is",
  });
