import { type BlobReader, type BlobStore, type ByteStream, collect, putBytes } from "../image/blob-store.ts";
import { DOCUMENT_BYTES_LIMIT } from "../image/json.ts";
import type { OpenedSource } from "./open-source.ts";

/** A source whose manifests and configs, once brought from a registry, are taken from the store. What lies on a disk is read where it lies. */
export function keptDocuments(source: OpenedSource, store: BlobStore): OpenedSource {
  const { reference, blobs, readDocument } = source;
  if (reference === undefined || readDocument === undefined) return source;
  return {
    ...source,
    blobs: { stat: (digest) => blobs.stat(digest), open: (digest, range) => (range === undefined ? kept(digest, blobs, store) : blobs.open(digest, range)) },
    async readDocument(descriptor) {
      if ((await store.stat(descriptor.digest)) !== undefined) return await collect(store.open(descriptor.digest));
      const bytes = await readDocument(descriptor);
      await putBytes(store, bytes);
      return bytes;
    },
  };
}

async function* kept(digest: Parameters<BlobReader["open"]>[0], blobs: BlobReader, store: BlobStore): ByteStream {
  if ((await store.stat(digest)) !== undefined) {
    yield* store.open(digest);
    return;
  }
  const writer = await store.create();
  try {
    for await (const chunk of blobs.open(digest)) {
      // What is larger than any document passes, and is not kept.
      if (writer.size <= DOCUMENT_BYTES_LIMIT) await writer.write(chunk);
      yield chunk;
    }
    if (writer.size <= DOCUMENT_BYTES_LIMIT) await writer.commit({ digest });
  } finally {
    await writer.abort();
  }
}
