import type { Finding, Fix, Remedy } from "../findings/finding.ts";
import { isRefused, type ReadText, type Texts } from "./apply.ts";
import { type Attempt, type Check, type Proven, proveFixes, type State } from "./prove.ts";
import { anchoredCauseOf } from "./same-finding.ts";

/** Which fixes are wanted. */
export interface FixChoice {
  /**
   * Which remedy, where a finding has several; then only errors are mended, and findings that have that remedy, unless `rules` asks for others.
   * Undefined: everything, each by its first remedy that can be proven.
   */
  readonly with?: Fix["with"];
  /** Only findings of these rules. Empty or absent: all. */
  readonly rules?: readonly string[] | undefined;
  /** Also fixes that may change more than the mend. */
  readonly unsafe?: boolean | undefined;
}

export interface FixPlan {
  /** In the order in which they were made, each on what the ones before left. */
  readonly applied: readonly AppliedFix[];
  /** Files that are other than they were, by path. */
  readonly texts: Texts;
  /** What is still found, of the rules that were asked for; its places are those of the new texts. */
  readonly remaining: readonly Remaining[];
}

/** A finding that was mended, and how. */
export interface AppliedFix {
  /** With its place in the text as it was when the fix was made. */
  readonly finding: Finding;
  readonly remedy: Remedy;
  readonly files: readonly string[];
}

/** A finding that was not mended, and what people can do. */
export interface Remaining {
  readonly finding: Finding;
  readonly advice: readonly Advice[];
}

/** A remedy that was not made, and why: a sentence without capital and full stop. */
export interface Advice {
  readonly remedy: Remedy;
  readonly reason: string;
}

/** How often all that could not be proven is tried again when something else has been mended since. */
const MOST_PASSES = 3;

/** Mends what is found, one fix a finding. Two findings with one cause are mended by one fix: after it, the other is not found any more. */
export function planFixes(read: ReadText, check: Check, choice: FixChoice): FixPlan {
  const applied: AppliedFix[] = [];
  let state: State = { texts: new Map(), findings: check(new Map()) };
  let tried = new Map<string, readonly Advice[]>();
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const before = applied.length;
    tried = new Map();
    // A look at everything takes the longest: fixes of different files share one, unless one of them spoils it for the others.
    let together = true;
    for (let open = untried(state, choice, tried); open.length > 0; open = untried(state, choice, tried)) {
      const several = together ? ofDifferentFiles(open, choice) : [];
      const [first] = open as [Named];
      const outcome = several.length > 1 ? atOnce(several, state, read, check) : firstProven(first.finding, state, choice, read, check);
      if (outcome === undefined) together = false;
      else if ("advice" in outcome) tried.set(first.id, outcome.advice);
      else {
        state = outcome.proven.state;
        applied.push(...outcome.attempts.map(({ finding, remedy }, i) => ({ finding, remedy, files: outcome.proven.files[i] ?? [] })));
      }
    }
    if (applied.length === before || pass === MOST_PASSES - 1) break;
  }
  const remaining = untried(state, choice, new Map()).map(({ finding, id }) => ({ finding, advice: tried.get(id) ?? [] }));
  return { applied, texts: withoutSame(state.texts, read), remaining };
}

/** A finding with a name that stays its while others are mended. */
interface Named {
  readonly finding: Finding;
  readonly id: string;
}

function untried({ findings }: State, choice: FixChoice, tried: ReadonlyMap<string, unknown>): readonly Named[] {
  const counts = new Map<string, number>();
  const named = findings.map((finding): Named => {
    const cause = anchoredCauseOf(finding);
    const nth = counts.get(cause) ?? 0;
    counts.set(cause, nth + 1);
    return { finding, id: `${cause}\n${nth}` };
  });
  return named.filter(({ finding, id }) => isWanted(finding, choice) && !tried.has(id));
}

function isWanted(finding: Finding, { with: way, rules = [] }: FixChoice): boolean {
  if (rules.length > 0) return rules.includes(finding.rule);
  return way === undefined || finding.severity === "error" || finding.remedies.some(({ fix }) => fix?.with === way);
}

/** The first fix of each finding, as far as no other edits a file of it. */
function ofDifferentFiles(open: readonly Named[], choice: FixChoice): readonly Attempt[] {
  const taken = new Set<string>();
  return open.flatMap(({ finding }): Attempt[] => {
    const remedy = finding.remedies.find(({ fix }) => fix !== undefined && unwanted(fix, choice) === undefined);
    const files = remedy?.fix?.edits.map(({ file }) => file.name) ?? [];
    if (remedy?.fix === undefined || files.some((name) => taken.has(name))) return [];
    for (const name of files) taken.add(name);
    return [{ finding, remedy, fix: remedy.fix }];
  });
}

interface Made {
  readonly proven: Proven;
  readonly attempts: readonly Attempt[];
}

function atOnce(attempts: readonly Attempt[], state: State, read: ReadText, check: Check): Made | undefined {
  const proven = proveFixes(attempts, state, read, check);
  return isRefused(proven) ? undefined : { proven, attempts };
}

function firstProven(finding: Finding, state: State, choice: FixChoice, read: ReadText, check: Check): Made | { readonly advice: readonly Advice[] } {
  const advice: Advice[] = [];
  for (const remedy of finding.remedies) {
    const { fix } = remedy;
    const reason = fix === undefined ? "it cannot be made by editing files alone" : unwanted(fix, choice);
    if (fix === undefined || reason !== undefined) {
      advice.push({ remedy, reason: reason ?? "" });
      continue;
    }
    const attempts = [{ finding, remedy, fix }];
    const proven = proveFixes(attempts, state, read, check);
    if (!isRefused(proven)) return { proven, attempts };
    advice.push({ remedy, reason: proven.refused });
  }
  return { advice };
}

function unwanted(fix: Fix, choice: FixChoice): string | undefined {
  if (choice.with !== undefined && fix.with !== undefined && fix.with !== choice.with) return `it is another way than --with ${choice.with}`;
  return fix.safety === "unsafe" && choice.unsafe !== true ? "it may change more than the mend: add --unsafe to have it" : undefined;
}

function withoutSame(texts: Texts, read: ReadText): Texts {
  return new Map([...texts].filter(([path, text]) => read(path) !== text));
}
