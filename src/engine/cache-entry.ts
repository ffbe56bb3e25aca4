import type { Digest } from "../core/digest.ts";
import type { ByteStream } from "../image/blob-store.ts";
import type { PackedLayer } from "../image/pack.ts";

/**
 * A layer and the step that makes it. `key` is the digest of everything the step depends on: the manifest of the base, all operations below, the contents that they
 * take from contexts, the platform that executes, how layers are packed. It is the same on every machine, and known before anything is copied or run.
 */
export interface CacheEntry {
  readonly key: Digest;
  readonly layer: PackedLayer;
  /** Milliseconds since 1970: when it was made first. */
  readonly createdMs: number;
  /** In an image that was asked for (`mode=min` keeps only these), not just copied from. */
  readonly published: boolean;
}

/** Layers that were made elsewhere (--cache-from). A layer's bytes are checked against its digest, and its `diff_id` when it is unpacked; that a key has the right layer is the cache owner's word. */
export interface CacheSource {
  /** For messages: the value of --cache-from, without credentials. */
  readonly name: string;
  /** What it has for a key; read once, when first asked. One that cannot be read has nothing and says so once, through the warning given when it was opened. */
  find(key: Digest): Promise<Omit<CacheEntry, "published"> | undefined>;
  /** The blob of a layer that `find` told of. @throws as `BlobReader.open` */
  open(digest: Digest): ByteStream;
  /** Repository that holds the layers, where a registry does: a candidate for a cross-repository mount. */
  readonly origin?: { readonly registry: string; readonly repository: string };
}
