import { type Digest, Digester } from "../core/digest.ts";
import { ProblemError } from "../core/problem.ts";
import type { BlobReader, ByteStream } from "./blob-store.ts";
import type { Descriptor } from "./descriptor.ts";
import type { IndexedEntry, LayerIndex } from "./layer-index.ts";
import { tarParser } from "./tar/reader.ts";
import { decompress } from "./unpack.ts";

export { decodeLayerIndex, encodeLayerIndex, type IndexedEntry, type LayerIndex } from "./layer-index.ts";

/** Files whose content an index keeps. */
const KEPT_FILES: ReadonlySet<string> = new Set(["etc/passwd", "etc/group"]);
/** A larger file is not kept: a directory service has no place in an image. */
const KEPT_BYTES_LIMIT = 1024 * 1024;

/**
 * Reads a layer once, to its end.
 * @param layer        its blob; `digest` is checked by `reader`, `size` here
 * @param expect       the `diff_id` that the image's config tells
 * @throws {ProblemError} `diff-id-mismatch` | `size-mismatch` | `layer-invalid` | `layer-unsupported` | `limit-exceeded` | what `reader.open` throws
 */
export async function indexLayer(reader: BlobReader, layer: Descriptor, expect: { readonly diffId?: Digest } = {}): Promise<LayerIndex> {
  const diff = new Digester();
  const indexer = layerIndexer();
  for await (const chunk of decompress(sized(reader.open(layer.digest), layer))) {
    diff.update(chunk);
    indexer.write(chunk);
  }
  const diffId = diff.digest();
  if (expect.diffId !== undefined && expect.diffId !== diffId) {
    throw new ProblemError("diff-id-mismatch", {
      message: `layer ${layer.digest} unpacks to ${diffId}, the image's config names ${expect.diffId}`,
      hint: "the image is damaged or was put together wrongly; pull it again, or tell its publisher",
      facts: { layer: layer.digest, got: diffId, wanted: expect.diffId },
    });
  }
  return indexer.end(diffId, diff.size);
}

/** Makes the index of an archive as its bytes pass. */
export interface LayerIndexer {
  /** @throws {ProblemError} `layer-invalid` | `limit-exceeded` */
  write(chunk: Uint8Array): void;
  /** @throws {ProblemError} `layer-invalid` when the archive is cut short */
  end(diffId: Digest, uncompressedSize: number): LayerIndex;
}

/** Asked for each entry: what takes its content, chunk by chunk; chunks are valid during the call only. */
export type EntryWatch = (entry: IndexedEntry) => ((chunk: Uint8Array) => void) | undefined;

/** @param watch  sees what passes, beside the index */
export function layerIndexer(watch?: EntryWatch): LayerIndexer {
  const entries: IndexedEntry[] = [];
  const contents = new Map<number, Uint8Array>();
  /** Where the content of a kept path lies; one that comes again replaces it. */
  const keptAt = new Map<string, number>();
  function keep(entry: IndexedEntry): ((chunk: Uint8Array) => void) | undefined {
    if (!KEPT_FILES.has(entry.path) || entry.type !== "file" || entry.size > KEPT_BYTES_LIMIT) return undefined;
    const before = keptAt.get(entry.path);
    if (before !== undefined) contents.delete(before);
    keptAt.set(entry.path, entry.offset);
    const content = Buffer.alloc(entry.size);
    contents.set(entry.offset, content);
    let at = 0;
    return (chunk) => {
      content.set(chunk, at);
      at += chunk.length;
    };
  }
  const parser = tarParser({
    entry(read, offset) {
      const entry = Object.assign(read, { offset });
      entries.push(entry);
      const kept = keep(entry);
      const watched = watch?.(entry);
      if (kept === undefined || watched === undefined) return kept ?? watched;
      return (chunk) => {
        kept(chunk);
        watched(chunk);
      };
    },
  });
  return {
    write: (chunk) => parser.write(chunk),
    end(diffId, uncompressedSize) {
      parser.end();
      return { diffId, uncompressedSize, entries, contents };
    },
  };
}

/** Gets the content of one file. A promise holds the stream up. */
export interface ContentSink {
  /** The chunk is valid until the promise settles; during the call when there is none. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  end(): Promise<void> | undefined;
}

/**
 * Streams a layer once, to its end so that its digest is checked, and hands over contents in the archive's order.
 * @param wanted  paths in the layer ({@link TreeNode.sourcePath})
 * @param sink    called for each regular file whose path is wanted; a path that stands twice in the archive comes twice, `offset` tells which is which
 */
export async function readLayerContents(
  reader: BlobReader,
  layer: Descriptor,
  wanted: ReadonlySet<string>,
  sink: (entry: IndexedEntry) => ContentSink | undefined,
): Promise<void> {
  let waiting: Promise<void>[] = [];
  const wait = (promise: Promise<void> | undefined): void => {
    if (promise === undefined) return;
    waiting.push(promise);
    // It is awaited below; until then a rejection must not count as unhandled.
    promise.catch(() => {});
  };
  let finish: (() => void) | undefined;
  const parser = tarParser({
    entry(entry, offset) {
      finish?.();
      finish = undefined;
      if (entry.type !== "file" || !wanted.has(entry.path)) return undefined;
      const target = sink(Object.assign(entry, { offset }));
      if (target === undefined) return undefined;
      finish = () => wait(target.end());
      return (chunk) => wait(target.write(chunk));
    },
  });
  for await (const chunk of decompress(sized(reader.open(layer.digest), layer))) {
    parser.write(chunk);
    if (waiting.length === 0) continue;
    const all = waiting;
    waiting = [];
    await Promise.all(all);
  }
  parser.end();
  finish?.();
  await Promise.all(waiting);
}

/** The same bytes, counted: as many as the descriptor says. @throws {ProblemError} `size-mismatch` */
export async function* sized(stream: ByteStream, layer: Descriptor): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > layer.size) throw sizeMismatch(layer, `more than ${layer.size}`);
    yield chunk;
  }
  if (size !== layer.size) throw sizeMismatch(layer, String(size));
}

/** @param got  how many bytes it has, in words */
export const sizeMismatch = (layer: Descriptor, got: string): ProblemError =>
  new ProblemError("size-mismatch", {
    message: `${layer.digest} has ${got} bytes, its descriptor says ${layer.size}`,
    facts: { layer: layer.digest, wanted: layer.size },
  });
