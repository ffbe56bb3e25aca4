import type { Confidence, Finding, Severity } from "./finding.ts";

/** What `doctor` found in a repository. */
export interface DoctorReport {
  /** The repository's folder, relative to where the user stands; `.` when that is it. Names of files are relative to this folder. */
  readonly root: string;
  /** `YYYY-MM-DD`: the day whose runners were taken. */
  readonly asOf: string;
  /** The workflows that were walked, by path, in order. */
  readonly workflows: readonly string[];
  /** Sorted by file, place and severity. Mistakes that readers told of files are among them, under the rule `syntax`. */
  readonly findings: readonly Finding[];
  /** Those that the repository silences, in the same order. */
  readonly ignored: readonly IgnoredFinding[];
  /** Jobs that can run in more ways than were walked. */
  readonly cut: readonly CutJob[];
  /** Images that registries told nothing of, and so no rule tells anything of; only where they were asked (`online`). */
  readonly unreached: readonly UnreachedImage[];
  /** The lowest severity that makes the run fail. */
  readonly failOn: Severity;
  /** A finding has it, or a worse one. What is only possible fails nothing: a false alarm costs more than a missed hint. */
  readonly failed: boolean;
  /** Every rule that was asked, by id: what a format says once for all findings of a rule. */
  readonly rules: readonly RuleSummary[];
}

/** A finding that a comment or `multihull.yaml` silences. */
export interface IgnoredFinding {
  readonly finding: Finding;
  /** As given by whoever silenced it; undefined when no reason is given. */
  readonly reason: string | undefined;
  /** Where: the comment, or the entry of `multihull.yaml`. */
  readonly by: string;
}

/** A job that can run in more ways than were walked: nothing is told of the rest. */
export interface CutJob {
  readonly file: string;
  readonly job: string;
}

/** An image that Dockerfiles build upon, of which nothing could be learned. */
export interface UnreachedImage {
  /** In full, with tag or digest. */
  readonly image: string;
  /** A sentence, lower-case, no full stop. */
  readonly why: string;
}

/** What there is to say of a rule, whatever it finds. */
export interface RuleSummary {
  readonly id: string;
  readonly summary: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** The page that explains it, relative to the project's own root: `docs/rules.md#builder-driver-without-multi-platform`. */
  readonly page: string;
}
