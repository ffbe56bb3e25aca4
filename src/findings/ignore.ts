import { nearest } from "../core/nearest.ts";
import type { Place } from "../core/span.ts";
import type { IgnoredFinding } from "./doctor-report.ts";
import type { Finding } from "./finding.ts";
import { IGNORE_RULE } from "./own-rules.ts";

/** Something that silences findings of one rule. */
export interface Ignore {
  readonly rule: string;
  /** Undefined when none is given. */
  readonly reason: string | undefined;
  /** Where the rule is named. */
  readonly place: Place;
  /** For people: `a comment at Dockerfile:3`, `multihull.yaml:2`. */
  readonly by: string;
  /** Whether the finding is where it silences; its rule is compared elsewhere. */
  readonly covers: (finding: Finding) => boolean;
}

export interface Silenced {
  /** What is left, and what there is to say about the ignores themselves. */
  readonly findings: readonly Finding[];
  readonly ignored: readonly IgnoredFinding[];
}

/**
 * Takes out what is ignored.
 * @param known  ids of every rule, to tell one that does not exist
 * @param asked  whether findings of a rule were looked for in this run: an ignore of another one is not said to match nothing
 */
export function silence(findings: readonly Finding[], ignores: readonly Ignore[], known: readonly string[], asked: (rule: string) => boolean): Silenced {
  const byRule = new Map<string, Ignore[]>();
  for (const ignore of ignores) byRule.set(ignore.rule, [...(byRule.get(ignore.rule) ?? []), ignore]);
  const used = new Set<Ignore>();
  const left: Finding[] = [];
  const ignored: IgnoredFinding[] = [];
  for (const finding of findings) {
    const covering = (byRule.get(finding.rule) ?? []).filter((ignore) => ignore.covers(finding));
    for (const ignore of covering) used.add(ignore);
    // One that gives a reason goes before one that does not.
    const ignore = covering.find(({ reason }) => reason !== undefined) ?? covering[0];
    if (ignore === undefined) left.push(finding);
    else ignored.push({ finding, reason: ignore.reason, by: ignore.by });
  }
  const about = ignores.flatMap((ignore) => {
    if (!known.includes(ignore.rule)) return [unknownRule(ignore, known)];
    if (!used.has(ignore)) return asked(ignore.rule) ? [matchesNothing(ignore)] : [];
    return ignore.reason === undefined ? [withoutReason(ignore)] : [];
  });
  return { findings: [...left, ...about], ignored };
}

function unknownRule(ignore: Ignore, known: readonly string[]): Finding {
  const near = nearest(ignore.rule, known);
  const act = near === undefined ? "take it out; docs/rules.md lists the rules" : `did you mean ${near}?`;
  return findingAbout(ignore, `there is no rule "${ignore.rule}" to ignore`, "what is ignored under a name that does not exist is not ignored", act);
}

const matchesNothing = (ignore: Ignore): Finding =>
  findingAbout(
    ignore,
    `nothing is found here that ignoring "${ignore.rule}" would silence`,
    "what was ignored is mended or has moved, and the next such finding here would be silenced unseen",
    "take it out",
  );

const withoutReason = (ignore: Ignore): Finding =>
  findingAbout(
    ignore,
    `"${ignore.rule}" is ignored without a reason`,
    "whoever reads this later cannot tell whether it still holds",
    "say why: `# multihull: ignore RULE -- reason` in a comment, `reason:` in multihull.yaml",
  );

const findingAbout = (ignore: Ignore, message: string, cause: string, act: string): Finding => ({
  rule: IGNORE_RULE,
  severity: "info",
  confidence: "certain",
  message,
  place: ignore.place,
  facts: [],
  when: { always: true, scenarios: [], rows: [], condition: undefined },
  log: undefined,
  cause,
  remedies: [{ title: act, price: "", fix: undefined }],
});
