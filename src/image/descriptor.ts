import { type Digest, digestOf } from "../core/digest.ts";
import type { Platform } from "../core/platform.ts";

/** Points at content by digest. Fields in the order in which BuildKit and most tools print them. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  readonly artifactType?: string;
  readonly urls?: readonly string[];
  readonly data?: string;
}

/** Descriptor of bytes at hand. */
export const describe = (mediaType: string, bytes: Uint8Array): Descriptor => ({ mediaType, digest: digestOf(bytes), size: bytes.byteLength });
