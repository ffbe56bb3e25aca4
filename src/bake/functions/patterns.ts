/** Patterns of a bake file are run on texts of a bake file: both short. Longer ones are left unknown. */
const LONGEST_PATTERN = 500;
/** What takes exponential time here and linear time in Go: a repeated group that holds a repetition. */
const NESTED_REPEAT = /\((?:[^()\\]|\\.)*[*+}](?:[^()\\]|\\.)*\)[*+{]/;
/** Where Go's and JavaScript's patterns differ: classes by name, flags within, `\A`, `\z`, `\Q`, `\C`, `\p`. */
const OTHER_DIALECT = /\[\[:|\(\?[a-zA-Z]*[:)]|\\[AzQECpP]/;

/** A pattern of Go as one of JavaScript; undefined when it might mean something else, or take too long. */
export function goRegExp(pattern: string): RegExp | undefined {
  const common = pattern.replaceAll("(?P<", "(?<").replaceAll("(?:", "(");
  if (pattern.length > LONGEST_PATTERN || NESTED_REPEAT.test(common) || OTHER_DIALECT.test(common)) return undefined;
  try {
    return new RegExp(pattern.replaceAll("(?P<", "(?<"), "u");
  } catch {
    return undefined;
  }
}

/** Replaces every match; `$1` and `${name}` in `by` stand for groups. */
export function replaced(whole: string, pattern: RegExp, by: string): string {
  return whole.replace(new RegExp(pattern, `${pattern.flags}g`), (...match: unknown[]) => {
    const last = match.at(-1);
    const groups = typeof last === "object" && last !== null ? (last as Record<string, string | undefined>) : {};
    return by.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (all, bare?: string, braced?: string) => {
      if (all === "$$") return "$";
      const name = bare ?? braced ?? "";
      const group = /^\d+$/.test(name) ? match[Number(name)] : groups[name];
      return typeof group === "string" ? group : "";
    });
  });
}
