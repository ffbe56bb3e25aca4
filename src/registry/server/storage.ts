import type { Digest } from "../../core/digest.ts";
import type { Descriptor } from "../../image/descriptor.ts";

/** What a repository remembers of a manifest; its bytes lie in the blob store. */
export interface ManifestRecord {
  /** Media type as pushed, digest and size of the bytes; `artifactType` and `annotations` as the referrers API tells them. */
  readonly descriptor: Descriptor;
  /** The manifest that this one refers to; it need not exist. */
  readonly subject?: Digest;
}

/**
 * What the embedded registry keeps beside blobs: which repository holds which blob and manifest, and tags.
 * Every change is seen whole or not at all, also by other processes and after a kill.
 */
export interface RegistryStorage {
  /** Names of repositories that hold a manifest, in code-unit order. */
  repositories(): Promise<readonly string[]>;
  hasBlob(repository: string, digest: Digest): Promise<boolean>;
  /** Lets a repository have a blob that the store holds already. */
  linkBlob(repository: string, digest: Digest): Promise<void>;
  /** False when the repository did not have it. The bytes stay in the store, for other repositories. */
  unlinkBlob(repository: string, digest: Digest): Promise<boolean>;
  manifest(repository: string, digest: Digest): Promise<ManifestRecord | undefined>;
  /** Adds a manifest whose bytes are in the blob store, then moves `tags` to it, one by one. */
  putManifest(repository: string, record: ManifestRecord, tags: readonly string[]): Promise<void>;
  /** Removes a manifest and the tags that name it; false when the repository did not have it. */
  deleteManifest(repository: string, digest: Digest): Promise<boolean>;
  /** What a tag names; undefined when the tag, or what it named, is not there. */
  tag(repository: string, tag: string): Promise<Digest | undefined>;
  deleteTag(repository: string, tag: string): Promise<boolean>;
  /** All tags in code-unit order; undefined when the repository was never pushed to. */
  tags(repository: string): Promise<readonly string[] | undefined>;
  /** Descriptors of the manifests whose subject is `subject`, in code-unit order of digest. */
  referrers(repository: string, subject: Digest): Promise<readonly Descriptor[]>;
}
