import type { BlobReader } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";

/** An image wherever it lies, unread. */
export interface ImageSource {
  /** As people know it, in full. */
  readonly name: string;
  /** What a registry gave for the name, with the media type that it told; or what a layout or archive says of it. */
  readonly root: { readonly bytes: Uint8Array; readonly mediaType: string | undefined } | { readonly descriptor: Descriptor };
  readonly blobs: BlobReader;
  /**
   * Bytes of an index or manifest, where these are not blobs (registries); undefined: they are.
   * @throws {ProblemError} `digest-mismatch` | `registry-not-found` | what the machine or the network does
   */
  readonly readDocument?: (descriptor: Descriptor) => Promise<Uint8Array>;
}
