import type { Digest } from "../../core/digest.ts";
import type { BlobStore } from "../../image/blob-store.ts";
import type { CacheSource } from "../cache-entry.ts";
import type { Memo } from "./memo.ts";
import type { StepResult } from "./step-cache.ts";

/** Layers that external caches have: their blobs stay where they are until somebody needs them. */
export interface FoundLayers {
  find(key: Digest): Promise<StepResult | undefined>;
  /** Brings the layer into the store, if it is not there. @throws as `BlobReader.open` */
  ensure(layer: Pick<StepResult["layer"], "digest" | "size">): Promise<void>;
  /** Repository that holds a layer, where a cache in a registry does. */
  originOf(digest: Digest): CacheSource["origin"];
  /** All that were found so far, by digest. */
  readonly found: ReadonlyMap<Digest, { readonly size: number; readonly source: CacheSource }>;
}

export function foundLayers(store: BlobStore, sources: readonly CacheSource[], memo: Memo, signal: AbortSignal): FoundLayers {
  const found = new Map<Digest, { readonly size: number; readonly source: CacheSource }>();
  return {
    found,
    originOf: (digest) => found.get(digest)?.source.origin,
    async find(key) {
      for (const source of sources) {
        const entry = await source.find(key);
        if (entry === undefined) continue;
        found.set(entry.layer.digest, { size: entry.layer.size, source });
        return { layer: entry.layer, createdMs: entry.createdMs };
      }
      return undefined;
    },
    async ensure({ digest, size }) {
      const source = found.get(digest)?.source;
      if (source === undefined || (await store.stat(digest)) === size) return;
      await memo.once(`bring ${digest}`, () => bringBlob(store, source, digest, size, signal));
    },
  };
}

/** Copies a blob from a cache into the store, checked. */
export async function bringBlob(store: BlobStore, source: CacheSource, digest: Digest, size: number, signal: AbortSignal): Promise<void> {
  const writer = await store.create();
  try {
    for await (const chunk of source.open(digest)) {
      signal.throwIfAborted();
      await writer.write(chunk);
    }
    await writer.commit({ digest, size });
  } finally {
    await writer.abort();
  }
}
