import type { Digest } from "../../core/digest.ts";
import type { Gate } from "../../core/gate.ts";
import { ProblemError } from "../../core/problem.ts";
import { parseReference } from "../../core/reference.ts";
import type { BlobReader, BlobStore, ByteStream } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { indexLayer, type LayerIndex, readLayerContents } from "../../image/layer.ts";
import { decodeLayerIndex, encodeLayerIndex } from "../../image/layer-index.ts";
import { Tree } from "../../image/tree.ts";
import { decompress } from "../../image/unpack.ts";
import type { ImageVertex } from "../../plan/graph.ts";
import type { EventSink } from "../event.ts";
import type { Records } from "../records.ts";
import type { ContentArchive } from "./content.ts";
import type { StackLayer } from "./layer-stack.ts";
import type { Memo } from "./memo.ts";
import { archiveSource, type LayerSource } from "./tree-view.ts";

export interface BasesParts {
  readonly store: BlobStore;
  readonly records: Records;
  /** Blobs of an image, wherever it is. */
  readonly blobsOf: (vertex: ImageVertex, signal: AbortSignal) => BlobReader;
  readonly events: EventSink;
  readonly nowMs: () => number;
  readonly memo: Memo;
  readonly signal: AbortSignal;
  /** Layers pulled at the same time. */
  readonly gate: Gate;
}

/** Layers of base images: pulled when somebody needs them, each once. */
export interface Bases {
  /** The files of an image. */
  treeOf(vertex: ImageVertex): Promise<Tree<LayerSource>>;
  /** The layers of an image, pulled when they are opened. */
  stackOf(vertex: ImageVertex): readonly StackLayer[];
  /** Brings a layer into the store. */
  ensure(vertex: ImageVertex, layer: Descriptor): Promise<void>;
}

export function createBases(parts: BasesParts): Bases {
  const { store, records, memo, signal } = parts;
  const underWay = new Map<Digest, Promise<unknown>>();

  /** A layer as it passes from its registry into the store: read through this, it is pulled and used in one pass. */
  function passing(from: BlobReader, layer: Descriptor): BlobReader {
    return {
      stat: (digest) => from.stat(digest),
      async *open(digest): ByteStream {
        const writer = await store.create();
        try {
          for await (const chunk of from.open(digest)) {
            signal.throwIfAborted();
            await writer.write(chunk);
            parts.events.emit({ type: "transfer", direction: "pull", blob: digest, doneBytes: writer.size, totalBytes: layer.size, atMs: parts.nowMs() });
            yield chunk;
          }
          await writer.commit({ digest, size: layer.size });
        } finally {
          await writer.abort();
        }
      },
    };
  }

  /** Reads a layer from the store, or as it is pulled into it; who comes while it is under way waits and reads from the store. */
  async function pull<T>(vertex: ImageVertex, layer: Descriptor, read: (reader: BlobReader) => Promise<T>): Promise<T> {
    await underWay.get(layer.digest)?.catch(() => {});
    if ((await store.stat(layer.digest)) === layer.size) return read(store);
    const pulling = (async () => {
      const leave = await parts.gate.enter(signal);
      try {
        return await read(passing(parts.blobsOf(vertex, signal), layer));
      } finally {
        leave();
      }
    })();
    underWay.set(layer.digest, pulling);
    try {
      return await pulling;
    } finally {
      if (underWay.get(layer.digest) === pulling) underWay.delete(layer.digest);
    }
  }

  async function index(vertex: ImageVertex, layer: Descriptor, diffId: Digest | undefined): Promise<LayerIndex> {
    const bytes = await records.read("layers", layer.digest);
    const known = bytes === undefined ? undefined : decodeLayerIndex(bytes);
    if (known !== undefined && known.diffId === diffId) return known;
    const made = await pull(vertex, layer, (reader) => indexLayer(reader, layer, diffId === undefined ? {} : { diffId }));
    await records.write("layers", layer.digest, encodeLayerIndex(made));
    return made;
  }

  async function tree(vertex: ImageVertex): Promise<Tree<LayerSource>> {
    const layers = vertex.manifest.value.layers;
    const found = await Promise.all(layers.map((layer, i) => memo.once(`index ${layer.digest}`, () => index(vertex, layer, vertex.config.rootfs.diff_ids[i]))));
    let merged = Tree.empty<LayerSource>();
    for (const [i, its] of found.entries()) merged = merged.apply(its.entries, sourceOf(vertex, layers[i] as Descriptor, its));
    return merged;
  }

  function sourceOf(vertex: ImageVertex, layer: Descriptor, its: LayerIndex): LayerSource {
    const archive: ContentArchive = {
      stamp: its.diffId,
      read: (wanted, sink) => pull(vertex, layer, (reader) => readLayerContents(reader, layer, wanted, sink)),
    };
    return archiveSource(archive, its);
  }

  const ensure = (vertex: ImageVertex, layer: Descriptor): Promise<void> =>
    memo.once(`pull ${layer.digest}`, () =>
      pull(vertex, layer, async (reader) => {
        if (reader === store) return;
        for await (const chunk of reader.open(layer.digest)) void chunk;
      }),
    );

  async function* archive(vertex: ImageVertex, layer: Descriptor): ByteStream {
    await ensure(vertex, layer);
    yield* decompress(store.open(layer.digest));
  }

  return {
    ensure,
    treeOf: (vertex) => memo.once(`tree ${vertex.id}`, () => tree(vertex)),
    stackOf: (vertex) =>
      vertex.manifest.value.layers.map((layer, i) => {
        const diffId = vertex.config.rootfs.diff_ids[i];
        if (diffId === undefined) throw manifestMismatch(vertex);
        return { diffId, open: () => archive(vertex, layer) };
      }),
  };
}

const manifestMismatch = ({ reference, manifest, config }: ImageVertex): ProblemError =>
  new ProblemError("manifest-invalid", {
    message: `${reference} has ${manifest.value.layers.length} layers in its manifest and ${config.rootfs.diff_ids.length} in its config`,
    hint: "the image was put together wrongly: use another base",
  });

/** The blobs of an image that a registry holds. */
export function repositoryOf(vertex: ImageVertex): { readonly registry: string; readonly repository: string } | undefined {
  if (vertex.reference.includes("://")) return undefined;
  const { registry, repository } = parseReference(vertex.reference);
  return { registry, repository };
}
