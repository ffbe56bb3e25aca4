import { chmodSync, chownSync, lstatSync, mkdirSync, utimesSync } from "node:fs";
import { startCell } from "../cell/start-cell.ts";
import { layerChanges } from "./changes.ts";
import type { Layers } from "./layers.ts";
import { visibleLayers } from "./lower-view.ts";
import { prepareUpper } from "./prepare-upper.ts";
import { settleUpper } from "./settle-upper.ts";
import type { Snapshot } from "./snapshot.ts";
import { withVisibleMounts } from "./visible-mounts.ts";

/** Of no layers. */
const NOTHING = "empty";

/** Layers as an overlay: what a program writes is in `upper`. */
export function overlaySnapshot(layers: Layers, ids: number): Snapshot {
  mkdirSync(NOTHING, { recursive: true });
  const lowerOf = new Map<string, readonly string[]>();
  return {
    async start(order, folder, on) {
      const lower = order.layers.map((layer) => `layers/${layer}`);
      lowerOf.set(folder, lower);
      const upper = `${folder}/upper`;
      const top = lower.at(-1);
      if (top !== undefined) likeRoot(upper, top);
      prepareUpper(
        upper,
        order.layers.map((layer, at) => ({ folder: lower[at] as string, implied: layers.note(layer)?.implied ?? [] })),
      );
      const shown = visibleLayers(lower);
      return startCell(
        { program: withVisibleMounts(order), area: process.cwd(), lower: shown.length === 0 ? [NOTHING] : shown, work: folder, pretendOwners: ids === 1 },
        on,
      );
    },
    changes: (folder, epoch) => layerChanges({ upper: `${folder}/upper`, lower: lowerOf.get(folder) ?? [], epoch }),
    async keep(folder) {
      settleUpper({ upper: `${folder}/upper`, lower: lowerOf.get(folder) ?? [] });
      return `${folder}/upper`;
    },
  };
}

/** The root of an overlay is the upper folder's. */
function likeRoot(upper: string, below: string): void {
  const { mode, uid, gid, atimeMs, mtimeMs } = lstatSync(`${below}/.`);
  chownSync(upper, uid, gid);
  chmodSync(upper, mode & 0o7777);
  utimesSync(upper, atimeMs / 1000, mtimeMs / 1000);
}
