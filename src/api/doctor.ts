import type { World } from "../adapters/node/world.ts";
import type { DoctorReport } from "../findings/doctor-report.ts";
import type { Severity } from "../findings/finding.ts";
import type { SessionOptions } from "./session.ts";

export type { CutJob, DoctorReport, IgnoredFinding, RuleSummary, UnreachedImage } from "../findings/doctor-report.ts";

/** Whether registries are asked what the images are that Dockerfiles build upon, and how. */
export interface OnlineOptions extends Omit<SessionOptions, "store"> {
  /** Default: nobody is asked. What cannot be reached is told (`unreached`), and fails nothing. */
  readonly online?: boolean | undefined;
}

/** What `doctor` is asked. */
export interface DoctorRequest extends OnlineOptions {
  /** The repository's folder (default: where you stand), or one workflow, action or Dockerfile of it. */
  readonly path?: string | undefined;
  /** `YYYY-MM-DD`: the day whose runners are taken; default today. */
  readonly asOf?: string | undefined;
  /** The lowest severity that makes the report a failed one; default what `multihull.yaml` says, else `error`. */
  readonly failOn?: Severity | undefined;
  /** Only these rules; empty or absent: all. */
  readonly rules?: readonly string[] | undefined;
}

/**
 * Predicts from a repository's files why its multi-platform builds will fail in GitHub Actions. Runs nothing, and asks nobody but
 * registries where `online` says so.
 * @throws {ProblemError} `file-unreadable` | `workflow-missing` | `usage` | `interrupted`
 */
export async function doctor(request: DoctorRequest = {}, world?: World): Promise<DoctorReport> {
  // Readers and rules are most of the package: only who asks for them loads them.
  const { examine } = await import("./examine.ts");
  return await examine(request, world);
}
