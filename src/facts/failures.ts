import catalogue from "../../data/failures.json" with { type: "json" };

/** A known failure of multi-platform image builds in CI. */
export interface Failure {
  readonly id: string;
  /** Letter of {@link FAILURE_GROUPS}. */
  readonly group: FailureGroup;
  /** `fail` stops the job, `silent` publishes something wrong, `slow` wastes time, `warn` only tells. */
  readonly kind: "fail" | "silent" | "slow" | "warn";
  readonly title: string;
  /** What logs say; none where nothing is printed. */
  readonly signatures: readonly Signature[];
  /** Which tools print it, with the versions. */
  readonly emittedBy: string;
  readonly cause: string;
  /** Acts, the best first. */
  readonly remedies: readonly string[];
  /** Links. */
  readonly sources: readonly string[];
  /** Why it cannot be decided from a repository's files; undefined where it can. */
  readonly undecided: Undecided | undefined;
}

export type FailureGroup = "A" | "B" | "C" | "D" | "E" | "F" | "G" | "H" | "I" | "J" | "K";

/** A text in a log. */
export interface Signature {
  /** As printed; `{name}` stands for anything within the line. */
  readonly text: string;
  /** `exact`: found in the tool's source or in a published log. `loose`: from hearsay, so that case and blanks do not count. */
  readonly match: "exact" | "loose";
  /** `names` tells the failure by itself, `suggests` does so on a line that is an error, `mentions` only speaks for a failure that something else tells. */
  readonly weight: "names" | "suggests" | "mentions";
  /** What prints it. */
  readonly tool: string;
}

export interface Undecided {
  /** What would have to be asked. */
  readonly needs: "host" | "run" | "registry" | "image" | "service" | "consumer" | "log" | "other-ci" | "tool";
  /** A sentence, lower-case, no full stop. */
  readonly why: string;
}

interface Row extends Omit<Failure, "undecided"> {
  readonly undecided?: Undecided;
}

let read: ReadonlyMap<string, Failure> | undefined;

/** The catalogue by id, in its own order. */
export function failures(): ReadonlyMap<string, Failure> {
  read ??= new Map((catalogue.failures as readonly Row[]).map((row) => [row.id, { ...row, undecided: row.undecided }]));
  return read;
}

/** Names of the groups, by letter. */
export const FAILURE_GROUPS: Readonly<Record<FailureGroup, string>> = catalogue.groups;
