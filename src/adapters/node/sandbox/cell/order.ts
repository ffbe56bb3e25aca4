import type { ProgramOrder, ProgramReport, Refusal } from "../protocol.ts";
import type { Stub } from "./stubs.ts";

/**
 * A *cell* is a thread of the warden that leaves the warden's mount namespace (and makes process, IPC and UTS namespaces for its children), puts the mounts in
 * place, goes into the root, gives up its rights, installs the filter, and starts one program. It ends with the program; with it go its mounts.
 */
export interface CellOrder {
  readonly program: ProgramOrder;
  /** Absolute path of the area. All other paths here are relative to it. */
  readonly area: string;
  /** Folders for the overlay, lowest first, as in `layers/HEX`; short, because the kernel cuts long option strings. */
  readonly lower: readonly string[];
  /** `work/OWNER.N`: empty folders `upper`, `work`, `root` and `mounts` are in it. */
  readonly work: string;
  /** For a single-id map: chown, mknod and setuid do nothing and say that they worked, without which no package manager runs. */
  readonly pretendOwners: boolean;
  /** Where overlay does not work: the files lie in `work/root` as copies, to be bound instead of an overlay. */
  readonly copied?: boolean;
}

/** What a cell tells the warden. */
export type CellMessage =
  /** Process ids, in the warden's namespace, that the warden is to kill when the program is cancelled: the namespace's first process goes last. */
  | { readonly type: "started"; readonly pids: readonly number[] }
  | { readonly type: "output"; readonly stream: "stdout" | "stderr"; readonly bytes: Uint8Array }
  /** It could not be started. */
  | { readonly type: "refused"; readonly refusal: Refusal }
  /** All of its processes have ended. `stubs`: what was made in the root to mount upon. */
  | { readonly type: "ended"; readonly report: ProgramReport; readonly stubs: readonly Stub[] };

/** What the warden tells a cell: so many bytes of output have been taken. */
export interface OutputTaken {
  readonly stream: "stdout" | "stderr";
  readonly bytes: number;
}
