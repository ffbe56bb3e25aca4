import { type Digest, Digester } from "../core/digest.ts";
import { MEDIA_TYPE } from "../core/media-type.ts";
import type { BlobWriter } from "./blob-store.ts";
import { blockGzip, type DeflateSource, GZIP_BLOCK_BYTES, GZIP_DEFAULT_LEVEL } from "./gzip.ts";

/** How we write layers. */
export type PackCompression = "gzip" | "uncompressed";

export interface PackOptions {
  readonly compression: PackCompression;
  /** gzip 0–9; absent: {@link GZIP_DEFAULT_LEVEL}. */
  readonly level?: number | undefined;
  /** Absent: Node's. */
  readonly deflate?: DeflateSource | undefined;
  /** Asked for each layer; its answer sees the archive as it passes. */
  readonly watch?: (() => LayerWatch) | undefined;
}

/** Looks at a layer while it is packed. It must not throw: a layer is whole whoever looks on. */
export interface LayerWatch {
  /** The next bytes of the archive, valid during the call. */
  write(chunk: Uint8Array): void;
  /** The layer is in its store. */
  end(layer: PackedLayer): Promise<void>;
}

/** For layers that only programs of the same build see: not worth compressing. */
export const UNCOMPRESSED: PackOptions = { compression: "uncompressed" };

/** Differs for options with which the same archive may become other bytes: part of the key of what is kept. */
export const packKey = ({ level, deflate = "node" }: PackOptions): string => `${level ?? "default"}${deflate === "own" ? " own" : ""}`;

export interface PackedLayer {
  /** Of the blob, as it is stored and pushed. */
  readonly digest: Digest;
  readonly size: number;
  /** Of the archive before compression. */
  readonly diffId: Digest;
  readonly uncompressedSize: number;
  readonly compression: PackCompression;
}

/**
 * Takes bytes of the archive. The caller waits for the promise when there is one, and may reuse the bytes then (at once when there is none), so that a thousand
 * small files do not cost a thousand turns of the event loop.
 */
export type LayerWrite = (chunk: Uint8Array) => Promise<void> | undefined;

/**
 * Packs a layer in one pass: archive bytes → diff_id → compression → `writer`, which is committed. The caller aborts the writer when this throws.
 * @param fill        writes the archive, to its end blocks
 * @param onProgress  bytes of the archive so far, once a block
 * @throws what `fill` and `writer` throw
 */
export async function packLayer(
  writer: BlobWriter,
  options: PackOptions,
  fill: (write: LayerWrite) => Promise<void>,
  onProgress?: (uncompressedBytes: number) => void,
): Promise<PackedLayer> {
  const free: Buffer[] = [];
  const release = (block: Buffer): void => {
    if (block.length === GZIP_BLOCK_BYTES) free.push(block);
  };
  const emit = (chunk: Uint8Array): Promise<void> => writer.write(chunk);
  const sink =
    options.compression === "gzip" ? blockGzip(options.level ?? GZIP_DEFAULT_LEVEL, options.deflate ?? "node", emit, release) : plainBlocks(emit, release);
  const diff = new Digester();
  const watch = options.watch?.();
  let block: Buffer = Buffer.allocUnsafe(GZIP_BLOCK_BYTES);
  let filled = 0;

  function flush(): Promise<void> | undefined {
    const full = filled === block.length ? block : block.subarray(0, filled);
    diff.update(full);
    watch?.write(full);
    onProgress?.(diff.size);
    const wait = sink.push(full);
    block = free.pop() ?? Buffer.allocUnsafe(GZIP_BLOCK_BYTES);
    filled = 0;
    return wait;
  }

  function write(chunk: Uint8Array, from = 0): Promise<void> | undefined {
    let at = from;
    while (at < chunk.length) {
      const length = Math.min(chunk.length - at, block.length - filled);
      block.set(length === chunk.length ? chunk : chunk.subarray(at, at + length), filled);
      filled += length;
      at += length;
      if (filled < block.length) continue;
      const wait = flush();
      if (wait !== undefined) return at === chunk.length ? wait : wait.then(() => write(chunk, at));
    }
    return undefined;
  }

  try {
    await fill((chunk) => write(chunk));
    if (filled > 0) await flush();
  } finally {
    // Also when `fill` failed: nothing of this layer may touch the writer once we have thrown.
    await sink.end();
  }
  const diffId = diff.digest();
  const { digest, size } = await writer.commit(options.compression === "uncompressed" ? { digest: diffId, size: diff.size } : undefined);
  const layer: PackedLayer = { digest, size, diffId, uncompressedSize: diff.size, compression: options.compression };
  await watch?.end(layer);
  return layer;
}

/** Media type of a layer that we packed. */
export function layerMediaType(compression: PackCompression, ociMediaTypes: boolean): string {
  if (compression === "gzip") return ociMediaTypes ? MEDIA_TYPE.ociLayerGzip : MEDIA_TYPE.dockerLayerGzip;
  return ociMediaTypes ? MEDIA_TYPE.ociLayer : MEDIA_TYPE.dockerLayer;
}

function plainBlocks(
  emit: (chunk: Uint8Array) => Promise<void>,
  release: (block: Buffer) => void,
): { push(block: Buffer): Promise<void>; end(): Promise<void> } {
  return {
    async push(block) {
      await emit(block);
      release(block);
    },
    async end() {},
  };
}
