import type { CellOrder } from "../cell/order.ts";
import { startCell } from "../cell/start-cell.ts";
import { startChrootCell } from "./chroot-cell.ts";
import { copiedChanges, keepCopied, type RootScan, scanRoot } from "./copied-changes.ts";
import { copyRoot } from "./copy-root.ts";
import { visibleLayers } from "./lower-view.ts";
import type { Snapshot } from "./snapshot.ts";
import { withVisibleMounts } from "./visible-mounts.ts";

/** Layers as copies in `root`, where overlay does not work: slower, and as exact. */
export function copySnapshot(cells: "namespaces" | "chroot", ids: number): Snapshot {
  const made = new Map<string, { readonly lower: readonly string[]; readonly before: RootScan }>();
  const of = (folder: string): { root: string; lower: readonly string[]; before: RootScan } => {
    const found = made.get(folder);
    if (found === undefined) throw new Error(`nothing ran in ${folder}`);
    return { root: `${folder}/root`, ...found };
  };
  return {
    async start(program, folder, on) {
      const lower = visibleLayers(program.layers.map((layer) => `layers/${layer}`));
      const root = `${folder}/root`;
      await copyRoot(lower, root);
      made.set(folder, { lower, before: scanRoot(root) });
      const order: CellOrder = { program: withVisibleMounts(program), area: process.cwd(), lower, work: folder, pretendOwners: ids === 1, copied: true };
      return cells === "chroot" ? startChrootCell(order, on) : startCell(order, on);
    },
    changes: (folder, epoch) => copiedChanges({ ...of(folder), epoch }),
    async keep(folder) {
      await keepCopied(of(folder), `${folder}/upper`, { ids });
      return `${folder}/upper`;
    },
  };
}
