import { Digester } from "../../core/digest.ts";
import type { BlobReader, ByteStream } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { layerIndexer, sized } from "../../image/layer.ts";
import { type Compression, decompress } from "../../image/unpack.ts";
import { type LayerBudget, type ScanBudget, scanBudget } from "./budget.ts";
import type { LayerContents, ScanDepth } from "./contents.ts";
import { fileScan } from "./file-scan.ts";

export interface ScanOptions {
  /** What all layers of the image may take together; default: what an image may, for this layer alone. */
  readonly budget?: ScanBudget | undefined;
  /** Packed bytes that came. */
  readonly read?: ((bytes: number) => void) | undefined;
}

/**
 * Reads a layer once, to its end, and keeps what rules need of it. What it holds in memory is bounded whatever the layer holds.
 * @param reader  checks the digest
 * @param layer   its size is checked here; its diff_id is told (`index.diffId`), for the caller to compare
 * @throws {ProblemError} `size-mismatch` | `layer-invalid` | `layer-unsupported` | `limit-exceeded` | what `reader.open` throws
 */
export async function scanLayer(
  reader: BlobReader,
  layer: Descriptor,
  depth: ScanDepth,
  { budget = scanBudget(), read }: ScanOptions = {},
): Promise<LayerContents> {
  const own = budget.layer();
  try {
    return await scan(
      counted(sized(reader.open(layer.digest), layer), (bytes) => {
        own.packed(bytes);
        read?.(bytes);
      }),
      depth,
      own,
    );
  } catch (error) {
    own.giveBack();
    throw error;
  }
}

async function scan(packed: ByteStream, depth: ScanDepth, budget: LayerBudget): Promise<LayerContents> {
  const diff = new Digester();
  const files = fileScan(depth, budget);
  const indexer = layerIndexer(files.entry);
  let compression: Compression = "none";
  for await (const chunk of decompress(packed, {}, (told) => {
    compression = told;
  })) {
    budget.unpacked(chunk.length);
    diff.update(chunk);
    indexer.write(chunk);
    const waiting = files.waiting();
    if (waiting !== undefined) await waiting;
  }
  const index = indexer.end(diff.digest(), diff.size);
  return { index, compression, ...(await files.end()) };
}

async function* counted(stream: ByteStream, tell: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    tell(chunk.length);
    yield chunk;
  }
}
