import type { Digest } from "../../core/digest.ts";
import { byCodeUnit } from "../../core/order.ts";
import type { ManifestRecord, RegistryStorage } from "../../registry/server/storage.ts";

interface Repository {
  readonly blobs: Set<Digest>;
  readonly manifests: Map<Digest, ManifestRecord>;
  readonly tags: Map<string, Digest>;
}

/** What a registry remembers, in memory: for tests, and for registries that live as long as a rehearsal. */
export function memoryRegistryStorage(): RegistryStorage {
  const repositories = new Map<string, Repository>();
  const make = (name: string): Repository => {
    const found = repositories.get(name) ?? { blobs: new Set(), manifests: new Map(), tags: new Map() };
    repositories.set(name, found);
    return found;
  };

  return {
    async repositories() {
      return [...repositories].flatMap(([name, { manifests }]) => (manifests.size > 0 ? [name] : [])).sort(byCodeUnit);
    },
    hasBlob: async (repository, digest) => repositories.get(repository)?.blobs.has(digest) ?? false,
    linkBlob: async (repository, digest) => void make(repository).blobs.add(digest),
    unlinkBlob: async (repository, digest) => repositories.get(repository)?.blobs.delete(digest) ?? false,
    manifest: async (repository, digest) => repositories.get(repository)?.manifests.get(digest),
    async putManifest(repository, record, tags) {
      const { manifests, tags: named } = make(repository);
      manifests.set(record.descriptor.digest, record);
      for (const tag of tags) named.set(tag, record.descriptor.digest);
    },
    async deleteManifest(repository, digest) {
      const found = repositories.get(repository);
      if (found === undefined) return false;
      for (const [tag, named] of found.tags) if (named === digest) found.tags.delete(tag);
      return found.manifests.delete(digest);
    },
    tag: async (repository, tag) => repositories.get(repository)?.tags.get(tag),
    deleteTag: async (repository, tag) => repositories.get(repository)?.tags.delete(tag) ?? false,
    async tags(repository) {
      const found = repositories.get(repository);
      return found === undefined ? undefined : [...found.tags.keys()].sort(byCodeUnit);
    },
    async referrers(repository, subject) {
      const records = [...(repositories.get(repository)?.manifests.values() ?? [])];
      return records
        .filter((record) => record.subject === subject)
        .map((record) => record.descriptor)
        .sort((a, b) => byCodeUnit(a.digest, b.digest));
    },
  };
}
