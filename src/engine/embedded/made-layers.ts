import type { BlobStore, ByteStream } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { indexLayer, type LayerIndex, readLayerContents } from "../../image/layer.ts";
import { decodeLayerIndex, encodeLayerIndex } from "../../image/layer-index.ts";
import { layerMediaType, type PackedLayer } from "../../image/pack.ts";
import { decompress } from "../../image/unpack.ts";
import type { Records } from "../records.ts";
import type { ContentArchive } from "./content.ts";
import type { FoundLayers } from "./found-layers.ts";
import type { StackLayer } from "./layer-stack.ts";
import type { Memo } from "./memo.ts";
import { archiveSource, type LayerSource } from "./tree-view.ts";

/** Layers that were made by steps, here or where a cache comes from, read as the layers of a base are. */
export interface MadeLayers {
  /** What is in the layer. */
  indexOf(layer: PackedLayer): Promise<LayerIndex>;
  /** Where the contents of its files are. */
  sourceOf(layer: PackedLayer, index: LayerIndex): LayerSource;
  stackLayer(layer: PackedLayer): StackLayer;
}

export interface MadeLayersParts {
  readonly store: BlobStore;
  readonly records: Records;
  readonly memo: Memo;
  readonly found: FoundLayers;
}

export function madeLayers({ store, records, memo, found }: MadeLayersParts): MadeLayers {
  async function index(layer: PackedLayer): Promise<LayerIndex> {
    const bytes = await records.read("layers", layer.digest);
    const known = bytes === undefined ? undefined : decodeLayerIndex(bytes);
    if (known?.diffId === layer.diffId) return known;
    await found.ensure(layer);
    const made = await indexLayer(store, descriptorOf(layer), { diffId: layer.diffId });
    await records.write("layers", layer.digest, encodeLayerIndex(made));
    return made;
  }

  async function* archive(layer: PackedLayer): ByteStream {
    await found.ensure(layer);
    yield* decompress(store.open(layer.digest));
  }

  return {
    indexOf: (layer) => memo.once(`index ${layer.digest}`, () => index(layer)),
    sourceOf(layer, its) {
      const members: ContentArchive = {
        stamp: its.diffId,
        async read(wanted, sink) {
          await found.ensure(layer);
          await readLayerContents(store, descriptorOf(layer), wanted, sink);
        },
      };
      return archiveSource(members, its);
    },
    stackLayer: (layer) => ({ diffId: layer.diffId, open: () => archive(layer) }),
  };
}

const descriptorOf = ({ compression, digest, size }: PackedLayer): Descriptor => ({ mediaType: layerMediaType(compression, true), digest, size });
