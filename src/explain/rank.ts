import type { Failure, Signature } from "../facts/failures.ts";
import type { Confidence } from "../findings/finding.ts";
import { TELLINGS } from "./causes/tellings.ts";
import type { Circumstances, Verdict } from "./circumstances.ts";
import type { Cause } from "./explanation.ts";
import type { Hit } from "./step-state.ts";

const WEIGHTS = { names: 3, suggests: 1.5, mentions: 0.5 } as const;
/** How far the first cause must be ahead of the second to be likely. */
const LEAD = 1.5;

interface Candidate {
  readonly failure: Failure;
  /** Some line tells nothing else. */
  unique: boolean;
  /** Of its weightiest line. */
  weight: number;
  /** Some line tells it, rather than only speaks for it. */
  told: boolean;
  /** Some line with it is in the tool's own words, not from hearsay. */
  exact: boolean;
  verdict: Verdict;
}

/** The causes that lines with signatures leave possible, the likeliest first; none when the lines only mention things. */
export function rank(hits: readonly Hit[], at: Circumstances): readonly Cause[] {
  const candidates = [...gather(hits, at).values()].filter((candidate) => candidate.told && candidate.verdict !== "excluded");
  candidates.sort((a, b) => scoreOf(b) - scoreOf(a));
  const [best, second] = candidates;
  return candidates.map((candidate) => {
    const alone = candidates.length === 1;
    const ahead = candidate === best && (second === undefined || scoreOf(candidate) - scoreOf(second) >= LEAD);
    return causeOf(candidate, confidenceOf(candidate, alone, ahead), !alone);
  });
}

function gather(hits: readonly Hit[], at: Circumstances): ReadonlyMap<string, Candidate> {
  const candidates = new Map<string, Candidate>();
  const counted = new Set<string>();
  for (const hit of hits)
    for (const { indexed } of hit.matches) {
      const { signature, failures } = indexed;
      if (counted.has(signature.text)) continue;
      if (signature.weight !== "suggests" || hit.isError) counted.add(signature.text);
      for (const failure of failures) {
        const candidate = candidates.get(failure.id) ?? started(failure, at);
        candidates.set(failure.id, candidate);
        candidate.weight = Math.max(candidate.weight, weightOf(signature));
        const told = signature.weight === "names" || (signature.weight === "suggests" && hit.isError) || at.noticed.has(failure.id);
        candidate.told ||= told;
        candidate.unique ||= told && failures.length === 1;
        candidate.exact ||= told && signature.match === "exact" && signature.weight === "names";
      }
    }
  return candidates;
}

function started(failure: Failure, at: Circumstances): Candidate {
  const verdict = TELLINGS[failure.id]?.weigh(at);
  return { failure, verdict, weight: 0, told: false, exact: false, unique: false };
}

/** A long signature tells more than a short one: several may fit one line. */
const weightOf = ({ weight, text }: Signature): number => WEIGHTS[weight] * (1 + Math.min(text.length, LONG) / LONG);
const LONG = 60;

const weightFor = ({ verdict }: Candidate): number => (verdict === undefined || verdict === "excluded" ? 0 : verdict.weight);
const scoreOf = (candidate: Candidate): number => candidate.weight + weightFor(candidate);
/** Weight of a circumstance that leaves no doubt. */
const PROOF = 5;

function confidenceOf(candidate: Candidate, alone: boolean, ahead: boolean): Confidence {
  // What only our own reasoning left over is not certain, unless something proves it.
  if (alone) return candidate.exact && (candidate.unique || weightFor(candidate) >= PROOF) ? "certain" : "likely";
  return ahead && (candidate.exact || candidate.verdict !== undefined) ? "likely" : "possible";
}

function causeOf({ failure, verdict }: Candidate, confidence: Confidence, tellsApart: boolean): Cause {
  const { id, title, kind, cause, remedies, sources } = failure;
  const because = verdict === undefined || verdict === "excluded" ? [] : [verdict.because];
  return { id, title, kind, confidence, because, apart: tellsApart ? TELLINGS[id]?.apart : undefined, cause, remedies, sources };
}
