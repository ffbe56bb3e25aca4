import type { Digest } from "../../core/digest.ts";
import type { BlobReader, BlobStore } from "../../image/blob-store.ts";

/**
 * The blobs of what was built: the store's, and layers of bases that nobody has needed yet, which are pulled when they are opened.
 * @param absent  base layers by digest: their size, and the act that brings them into the store
 */
export function resultBlobs(store: BlobStore, absent: ReadonlyMap<Digest, { readonly size: number; readonly bring: () => Promise<void> }>): BlobReader {
  return {
    stat: async (digest) => absent.get(digest)?.size ?? (await store.stat(digest)),
    async *open(digest, range) {
      const base = absent.get(digest);
      // One of another size is damaged, and is brought anew.
      if (base !== undefined && (await store.stat(digest)) !== base.size) await base.bring();
      yield* store.open(digest, range);
    },
  };
}
