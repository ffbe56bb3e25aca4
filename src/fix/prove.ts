import type { Finding, Fix, Remedy } from "../findings/finding.ts";
import { applyFix, isRefused, type ReadText, type Refused, type Texts } from "./apply.ts";
import { areGone, newcomers } from "./same-finding.ts";

/** All that is found with some files replaced, mistakes of reading them too: the same for the same texts. */
export type Check = (texts: Texts) => readonly Finding[];

/** The repository as the fixes so far left it. */
export interface State {
  /** Files that are other than they were. */
  readonly texts: Texts;
  readonly findings: readonly Finding[];
}

/** One way to mend one finding. */
export interface Attempt {
  readonly finding: Finding;
  readonly remedy: Remedy;
  readonly fix: Fix;
}

/** What came of proven fixes. */
export interface Proven {
  readonly state: State;
  /** Paths of the files that each changed. */
  readonly files: readonly (readonly string[])[];
}

/**
 * Makes fixes in memory, reads the files again and simulates again: proven when what they mend is gone, nothing new of any weight came, and nothing but what
 * they are about has changed. As it is gone, the same fix is not made twice. Several at once must be of different files.
 */
export function proveFixes(attempts: readonly Attempt[], state: State, read: ReadText, check: Check): Proven | Refused {
  const texts = new Map(state.texts);
  const files: string[][] = [];
  for (const { fix } of attempts) {
    const made = applyFix(fix, (path) => state.texts.get(path) ?? read(path));
    if (isRefused(made)) return made;
    for (const [path, text] of made.texts) texts.set(path, text);
    files.push([...made.texts.keys()]);
  }
  const findings = check(texts);
  const targets = attempts.map(({ finding }) => finding);
  const came = newcomers(state.findings, findings).find((finding) => !targets.every((target) => isTrifle(finding, target)));
  if (came !== undefined) return { refused: `after it there would be something new: ${came.message}` };
  if (!areGone(targets, state.findings, findings)) return { refused: "after it the same would still be found" };
  return { state: { texts, findings }, files };
}

/** What comes to be seen once something builds at all, such as that it builds slowly, is no reason to leave it broken. */
const isTrifle = (came: Finding, mended: Finding): boolean =>
  (came.severity === "info" && mended.severity !== "info") || (came.confidence === "possible" && mended.confidence !== "possible");
