import type { Place } from "../core/span.ts";
import type { Finding } from "../findings/finding.ts";
import type { Explanation } from "./explanation.ts";

/** An explained log, with where its failures are in the repository at hand. */
export interface ExplainReport {
  /** As given: a path, or `-`. */
  readonly log: string;
  readonly explanation: Explanation;
  /** One for each failure of the explanation, in its order; empty where no repository is at hand. */
  readonly inRepository: readonly InRepository[];
}

/** Where a failure is in the repository. */
export interface InRepository {
  /** Steps that the log's failing step may be, those that fit best. */
  readonly steps: readonly LocatedStep[];
  /** What `doctor` finds that tells the same failure, at those steps where it tells it there. */
  readonly findings: readonly Finding[];
}

/** A step of a workflow that the failing step of a log may be. */
export interface LocatedStep {
  readonly job: string;
  readonly place: Place;
}
