import type { Digest } from "../core/digest.ts";

/** Bytes in chunks. Iterate once; leaving the loop early releases what lies below. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** Read side of any place that keeps blobs: store, registry repository, layout, archive. Two methods make a source. */
export interface BlobReader {
  /** Size in bytes, undefined when absent. Never transfers content. */
  stat(digest: Digest): Promise<number | undefined>;
  /**
   * Content, checked against `digest` as it passes: the iteration throws `digest-mismatch` before it ends when it differs.
   * @param range  bytes from `start` up to and without `end`; a part is not checked
   * @throws {ProblemError} `registry-not-found` | `store-damaged` (absent), `digest-mismatch`
   */
  open(digest: Digest, range?: { readonly start: number; readonly end?: number }): ByteStream;
}

/** Documents that are held in memory, and below them whatever `below` has. */
export function withDocuments(documents: ReadonlyMap<Digest, Uint8Array>, below: BlobReader): BlobReader {
  return {
    stat: async (digest) => documents.get(digest)?.byteLength ?? (await below.stat(digest)),
    open(digest, range) {
      const bytes = documents.get(digest);
      if (bytes === undefined) return below.open(digest, range);
      return (async function* () {
        yield bytes.subarray(range?.start ?? 0, range?.end);
      })();
    },
  };
}

/** A blob being written. Nothing of it is visible before {@link commit}, nothing of it is left after {@link abort} or a kill. */
export interface BlobWriter {
  /** Resolves when the writer is ready for more. Bytes may be reused by the caller afterwards. */
  write(chunk: Uint8Array): Promise<void>;
  /** Bytes written so far. */
  readonly size: number;
  /**
   * Makes the blob visible under its digest, all at once; a blob that is there already stays.
   * @param expected  throws `digest-mismatch` | `size-mismatch`, and leaves nothing, when the content differs
   */
  commit(expected?: { readonly digest?: Digest; readonly size?: number }): Promise<{ readonly digest: Digest; readonly size: number }>;
  /** Forgets it. Harmless after `commit`. */
  abort(): Promise<void>;
}

/** The store: what the builder and the embedded registry share. Safe under several processes. */
export interface BlobStore extends BlobReader {
  create(): Promise<BlobWriter>;
  delete(digest: Digest): Promise<boolean>;
  /** A path at which a local process may read the blob, for stores that are folders. */
  readonly pathOf?: (digest: Digest) => string;
}

/** Stores small bytes whole. */
export async function putBytes(store: BlobStore, bytes: Uint8Array): Promise<Digest> {
  const writer = await store.create();
  try {
    await writer.write(bytes);
    return (await writer.commit()).digest;
  } finally {
    await writer.abort();
  }
}

/**
 * Reads a small blob whole.
 * @throws {ProblemError} from `open`
 */
export async function readBytes(reader: BlobReader, digest: Digest): Promise<Uint8Array> {
  return await collect(reader.open(digest));
}

/** All bytes of a stream that is known to be small. */
export async function collect(stream: ByteStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
