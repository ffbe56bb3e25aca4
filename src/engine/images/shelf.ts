import { type Digest, digestOf, isDigest } from "../../core/digest.ts";
import { isProblem, ProblemError } from "../../core/problem.ts";
import { formatReference, type Reference } from "../../core/reference.ts";
import { type BlobReader, type BlobStore, putBytes } from "../../image/blob-store.ts";
import type { ImageConfig } from "../../image/config.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { type Layout, pickImage } from "../../image/layout.ts";
import { type ImageDocument, parseConfig, parseDocument } from "../../image/parse.ts";
import type { ImageSource } from "../../plan/ports.ts";
import type { RawManifest, RegistryClient } from "../../registry/client/client.ts";

/** Where the documents of one image are read: a repository of a registry, or a layout. */
export interface Shelf {
  /** Full reference of what has this digest there. */
  nameOf(digest: Digest): string;
  /** What the tag or digest means. */
  root(): Promise<ImageDocument>;
  document(descriptor: Descriptor): Promise<ImageDocument>;
  config(descriptor: Descriptor): Promise<ImageConfig>;
}

/** Largest manifest or index that is read whole, as the distribution specification has it for registries. */
const LARGEST_MANIFEST_BYTES = 4 * 1024 * 1024;
/** Largest config that is read whole; real ones have a few kilobytes, long histories some hundred. */
const LARGEST_CONFIG_BYTES = 8 * 1024 * 1024;

/** A repository of a registry; the tag stays in the names, for people. */
export function registryShelf(client: Pick<RegistryClient, "manifest" | "blobs">, reference: Reference, store?: BlobStore, signal?: AbortSignal): Shelf {
  const { registry, repository, tag } = reference;
  const ask = (wanted: Reference): Promise<RawManifest> => client.manifest(wanted, signal === undefined ? {} : { signal });
  const blobs = client.blobs({ registry, repository }, signal === undefined ? {} : { signal });
  return {
    nameOf: (digest) => formatReference({ registry, repository, ...(tag === undefined ? {} : { tag }), digest }),
    // A digest goes before a tag: the registry need not have the tag any more.
    async root() {
      const { bytes, mediaType } = await ask(reference.digest === undefined ? reference : { registry, repository, digest: reference.digest });
      return parseDocument(bytes, mediaType);
    },
    async document(descriptor) {
      const known = await readKept(store, descriptor, LARGEST_MANIFEST_BYTES);
      if (known !== undefined) return parseDocument(known, descriptor.mediaType);
      const { bytes, mediaType } = await ask({ registry, repository, digest: descriptor.digest });
      // What is served as something else than the index says is asked for each time.
      if (mediaType === descriptor.mediaType) await keep(store, descriptor, bytes);
      return parseDocument(bytes, mediaType);
    },
    async config(descriptor) {
      const known = await readKept(store, descriptor, LARGEST_CONFIG_BYTES);
      if (known !== undefined) return parseConfig(known);
      const bytes = await readWhole(blobs, descriptor, LARGEST_CONFIG_BYTES);
      await keep(store, descriptor, bytes);
      return parseConfig(bytes);
    },
  };
}

/** An OCI layout that has been opened. @throws {ProblemError} `digest-malformed` */
export function layoutShelf(layout: Layout, { folder, tag, digest }: Extract<ImageSource, { kind: "layout" }>): Shelf {
  if (digest !== undefined && !isDigest(digest)) {
    throw new ProblemError("digest-malformed", {
      message: `"${digest.slice(0, 160)}" is not a content address`,
      hint: 'wanted "sha256:" and 64 lower-case hex digits',
    });
  }
  const document = async (descriptor: Descriptor): Promise<ImageDocument> =>
    parseDocument(await readWhole(layout.blobs, descriptor, LARGEST_MANIFEST_BYTES), descriptor.mediaType);
  return {
    nameOf: (of) => `oci-layout://${folder}@${of}`,
    root: async () => document(pickImage(layout, { tag, digest }, folder)),
    document,
    config: async (descriptor) => parseConfig(await readWhole(layout.blobs, descriptor, LARGEST_CONFIG_BYTES)),
  };
}

/** For later runs: what a digest names never changes. */
async function keep(store: BlobStore | undefined, { digest }: Descriptor, bytes: Uint8Array): Promise<void> {
  if (store !== undefined && digestOf(bytes) === digest) await putBytes(store, bytes);
}

/** What an earlier run has kept; undefined also when it is damaged. */
async function readKept(store: BlobStore | undefined, descriptor: Descriptor, limit: number): Promise<Uint8Array | undefined> {
  try {
    if (store === undefined || (await store.stat(descriptor.digest)) !== descriptor.size) return undefined;
    const bytes = await readWhole(store, descriptor, limit);
    return digestOf(bytes) === descriptor.digest ? bytes : undefined;
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}

/**
 * Reads a document that is small by its nature.
 * @throws {ProblemError} `limit-exceeded` | `size-mismatch` | from `open`
 */
export async function readWhole(blobs: BlobReader, { digest, size }: Descriptor, limit: number): Promise<Uint8Array> {
  if (size > limit) throw new ProblemError("limit-exceeded", { message: `the document ${digest} has ${size} bytes; at most ${limit} are read` });
  const chunks: Uint8Array[] = [];
  let seen = 0;
  for await (const chunk of blobs.open(digest)) {
    seen += chunk.byteLength;
    // Told by the size, not by the end: a source that never ends must not fill the memory.
    if (seen > size) break;
    chunks.push(chunk);
  }
  if (seen === size) return Buffer.concat(chunks);
  const got = seen > size ? "more" : `${seen}`;
  throw new ProblemError("size-mismatch", { message: `the document ${digest} has ${got} bytes, its descriptor says ${size}` });
}
