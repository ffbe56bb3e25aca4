import type { LogFacts, StepInLog, Where } from "./explanation.ts";
import type { Hit } from "./step-state.ts";

/** What a log tells around a failure, for telling its causes apart. */
export interface Circumstances {
  readonly log: LogFacts;
  /** Steps of the same job that ran before. */
  readonly before: readonly StepInLog[];
  readonly failing: StepInLog | undefined;
  /** Script of the failing step; undefined for an action, and where the log does not tell. */
  readonly script: string | undefined;
  /** The log holds the job from its beginning: a step that is not told of did not run. */
  readonly isWhole: boolean;
  readonly downloaded: ReadonlySet<string>;
  /** Steps of other jobs in the same log. */
  readonly elsewhere: readonly StepInLog[];
  readonly where: Where;
  /** The failing vertex builds for another platform than its programs run as. */
  readonly crosses: boolean;
  /** It failed while an instruction of a Dockerfile was run, rather than in the step itself; undefined where the log does not tell. */
  readonly inBuild: boolean | undefined;
  /** Lines with signatures: those of the failure. */
  readonly hits: readonly Hit[];
  /** Failures whose signatures stood in steps that went well. */
  readonly noticed: ReadonlySet<string>;
}

/** What a circumstance says of a cause: a sentence that speaks for it with its weight, or that it cannot be. */
export type Verdict = { readonly because: string; readonly weight: number } | "excluded" | undefined;

/** How one cause is told from others with the same signature. */
export interface Telling {
  /** What to look at: a sentence, lower-case, no full stop. */
  readonly apart: string;
  readonly weigh: (at: Circumstances) => Verdict;
}

export const speaks = (because: string, weight: number): Verdict => ({ because, weight });

/** Steps before the failure that used an action, whatever its version. */
export const used = (at: Circumstances, action: string): readonly StepInLog[] => at.before.filter((step) => isAction(step, action));

export const isAction = (step: StepInLog | undefined, action: string): boolean => step?.uses?.toLowerCase().startsWith(`${action}@`) === true;

/** Lines of a signature with something in its hole. */
export function captured(at: Circumstances, name: string): readonly string[] {
  return at.hits.flatMap((hit) => hit.matches.flatMap(({ captures }) => captures[name] ?? []));
}

/** True where one of the failure's lines holds a signature of this text. */
export const says = (at: Circumstances, part: string): boolean =>
  at.hits.some((hit) => hit.matches.some(({ indexed }) => indexed.signature.text.includes(part)));

/** Platforms that the failing step asks for; undefined where the log does not tell. */
export function platformsAsked(at: Circumstances): readonly string[] | undefined {
  const list = at.failing?.with.platforms ?? /--platform[= ](\S{1,500})/.exec(at.script ?? "")?.[1];
  if (list !== undefined) return list.split(/[,\s]+/).filter((platform) => platform !== "");
  return at.failing?.uses === undefined ? undefined : [];
}

export const first = (step: StepInLog | undefined): string => `line ${step?.line ?? 0}`;
