import type { World } from "../adapters/node/world.ts";
import type { ExplainReport } from "../explain/explain-report.ts";

export type { ExplainReport, InRepository, LocatedStep } from "../explain/explain-report.ts";
export type { Cause, ExplainedFailure, Explanation, LogFacts, LogForm, LogLine, StepInLog, Where } from "../explain/explanation.ts";

/** What `explain` is asked. */
export interface ExplainRequest {
  /** The log's file, or `-` for standard input (the default). */
  readonly log?: string | undefined;
  /** The repository that the log is of; default where you stand, when that has workflows. */
  readonly path?: string | undefined;
  /** `YYYY-MM-DD`: the day of the run, whose runners are taken; default the day that the log tells, else today. */
  readonly asOf?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Tells what a failed build's log means and, where the repository is at hand, which step it is and what `doctor` says of it.
 * @throws {ProblemError} `file-unreadable` | `limit-exceeded` | `workflow-missing` | `usage`
 */
export async function explain(request: ExplainRequest = {}, world?: World): Promise<ExplainReport> {
  // Readers and rules are most of the package: only who asks for them loads them.
  const { interpret } = await import("./interpret.ts");
  return await interpret(request, world);
}
