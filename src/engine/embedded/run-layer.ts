import type { BlobStore, ByteStream } from "../../image/blob-store.ts";
import { layerIndexer } from "../../image/layer.ts";
import { encodeLayerIndex } from "../../image/layer-index.ts";
import { type PackedLayer, type PackOptions, packLayer } from "../../image/pack.ts";
import type { Records } from "../records.ts";

/**
 * Packs an uncompressed archive into the store in one pass, and remembers what is in it.
 * @throws what `archive` throws; nothing is left then
 */
export async function packArchive(
  store: BlobStore,
  records: Records,
  archive: ByteStream,
  options: PackOptions,
  signal: AbortSignal,
  onProgress?: (bytes: number) => void,
): Promise<PackedLayer> {
  const indexer = layerIndexer();
  const writer = await store.create();
  try {
    const layer = await packLayer(
      writer,
      options,
      async (write) => {
        for await (const chunk of archive) {
          signal.throwIfAborted();
          indexer.write(chunk);
          await write(chunk);
        }
      },
      onProgress,
    );
    await records.write("layers", layer.digest, encodeLayerIndex(indexer.end(layer.diffId, layer.uncompressedSize)));
    return layer;
  } finally {
    await writer.abort();
  }
}
