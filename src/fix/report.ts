import type { UnreachedImage } from "../findings/doctor-report.ts";
import type { AppliedFix, Remaining } from "./plan.ts";

/** What `fix` did, or would do. */
export interface FixReport {
  /** The repository's folder, relative to where the user stands; names of files are relative to it. */
  readonly root: string;
  /** `YYYY-MM-DD`: the day whose runners and actions were taken. */
  readonly asOf: string;
  readonly applied: readonly AppliedFix[];
  readonly remaining: readonly Remaining[];
  /** By path. */
  readonly files: readonly FixedFile[];
  /** Whether the files were written. */
  readonly written: boolean;
  /** As `DoctorReport.unreached`. */
  readonly unreached: readonly UnreachedImage[];
  /** Something is wrong with the files as they are now: what is left after writing, everything when nothing was written. */
  readonly failed: boolean;
}

/** A file that a fix changes. */
export interface FixedFile {
  readonly path: string;
  /** Unified, as `git apply` takes it. */
  readonly diff: string;
}
