import type { FixedFile } from "./report.ts";

/** What `fix --runners` did, or would do. */
export interface RunnersReport {
  /** As `FixReport.root`. */
  readonly root: string;
  readonly asOf: string;
  /** `native`: each platform on a runner of its own architecture. `one`: all on one runner. */
  readonly runners: "native" | "one";
  /** In the order in which they were made, each on what the ones before left. */
  readonly made: readonly MadeRunners[];
  /** Jobs that are of this kind, and were left as they are. */
  readonly refused: readonly RefusedRunners[];
  /** By path. */
  readonly files: readonly FixedFile[];
  /** Whether the files were written. */
  readonly written: boolean;
  /** A job that was asked for by its id was left as it is, or none could be changed at all where there are some. */
  readonly failed: boolean;
}

/** A job that was changed, proven by the simulation. */
export interface MadeRunners {
  readonly file: string;
  /** Its id, which whoever waits for it goes on to name. */
  readonly job: string;
  /** The jobs that were spread from it, or that it was made of. */
  readonly jobs: readonly string[];
  /** What the workflow does otherwise now: sentences without capital and full stop. */
  readonly changes: readonly string[];
}

/** A job of this kind that was left as it is, and why. */
export interface RefusedRunners {
  readonly file: string;
  readonly job: string;
  /** A sentence without capital and full stop. */
  readonly reason: string;
}
