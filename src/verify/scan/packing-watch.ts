import { isProblem } from "../../core/problem.ts";
import { layerIndexer } from "../../image/layer.ts";
import type { LayerWatch } from "../../image/pack.ts";
import { scanBudget } from "./budget.ts";
import { encodeContents } from "./contents-codec.ts";
import { fileScan } from "./file-scan.ts";
import type { ScanMemory } from "./scanner.ts";

/** Looks into layers while they are packed, and remembers what it sees as a scan of the packed layer would: that need not unpack it again. */
export const packingWatch = (memory: ScanMemory) => (): LayerWatch => {
  const files = fileScan({ hashes: false, nested: false }, scanBudget().layer());
  const indexer = layerIndexer(files.entry);
  let failed = false;
  return {
    write(chunk) {
      if (failed) return;
      try {
        indexer.write(chunk);
      } catch (error) {
        if (!isProblem(error)) throw error;
        // What is wrong with the layer is told by whoever reads it.
        failed = true;
      }
    },
    async end({ digest, size, diffId, uncompressedSize, compression }) {
      if (failed) return;
      try {
        const index = indexer.end(diffId, uncompressedSize);
        const bytes = encodeContents(size, { index, compression: compression === "gzip" ? "gzip" : "none", ...(await files.end()) });
        if (bytes !== undefined) await memory.write(digest, bytes);
      } catch (error) {
        if (!isProblem(error)) throw error;
      }
    },
  };
};
