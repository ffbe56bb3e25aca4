import type { Digest } from "../../core/digest.ts";
import type { Reference } from "../../core/reference.ts";
import type { BlobReader, ByteStream } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";

/** A manifest or index as the registry gave it: bytes checked against the digest asked for, or digested by us. */
export interface RawManifest {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

export interface TransferOptions {
  readonly signal?: AbortSignal;
  /** Called as bytes move; `doneBytes` falls back when a retry starts over. */
  readonly onProgress?: (doneBytes: number) => void;
}

/** Client of one or many registries: credentials, tokens, retries, mirrors and proxies are its business. */
export interface RegistryClient {
  /**
   * Brings a manifest or index by tag or digest.
   * @throws {ProblemError} `registry-not-found` | `registry-unauthorized` | `registry-denied` | `registry-unreachable` | `digest-mismatch` | `limit-exceeded` | `manifest-invalid`
   */
  manifest(reference: Reference, options?: TransferOptions): Promise<RawManifest>;
  /** The descriptor of a tag or digest by HEAD (GET where a registry's HEAD tells no digest); undefined when absent. */
  head(reference: Reference, options?: TransferOptions): Promise<Descriptor | undefined>;
  /** Stores manifest bytes under `reference.tag`, or under their digest. */
  putManifest(reference: Reference, mediaType: string, bytes: Uint8Array, options?: TransferOptions): Promise<void>;
  /**
   * Blobs of one repository. `open` resumes a broken download.
   * Few streams to one host run at once (`transfersPerHost`); one more waits until another is read to its end or left.
   * @param options.sizes  what descriptors say: content of another size fails with `size-mismatch` before it is read
   */
  blobs(repository: Pick<Reference, "registry" | "repository">, options?: TransferOptions & { readonly sizes?: ReadonlyMap<Digest, number> }): BlobReader;
  /**
   * Puts a blob where it is not yet: asks (HEAD), mounts (from the first of `mountFrom` on that registry, else without a source), uploads.
   * @param open  yields the bytes from the start; called again for each retry
   */
  putBlob(
    repository: Pick<Reference, "registry" | "repository">,
    blob: { readonly digest: Digest; readonly size: number; open(): ByteStream },
    options?: TransferOptions & { readonly mountFrom?: readonly string[] },
  ): Promise<"exists" | "mounted" | "uploaded">;
  /** Descriptors that refer to `digest`: the referrers API, or the tag scheme where the registry has none. */
  referrers(
    repository: Pick<Reference, "registry" | "repository">,
    digest: Digest,
    options?: TransferOptions & { readonly artifactType?: string },
  ): Promise<readonly Descriptor[]>;
  /** Tags of a repository, all pages. */
  tags(repository: Pick<Reference, "registry" | "repository">, options?: TransferOptions): Promise<readonly string[]>;
  /** Ends idle connections. */
  close(): Promise<void>;
}
