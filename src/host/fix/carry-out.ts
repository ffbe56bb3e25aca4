import { isProblem, ProblemError } from "../../core/problem.ts";
import type { DoneChange, HostChange, HostFixPlan, HostFixRecord } from "./change.ts";
import { changeText } from "./change-text.ts";
import type { HostChanger, HostJournal } from "./changer.ts";
import { takeBack } from "./take-back.ts";

/** What changing the machine needs. */
export interface Tools {
  readonly changer: HostChanger;
  readonly journal: HostJournal;
  readonly nowMs: () => number;
  /** Told before each change. */
  readonly note?: ((message: string) => void) | undefined;
}

/** Why a plan that was carried out does not help; undefined when it does. */
export type Check = () => Promise<string | undefined>;

/**
 * Makes a plan's changes one by one, each kept before it is begun and again when it is made, then looks whether they help. When one fails, they do not help, or
 * the run is to end, all is taken back.
 * @returns the record that undoes it
 * @throws {ProblemError} `host-change-failed` telling what failed, and what of it could not be taken back; or the signal's reason
 */
export async function carryOut(plan: HostFixPlan, id: string, tools: Tools, check: Check, signal?: AbortSignal): Promise<HostFixRecord> {
  let record: HostFixRecord = { version: 1, id, with: plan.with, complete: false, done: [] };
  const keep = (done: readonly DoneChange[], complete = false): void => {
    const next = { ...record, done, complete };
    tools.journal.keep(next);
    record = next;
  };
  try {
    for (const [index, change] of plan.changes.entries()) {
      signal?.throwIfAborted();
      const kept = await tools.changer.prepare(change, tools.journal.backupPath(id, index));
      const before = record.done;
      const begun: DoneChange = { change, state: "begun", atMs: tools.nowMs(), ...kept };
      keep([...before, begun]);
      if (isMade(change)) tools.note?.(changeText(change));
      await tools.changer.make(change, signal);
      keep([...before, { ...begun, state: "made" }]);
    }
    signal?.throwIfAborted();
    const why = await check();
    if (why !== undefined) throw new ProblemError("host-change-failed", { message: `the changes were made, but ${why}` });
    keep(record.done, true);
    return record;
  } catch (error) {
    if (record.done.length === 0) {
      tools.journal.forget(id);
      throw error;
    }
    tools.note?.("taking back what was done");
    const { failures } = await takeBack(record, tools);
    for (const failure of failures) tools.note?.(`could not take back: ${failure}`);
    throw failed(error, failures);
  }
}

/** What the user does is not told as if it were being done. */
const isMade = (change: HostChange): boolean => change.kind !== "restart" || change.command !== undefined;

/** A bug and the signal's reason stay what they are when nothing is left behind. */
function failed(error: unknown, failures: readonly string[]): unknown {
  if (!isProblem(error) && failures.length === 0) return error;
  const what = error instanceof Error ? error.message : String(error);
  if (isProblem(error, "interrupted") && failures.length === 0) return error;
  const hint = isProblem(error) ? error.hint : undefined;
  return new ProblemError("host-change-failed", {
    message:
      failures.length === 0 ? `${what}; all that was done was taken back` : `${what}; of what was done this could not be taken back: ${failures.join("; ")}`,
    hint: failures.length === 0 ? hint : "mend that by hand, then run multihull fix --host --undo",
    facts: { takenBack: failures.length === 0 },
    cause: error,
  });
}
