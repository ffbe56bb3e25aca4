/** What a pattern of a workflow may cost: it is a stranger's, and must not hang us. */
const LONGEST_SUBJECT = 40;
const LONGEST_PATTERN = 200;
const MOST_REPEATS = 6;

/** Null: no match. Undefined: not tried, because the pattern is no pattern, or could take long. */
export function matched(subject: string, pattern: string, flags = ""): RegExpMatchArray | null | undefined {
  if (subject.length > LONGEST_SUBJECT || pattern.length > LONGEST_PATTERN || takesLong(pattern)) return undefined;
  try {
    return subject.match(new RegExp(pattern, flags.replaceAll("g", "")));
  } catch {
    return undefined;
  }
}

/** Repeated groups and back references cost exponentially, repeats in a row polynomially. */
function takesLong(pattern: string): boolean {
  const bare = pattern.replace(/\\[^1-9k]/g, "x").replace(/\[[^\]]*\]/g, "x");
  return /\)[*+{]|\\[1-9k]/.test(bare) || (bare.match(/[*+{]/g)?.length ?? 0) > MOST_REPEATS;
}
