import type { ByteStream } from "../../../../image/blob-store.ts";
import type { CellListener, RunningCell } from "../cell/start-cell.ts";
import type { ProgramOrder } from "../protocol.ts";

/** How a program's files are put together from layers, and what it changed is found. `folder` is `work/OWNER.N`. */
export interface Snapshot {
  start(order: ProgramOrder, folder: string, on: CellListener): Promise<RunningCell>;
  changes(folder: string, epoch: number | undefined): ByteStream;
  /** Path of a folder that holds what changed, in overlay form, to be moved away. */
  keep(folder: string): Promise<string>;
}
