import { isProblem, ProblemError } from "../../core/problem.ts";
import type { HostChange, HostFixRecord } from "./change.ts";
import type { HostChanger, HostJournal } from "./changer.ts";

export interface TakenBack {
  /** In the order in which it was done. */
  readonly changes: readonly HostChange[];
  /** What could not be, one sentence each; the record holds it still. */
  readonly failures: readonly string[];
}

/**
 * Takes a record's changes back, last first, and forgets each when it is gone; the daemon starts anew after all else, with the configuration that it had.
 * A failure does not keep the others from being taken back. Not to be interrupted.
 */
export async function takeBack(
  record: HostFixRecord,
  { changer, journal }: { readonly changer: HostChanger; readonly journal: HostJournal },
): Promise<TakenBack> {
  const changes: HostChange[] = [];
  const failures: string[] = [];
  let left = record.done;
  const backwards = record.done.toReversed();
  for (const done of [...backwards.filter(({ change }) => change.kind !== "restart"), ...backwards.filter(({ change }) => change.kind === "restart")]) {
    try {
      await changer.takeBack(done);
    } catch (error) {
      if (!isProblem(error)) throw error;
      failures.push(error.message);
      continue;
    }
    changes.push(done.change);
    left = left.filter((one) => one !== done);
    if (left.length > 0) journal.keep({ ...record, complete: false, done: left });
  }
  if (left.length === 0) journal.forget(record.id);
  return { changes, failures };
}

/**
 * Undoes a record, if all of it still is as it was left.
 * @throws {ProblemError} `host-changed` telling what is not; then nothing was changed. `host-change-failed` telling what could not be taken back
 */
export async function undoRecord(record: HostFixRecord, tools: { readonly changer: HostChanger; readonly journal: HostJournal }): Promise<TakenBack> {
  const others: string[] = [];
  for (const done of record.done) {
    const why = await tools.changer.differs(done);
    if (why !== undefined) others.push(why);
  }
  if (others.length > 0)
    throw new ProblemError("host-changed", {
      message: `what was done cannot be taken back any more: ${others.join("; ")}; nothing was changed`,
      hint: `put it as it was, or take your way and remove the record "${record.id}" from the store's folder host-changes`,
      facts: { record: record.id },
    });
  const taken = await takeBack(record, tools);
  if (taken.failures.length > 0)
    throw new ProblemError("host-change-failed", {
      message: `this could not be taken back: ${taken.failures.join("; ")}`,
      hint: "mend that by hand, then run multihull fix --host --undo again",
      facts: { record: record.id, takenBack: false },
    });
  return taken;
}
