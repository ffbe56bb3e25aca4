import type { Digest } from "../core/digest.ts";
import { isIndexType, isManifestType } from "../core/media-type.ts";
import { ProblemError } from "../core/problem.ts";
import type { BlobReader } from "./blob-store.ts";
import type { Descriptor } from "./descriptor.ts";
import { DOCUMENT_BYTES_LIMIT } from "./json.ts";
import { type ImageDocument, parseDocument } from "./parse.ts";

/** Indexes within indexes: one is usual, two are known. */
const INDEX_DEPTH_LIMIT = 8;
/** Descriptors of one image, all platforms together. */
const DESCRIPTORS_LIMIT = 100_000;

/**
 * Every descriptor that `root` reaches and itself, each digest once, children before parents: the order in which a copy may be written. Reads manifests and
 * indexes, not configs and layers. Layers with addresses of their own (`urls`) are among them.
 * @throws {ProblemError} `manifest-invalid` | `size-mismatch` | `limit-exceeded` | what `reader.open` throws
 */
export async function descriptorsOf(reader: BlobReader, root: Descriptor): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  const within = new Set<Digest>();
  async function visit(descriptor: Descriptor): Promise<void> {
    if (found.has(descriptor.digest)) return;
    if (within.has(descriptor.digest)) throw new ProblemError("manifest-invalid", { message: `index ${descriptor.digest} holds itself` });
    if (within.size >= INDEX_DEPTH_LIMIT) {
      throw new ProblemError("limit-exceeded", {
        message: `${root.digest} holds indexes deeper than ${INDEX_DEPTH_LIMIT} levels`,
        facts: { limit: INDEX_DEPTH_LIMIT },
      });
    }
    if (isIndexType(descriptor.mediaType) || isManifestType(descriptor.mediaType)) {
      const document = await readDocument(reader, descriptor);
      within.add(descriptor.digest);
      for (const child of document.kind === "index" ? document.value.manifests : [document.value.config, ...document.value.layers]) await visit(child);
      within.delete(descriptor.digest);
    }
    found.set(descriptor.digest, descriptor);
    if (found.size > DESCRIPTORS_LIMIT) {
      throw new ProblemError("limit-exceeded", {
        message: `${root.digest} holds more than ${DESCRIPTORS_LIMIT} descriptors`,
        facts: { limit: DESCRIPTORS_LIMIT },
      });
    }
  }
  await visit(root);
  return [...found.values()];
}

/**
 * Reads the manifest or index that a descriptor points to.
 * @throws {ProblemError} `manifest-invalid` | `size-mismatch` | `limit-exceeded` | what `reader.open` throws
 */
export async function readDocument(reader: BlobReader, descriptor: Descriptor): Promise<ImageDocument> {
  return parseDocument(await readSmall(reader, descriptor), descriptor.mediaType);
}

/**
 * Reads a small blob whole, as large as its descriptor says and no larger.
 * @throws {ProblemError} `size-mismatch` | `limit-exceeded` | what `reader.open` throws
 */
export async function readSmall(reader: BlobReader, descriptor: Descriptor, limit = DOCUMENT_BYTES_LIMIT): Promise<Uint8Array> {
  if (descriptor.size > limit) {
    throw new ProblemError("limit-exceeded", { message: `${descriptor.digest} has ${descriptor.size} bytes, at most ${limit} are accepted`, facts: { limit } });
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const mismatch = (got: string): ProblemError =>
    new ProblemError("size-mismatch", {
      message: `${descriptor.digest} has ${got} bytes, its descriptor says ${descriptor.size}`,
      facts: { wanted: descriptor.size },
    });
  for await (const chunk of reader.open(descriptor.digest)) {
    size += chunk.length;
    if (size > descriptor.size) throw mismatch(`more than ${descriptor.size}`);
    chunks.push(Buffer.from(chunk));
  }
  if (size !== descriptor.size) throw mismatch(String(size));
  return Buffer.concat(chunks);
}
