import { ProblemError } from "../core/problem.ts";
import { type Program, type Step, WildcardRun } from "./wildcard-program.ts";

/** One element of a pattern as `${name#pattern}` and its kin take it: a character, `?`, or `*`. There are no brackets. */
type Token = { readonly kind: "literal"; readonly character: string } | { readonly kind: "any" } | { readonly kind: "run" };

// Source: moby/buildkit frontend/dockerfile/shell/lex.go (convertShellPatternToRegex), read 2026-11-22.
function tokensOf(pattern: string): Token[] {
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    if (character === "*") tokens.push({ kind: "run" });
    else if (character === "?") tokens.push({ kind: "any" });
    else if (character !== "\\") tokens.push({ kind: "literal", character });
    else {
      const next = characters[i + 1];
      // `\/` and `\}` only kept the substitution from ending; the character itself follows.
      if (next === "/" || next === "}") continue;
      if (next !== "*" && next !== "?" && next !== "\\") {
        throw new ProblemError("dockerfile-syntax", {
          message: `"${pattern}" is not a pattern: "\\${next ?? ""}" is not an escape`,
          hint: "a backslash in a pattern may stand before *, ?, /, } and another backslash",
        });
      }
      tokens.push({ kind: "literal", character: next });
      i++;
    }
  }
  return tokens;
}

const notNewline = (character: string): boolean => character !== "\n";

function programOf(tokens: readonly Token[], greedy: boolean): Program {
  const steps: Step[] = [];
  for (const token of tokens) {
    if (token.kind === "literal") {
      const wanted = token.character;
      steps.push({ kind: "one", test: (character) => character === wanted });
    } else if (token.kind === "any") {
      steps.push({ kind: "one", test: notNewline });
    } else {
      const loop = steps.length;
      const [more, done] = [loop + 1, loop + 3];
      steps.push({ kind: "either", first: greedy ? more : done, second: greedy ? done : more }, { kind: "one", test: notNewline }, { kind: "jump", to: loop });
    }
  }
  steps.push({ kind: "accept" });
  return steps;
}

/** `value` without the shortest (or longest) start that `pattern` matches. @throws {ProblemError} `dockerfile-syntax` | `limit-exceeded` */
export function trimPrefix(value: string, pattern: string, longest: boolean): string {
  const characters = Array.from(value);
  const end = new WildcardRun(programOf(tokensOf(pattern), longest), characters).endOf(0);
  return end === -1 ? value : characters.slice(end).join("");
}

/** `value` without the shortest (or longest) end that `pattern` matches. @throws {ProblemError} as {@link trimPrefix} */
export function trimSuffix(value: string, pattern: string, longest: boolean): string {
  const characters = Array.from(value).reverse();
  const end = new WildcardRun(programOf(tokensOf(pattern).reverse(), longest), characters).endOf(0);
  return end === -1 ? value : characters.slice(end).reverse().join("");
}

/** `value` with the first (or every) longest match of `pattern` replaced. @throws {ProblemError} as {@link trimPrefix} */
export function replacePattern(value: string, pattern: string, replacement: string, every: boolean): string {
  const characters = Array.from(value);
  const run = new WildcardRun(programOf(tokensOf(pattern), true), characters);
  let result = "";
  let copied = 0;
  for (let at = 0; at <= characters.length; ) {
    const end = run.endOf(at);
    if (end === -1) {
      at++;
      continue;
    }
    // An empty match right behind the last one is none, as in Go's regexp.
    if (end > copied || at === 0 || at > copied) {
      const matched = characters.slice(at, end).join("");
      result += characters.slice(copied, at).join("") + (every ? fillTemplate(replacement, matched) : replacement);
      copied = end;
      if (!every) break;
    }
    at = end > at ? end : at + 1;
  }
  return result + characters.slice(copied).join("");
}

/** With `//` BuildKit hands the replacement to Go's regexp as a template: `$0` is the match, any other group is empty, `$$` is a dollar. */
function fillTemplate(template: string, matched: string): string {
  return template.replace(/\$(?:\$|([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\})/g, (whole, bare: string | undefined, braced: string | undefined) =>
    whole === "$$" ? "$" : (bare ?? braced) === "0" ? matched : "",
  );
}
