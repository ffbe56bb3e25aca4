import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import type { ByteStream } from "../../../../image/blob-store.ts";
import type { CellListener, RunningCell } from "../cell/start-cell.ts";
import type { ProgramOrder, ProgramReport } from "../protocol.ts";
import { countEntries } from "./count-entries.ts";
import type { Layers } from "./layers.ts";
import { removeTrees } from "./remove-tree.ts";
import type { Snapshot } from "./snapshot.ts";

/** One program, from its order until what it changed is kept or forgotten. */
export interface Program {
  /** Settles as {@link RunningCell.ended}. */
  readonly ended: Promise<ProgramReport>;
  stop(): void;
  /** Once it has ended. */
  changes(epoch: number | undefined): ByteStream;
  keep(layer: string): Promise<void>;
  /** Stops it if need be, and removes what it had. */
  discard(): Promise<void>;
}

/** Starts a program in `folder`, which is made for it. */
export async function startProgram(order: ProgramOrder, folder: string, on: CellListener, snapshot: Snapshot, layers: Layers): Promise<Program> {
  mkdirSync(folder);
  for (const name of ["upper", "work", "root", "mounts"]) mkdirSync(`${folder}/${name}`, { mode: 0o755 });
  let cell: RunningCell;
  try {
    for (const mount of order.mounts) if (mount.kind === "socket") offerSocket(mount);
    cell = await snapshot.start(order, folder, on);
  } catch (error) {
    await removeTrees(folder);
    throw error;
  }
  let bytes = 0;
  const over = cell.ended.then(
    () => {},
    () => {},
  );
  return {
    ended: cell.ended,
    stop: cell.stop,
    async *changes(epoch) {
      for await (const chunk of snapshot.changes(folder, epoch)) {
        bytes += chunk.byteLength;
        yield chunk;
      }
    },
    async keep(layer) {
      const upper = await snapshot.keep(folder);
      await layers.put(layer, upper, { bytes, entries: countEntries(upper), implied: [] });
      await removeRest(folder);
    },
    async discard() {
      cell.stop();
      await over;
      await removeTrees(folder);
    },
  };
}

/** What is left when the upper folder is gone is a handful of names, for which no process has to be started; but for files of a copied root or of mounts. */
async function removeRest(folder: string): Promise<void> {
  const isSmall = readdirSync(`${folder}/root`).length === 0 && readdirSync(`${folder}/mounts`).every((name) => name === "files");
  if (isSmall) rmSync(folder, { recursive: true, force: true });
  else await removeTrees(folder);
}

/** The builder's user made it; the program's user is to reach it. */
function offerSocket({ socket, uid, gid, mode }: { readonly socket: string; readonly uid: number; readonly gid: number; readonly mode: number }): void {
  try {
    chownSync(socket, uid, gid);
  } catch (error) {
    // A single-id map has no other owner to give it to; who runs there is that one.
    if (!["EINVAL", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
  chmodSync(socket, mode);
}
