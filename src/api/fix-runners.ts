import type { World } from "../adapters/node/world.ts";
import type { RunnersReport } from "../fix/runners-report.ts";

export type { MadeRunners, RefusedRunners, RunnersReport } from "../fix/runners-report.ts";

/** What `fix --runners` is asked. */
export interface RunnersRequest {
  /** The repository's folder (default: where you stand), or one workflow of it. */
  readonly path?: string | undefined;
  /** `native`: each platform is built on a runner of its own architecture, pushed by digest, and joined. `one`: the way back. */
  readonly runners: "native" | "one";
  /** Ids of the jobs to change; empty or absent: every one that can be. */
  readonly jobs?: readonly string[] | undefined;
  /** Write the files; default: only say what would be written. */
  readonly write?: boolean | undefined;
  /** `YYYY-MM-DD`: the day whose runners and actions are taken; default today. */
  readonly asOf?: string | undefined;
}

/**
 * Spreads jobs that build foreign platforms under emulation over native runners, or brings them back to one. Each is made in memory and simulated: in every
 * scenario the same images are published under the same tags, and no rule finds an error or a warning that was not there. What cannot be carried over
 * wholly is left alone, and told. Writes only when asked to.
 * @throws {ProblemError} `file-unreadable` | `workflow-missing` | `usage` | `file-unwritable` | `disk-full`
 */
export async function fixRunners(request: RunnersRequest, world?: World): Promise<RunnersReport> {
  // Readers and rules are most of the package: only who asks for them loads them.
  const { changeRunners } = await import("./change-runners.ts");
  return await changeRunners(request, world);
}
