import type { World } from "../adapters/node/world.ts";
import type { FixChoice } from "../fix/plan.ts";
import type { FixReport } from "../fix/report.ts";
import type { OnlineOptions } from "./doctor.ts";

export type { Advice, AppliedFix, FixChoice, Remaining } from "../fix/plan.ts";
export type { FixedFile, FixReport } from "../fix/report.ts";

/** What `fix` is asked. */
export interface FixRequest extends FixChoice, OnlineOptions {
  /** The repository's folder (default: where you stand), or one workflow, action or Dockerfile of it. */
  readonly path?: string | undefined;
  /** Write the files; default: only say what would be written. */
  readonly write?: boolean | undefined;
  /** `YYYY-MM-DD`: the day whose runners and actions are taken; default today. */
  readonly asOf?: string | undefined;
}

/**
 * Mends what `doctor` finds. Each fix is made in memory, read again and simulated again before it counts: what it mends is gone, nothing new has come, and no
 * other line has changed. Writes only when asked to.
 * @throws {ProblemError} `file-unreadable` | `workflow-missing` | `usage` | `file-unwritable` | `disk-full` | `interrupted`
 */
export async function fix(request: FixRequest = {}, world?: World): Promise<FixReport> {
  // Readers and rules are most of the package: only who asks for them loads them.
  const { mend } = await import("./mend.ts");
  return await mend(request, world);
}
