import type { Digest } from "../../core/digest.ts";
import type { ByteStream } from "../../image/blob-store.ts";

/** A layer of a stage, for whoever needs its bytes. */
export interface StackLayer {
  readonly diffId: Digest;
  /** The uncompressed archive. */
  open(): ByteStream;
}
