import { posix } from "node:path";
import { ProblemError } from "../core/problem.ts";
import { goMatch } from "./go-match.ts";
import { type PathPattern, pathPattern } from "./path-pattern.ts";
import { trimSpace } from "./white-space.ts";

/** Patterns of a `.dockerignore`, cleaned, in order; `!` in front makes an exception. */
export type IgnoreRules = readonly string[];

export interface IgnoreMatcher {
  /** Whether a slash-separated path relative to the root (no leading `/`, no `.`) is left out. @throws {ProblemError} `dockerfile-syntax` for a pattern that turns out malformed */
  ignored(path: string): boolean;
  /** False when nothing below the directory can be wanted: a walker may skip it. */
  mayHoldIncluded(directory: string): boolean;
}

/** Patterns in one file: each path is compared with each of them. */
const MOST_PATTERNS = 10_000;

/**
 * Reads a `.dockerignore`: comments, white space and a leading `/` go away, paths are cleaned. Never throws; {@link ignoreMatcher} does.
 * @see https://github.com/moby/patternmatcher/blob/main/ignorefile/ignorefile.go, read 2026-11-22
 */
export function parseIgnore(text: string): IgnoreRules {
  const rules: string[] = [];
  for (const line of text.replace(/^\ufeff/, "").split("\n")) {
    if (line.startsWith("#")) continue;
    const written = trimSpace(line);
    if (written === "") continue;
    const exception = written.startsWith("!");
    const bare = exception ? trimSpace(written.slice(1)) : written;
    const cleaned = bare === "" ? "" : cleanPath(bare);
    const pattern = cleaned.length > 1 && cleaned.startsWith("/") ? cleaned.slice(1) : cleaned;
    rules.push(exception ? `!${pattern}` : pattern);
  }
  return rules;
}

interface Rule {
  readonly exception: boolean;
  readonly pattern: PathPattern;
}

/**
 * Compiles patterns, of a `.dockerignore` or of `--exclude`. The last pattern that matches a path or a folder above it decides, with the
 * one reservation that BuildKit's walk makes: a folder that is left out already is not asked again which later patterns match it.
 * @throws {ProblemError} `dockerfile-syntax` for a pattern that is none, `limit-exceeded`
 * @see https://github.com/moby/patternmatcher/blob/main/patternmatcher.go (`MatchesUsingParentResults`, as fsutil's filter calls it), read 2026-11-22
 */
export function ignoreMatcher(rules: IgnoreRules): IgnoreMatcher {
  const compiled = compile(rules);
  const exceptions = compiled.filter(({ exception }) => exception).map(({ pattern }) => pattern);
  const folders = new Map<string, Verdict>();

  /** Which patterns match the path or a folder above it, and what follows from that. */
  function judge(path: string): Verdict {
    const slash = path.lastIndexOf("/");
    const parent = slash === -1 ? undefined : judgeFolder(path.slice(0, slash));
    const matches: boolean[] = [];
    let ignored = false;
    for (const [i, { exception, pattern }] of compiled.entries()) {
      const match = parent?.matches[i] === true || (exception === ignored && pattern.matches(path));
      matches.push(match);
      if (match) ignored = !exception;
    }
    return { ignored, matches };
  }

  function judgeFolder(path: string): Verdict {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const verdict = judge(path);
    folders.set(path, verdict);
    return verdict;
  }

  return {
    ignored: (path) => compiled.length > 0 && judge(path).ignored,
    mayHoldIncluded: (directory) => compiled.length === 0 || !judgeFolder(directory).ignored || exceptions.some((pattern) => pattern.mayMatchBelow(directory)),
  };
}

interface Verdict {
  readonly ignored: boolean;
  readonly matches: readonly boolean[];
}

function compile(rules: IgnoreRules): Rule[] {
  if (rules.length > MOST_PATTERNS) {
    throw new ProblemError("limit-exceeded", {
      message: `${rules.length} patterns are more than the ${MOST_PATTERNS} that we compare`,
      hint: "ignore whole folders",
    });
  }
  const compiled: Rule[] = [];
  for (const rule of rules) {
    const written = trimSpace(rule);
    if (written === "") continue;
    const cleaned = cleanPath(written);
    if (cleaned === "!") {
      throw new ProblemError("dockerfile-syntax", {
        message: 'the ignore pattern "!" excepts nothing',
        hint: "name a path behind the exclamation mark, or remove the line",
      });
    }
    const exception = cleaned.startsWith("!");
    const pattern = exception ? cleaned.slice(1) : cleaned;
    goMatch(pattern, ".");
    compiled.push({ exception, pattern: pathPattern(pattern) });
  }
  return compiled;
}

/** Go's `filepath.Clean`: as `posix.normalize`, but without a slash at the end. */
function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}
