import { algorithmOf, type Digest, Digester, digestOf } from "../../core/digest.ts";
import { ProblemError } from "../../core/problem.ts";
import type { BlobStore, BlobWriter, ByteStream } from "../../image/blob-store.ts";

/** A blob store in memory: for tests, and for images that are never written down. */
export function memoryBlobStore(): BlobStore {
  const held = new Map<Digest, Uint8Array>();

  async function* open(digest: Digest, range?: { readonly start: number; readonly end?: number }): ByteStream {
    const bytes = held.get(digest);
    if (bytes === undefined) throw new ProblemError("store-damaged", { message: `blob ${digest} is not in the store` });
    yield range === undefined ? bytes : bytes.subarray(range.start, range.end);
  }

  return {
    stat: async (digest) => held.get(digest)?.byteLength,
    open,
    create: async () => writer(held),
    delete: async (digest) => held.delete(digest),
  };
}

function writer(held: Map<Digest, Uint8Array>): BlobWriter {
  let chunks: Uint8Array[] | undefined = [];
  let size = 0;
  return {
    async write(chunk) {
      if (chunks === undefined) throw new Error("written to after commit or abort");
      chunks.push(Uint8Array.from(chunk));
      size += chunk.byteLength;
    },
    get size() {
      return size;
    },
    async commit(expected = {}) {
      if (chunks === undefined) throw new Error("committed twice, or after abort");
      const bytes = Buffer.concat(chunks);
      chunks = undefined;
      if (expected.size !== undefined && expected.size !== size) {
        throw new ProblemError("size-mismatch", { message: `content has ${size} bytes, wanted ${expected.size}` });
      }
      const digest = expected.digest === undefined ? digestOf(bytes) : new Digester(algorithmOf(expected.digest)).update(bytes).digest();
      if (expected.digest !== undefined && expected.digest !== digest) {
        throw new ProblemError("digest-mismatch", { message: `content has the digest ${digest}, wanted ${expected.digest}` });
      }
      if (!held.has(digest)) held.set(digest, bytes);
      return { digest, size };
    },
    async abort() {
      chunks = undefined;
    },
  };
}
