import type { World } from "../adapters/node/world.ts";
import type { BlobReader } from "../image/blob-store.ts";
import type { Descriptor } from "../image/descriptor.ts";
import type { Document, Manifest } from "../image/manifest.ts";
import { type ImageDocument, parseDocument, parseManifest } from "../image/parse.ts";
import { readDocument, readSmall } from "../image/walk.ts";
import { openSource } from "./open-source.ts";
import { openClient, type SessionOptions } from "./session.ts";

/** An image wherever it is: its index or manifest, and its blobs. */
export interface OpenedImage {
  /** As people know it, in full. */
  readonly name: string;
  readonly root: ImageDocument;
  readonly blobs: BlobReader;
  /** A manifest that the index names. */
  readManifest(entry: Descriptor): Promise<Document<Manifest>>;
  close(): Promise<void>;
}

/**
 * Opens an image by any of its names, as {@link openSource} does, and reads what it begins with.
 * @throws {ProblemError} what {@link openSource} throws | `manifest-invalid`
 */
export async function openImage(text: string, world: World, options: SessionOptions): Promise<OpenedImage> {
  const client = openClient(world, options);
  try {
    const { name, root, blobs, readDocument: bytesOf } = await openSource(text, world, client, options.signal);
    return {
      name,
      root: "bytes" in root ? parseDocument(root.bytes, root.mediaType) : await readDocument(blobs, root.descriptor),
      blobs,
      readManifest: async (entry) => parseManifest(await (bytesOf?.(entry) ?? readSmall(blobs, entry)), entry.mediaType),
      close: () => client.close(),
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}
