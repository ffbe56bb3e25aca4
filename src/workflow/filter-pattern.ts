/** One step of a compiled pattern: a character to be met, and which later steps may be taken without meeting it. */
interface Step {
  readonly meets: (c: string) => boolean;
  /** May be met again and again. */
  readonly repeats: boolean;
  /** How many steps further one may go without meeting anything. */
  readonly skips: readonly number[];
}

/** A compiled pattern of `branches`, `tags` or `paths`, without its leading `!`. */
export type FilterPattern = readonly Step[];

const any = (): boolean => true;
const never = (): boolean => false;
const notSlash = (c: string): boolean => c !== "/";

/**
 * Compiles a filter pattern: `*` is anything but a slash, `**` anything, `?` none or one and `+` one or more of the character before,
 * `[a-z]` one of these, `\` takes the next one literally; a `**` with its slash at a folder's start also stands for no folder.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet (read 2026-11-22)
 */
export function compileFilterPattern(pattern: string): FilterPattern {
  const steps: Step[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i] as string;
    const atFolder = i === 0 || pattern[i - 1] === "/";
    if (atFolder && pattern.startsWith("**/", i)) {
      // All three or none of them.
      steps.push(
        { meets: never, repeats: false, skips: [1, 3] },
        { meets: any, repeats: true, skips: [1] },
        { meets: (met) => met === "/", repeats: false, skips: [] },
      );
      i += 2;
    } else if (c === "*") {
      const twice = pattern[i + 1] === "*";
      while (pattern[i + 1] === "*") i++;
      steps.push({ meets: twice ? any : notSlash, repeats: true, skips: [1] });
    } else if ((c === "?" || c === "+") && steps.length > 0) quantify(steps, c);
    else if (c === "[" && pattern.indexOf("]", i + 2) !== -1) {
      const end = pattern.indexOf("]", i + 2);
      steps.push({ meets: oneOf(pattern.slice(i + 1, end)), repeats: false, skips: [] });
      i = end;
    } else {
      const literal = c === "\\" && i + 1 < pattern.length ? (pattern[++i] as string) : c;
      steps.push({ meets: (met) => met === literal, repeats: false, skips: [] });
    }
  }
  return steps;
}

function quantify(steps: Step[], sign: "?" | "+"): void {
  const last = steps.at(-1) as Step;
  if (last.repeats) return;
  if (sign === "?") steps[steps.length - 1] = { ...last, skips: [1] };
  else steps.push({ meets: last.meets, repeats: true, skips: [1] });
}

function oneOf(set: string): (c: string) => boolean {
  const ranges: (readonly [string, string])[] = [];
  for (let i = 0; i < set.length; i++) {
    const from = set[i] as string;
    const to = set[i + 1] === "-" ? set[i + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) i += 2;
  }
  return (c) => ranges.some(([from, to]) => from <= c && c <= to);
}

/** True when the whole name fits. Takes steps × characters, whatever the pattern. */
export function fitsPattern(pattern: FilterPattern, name: string): boolean {
  let states = reach(pattern, [0]);
  for (const c of name.split("")) {
    const next: number[] = [];
    for (const at of states) {
      const step = pattern[at];
      if (step?.meets(c)) next.push(step.repeats ? at : at + 1);
    }
    if (next.length === 0) return false;
    states = reach(pattern, next);
  }
  return states.has(pattern.length);
}

function reach(pattern: FilterPattern, from: readonly number[]): ReadonlySet<number> {
  const states = new Set(from);
  // A set may grow while it is walked.
  for (const at of states) for (const skip of pattern[at]?.skips ?? []) states.add(at + skip);
  return states;
}
