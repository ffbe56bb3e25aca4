import type { FileEdit } from "../../../findings/finding.ts";

/** A job that is spread over native runners, or the way back. */
export interface RunnersChange {
  /** The job's id before. */
  readonly job: string;
  /** Ids of the jobs that stand for it afterwards: the one that builds first, the one that publishes last. */
  readonly jobs: readonly string[];
  readonly edit: FileEdit;
  /** What the workflow does otherwise afterwards: sentences without capital and full stop. */
  readonly changes: readonly string[];
}
