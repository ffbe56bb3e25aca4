import type { Case } from "./case.ts";
import { differences, type Outcome } from "./differences.ts";
import type { EngineName } from "./engines.ts";

/** One engine's outcome with its name. */
export interface Tried {
  readonly name: EngineName;
  readonly outcome: Outcome;
}

/** Everything wrong about a case: what the two engines do differently, and where the second does not do what the case was written for. Empty: all is well. */
export function verdict(theCase: Case, left: Tried, right: Tried): string[] {
  if (left.name === "ours" && theCase.weRefuse !== undefined) {
    return "refused" in left.outcome ? [] : [`ours built what we say that we refuse: ${theCase.weRefuse}`];
  }
  const found = differences(left.outcome, right.outcome, {
    times: theCase.times ?? true,
    names: [left.name, right.name],
    leaveOut: theCase.leaveOut ?? [],
  });
  if (left.name === "ours" && theCase.weDiffer !== undefined) {
    return "built" in left.outcome && found.length > 0 ? [] : [`ours is no other, or refuses, though we say that it differs: ${theCase.weDiffer}`];
  }
  const refused = "refused" in right.outcome ? right.outcome.refused : undefined;
  if (theCase.fails !== undefined && refused === undefined) found.push(`${right.name} built what is meant to fail with ${theCase.fails}`);
  if (theCase.fails === undefined && refused !== undefined) found.push(`${right.name} refused what is meant to be built: ${refused}`);
  if (theCase.fails !== undefined && refused !== undefined && !theCase.fails.test(refused)) {
    found.push(`${right.name} refused for another reason than ${theCase.fails}: ${refused}`);
  }
  if (left.name === "ours" && theCase.weSay !== undefined && "refused" in left.outcome && !theCase.weSay.test(left.outcome.refused)) {
    found.push(`ours does not say ${theCase.weSay}: ${left.outcome.refused}`);
  }
  return found;
}

/** Whether what our command made by a builder is what Buildx gets from it: the same image; or a refusal, in BuildKit's words where we have no problem of our own for it. Empty: it is. */
export function handedOn(theCase: Case, ours: Tried, theirs: Tried): string[] {
  const { times = true, leaveOut = [], fails } = theCase;
  const found = differences(ours.outcome, theirs.outcome, { times, leaveOut, names: [ours.name, theirs.name] });
  if (fails === undefined || !("refused" in ours.outcome) || !("refused" in theirs.outcome)) return found;
  const [said, wanted] = [ours.outcome.refused, theirs.outcome.refused];
  if (said.startsWith("error[buildkit-failed]") && fails.test(wanted) && !fails.test(said)) found.push(`${ours.name} does not say ${fails}: ${said}`);
  return found;
}
