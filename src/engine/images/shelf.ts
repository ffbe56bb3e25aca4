import { type Digest, isDigest } from "../../core/digest.ts";
import { ProblemError } from "../../core/problem.ts";
import { formatReference, type Reference } from "../../core/reference.ts";
import type { BlobReader } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { type Layout, pickImage } from "../../image/layout.ts";
import { type ImageDocument, parseDocument } from "../../image/parse.ts";
import type { ImageSource } from "../../plan/ports.ts";
import type { RegistryClient } from "../../registry/client/client.ts";

/** Where the documents of one image are read: a repository of a registry, or a layout. */
export interface Shelf {
  /** Full reference of what has this digest there. */
  nameOf(digest: Digest): string;
  /** What the tag or digest means. */
  root(): Promise<ImageDocument>;
  document(descriptor: Descriptor): Promise<ImageDocument>;
  readonly blobs: BlobReader;
}

/** Largest manifest or index that is read whole, as the distribution specification has it for registries. */
const LARGEST_MANIFEST_BYTES = 4 * 1024 * 1024;

/** A repository of a registry; the tag stays in the names, for people. */
export function registryShelf(client: Pick<RegistryClient, "manifest" | "blobs">, reference: Reference, signal?: AbortSignal): Shelf {
  const { registry, repository, tag } = reference;
  const read = async (wanted: Reference): Promise<ImageDocument> => {
    const { bytes, mediaType } = await client.manifest(wanted, signal === undefined ? {} : { signal });
    return parseDocument(bytes, mediaType);
  };
  return {
    nameOf: (digest) => formatReference({ registry, repository, ...(tag === undefined ? {} : { tag }), digest }),
    // A digest goes before a tag: the registry need not have the tag any more.
    root: () => read(reference.digest === undefined ? reference : { registry, repository, digest: reference.digest }),
    document: ({ digest }) => read({ registry, repository, digest }),
    blobs: client.blobs({ registry, repository }, signal === undefined ? {} : { signal }),
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
    blobs: layout.blobs,
  };
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
