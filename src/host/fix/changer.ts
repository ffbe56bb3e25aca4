import type { DoneChange, HostChange, HostFixRecord } from "./change.ts";

/** What taking a change back needs and only the moment before it can tell. */
export type Kept = Pick<DoneChange, "backup" | "mode" | "userId" | "groupId" | "madeFolder">;

/** Makes changes of this machine, one by one, and takes them back. */
export interface HostChanger {
  /**
   * Finds what taking it back will need. Changes nothing of the machine.
   * @param backup  where the former content of a file may be kept
   * @throws {ProblemError} when it cannot be made as it was planned: `host-changed` for a file that is not what it was
   */
  prepare(change: HostChange, backup: string): Promise<Kept>;
  /** @throws {ProblemError} `host-change-failed` | `file-unwritable` | `disk-full`; then it was not made, or not wholly */
  make(change: HostChange, signal: AbortSignal | undefined): Promise<void>;
  /** Why it cannot be taken back without losing what others did since; undefined when it can. Changes nothing. */
  differs(done: DoneChange): Promise<string | undefined>;
  /** Takes back what was made; what is gone already, or was never made, is no failure. @throws {ProblemError} `host-change-failed` */
  takeBack(done: DoneChange): Promise<void>;
}

/** Emulators of the kernel, for a {@link HostChanger}. */
export interface EmulatorChanger {
  make(change: EmulatorChange, signal: AbortSignal | undefined): Promise<void>;
  differs(done: DoneChange & { readonly change: EmulatorChange }): Promise<string | undefined>;
  takeBack(done: DoneChange & { readonly change: EmulatorChange }): Promise<void>;
}

export type EmulatorChange = Extract<HostChange, { kind: "emulator" | "emulator-container" }>;

/** Where records are kept: in the store's folder, for this user alone. */
export interface HostJournal {
  /** All that was not taken back, oldest first. @throws {ProblemError} `store-damaged` | `store-unusable` */
  records(): readonly HostFixRecord[];
  /** Writes it whole, and waits until it is on the disk. @throws {ProblemError} `store-unusable` | `disk-full` */
  keep(record: HostFixRecord): void;
  /** Forgets a record with its backups. */
  forget(id: string): void;
  /** Where the former content of the file of the change at `index` is kept. */
  backupPath(id: string, index: number): string;
}
