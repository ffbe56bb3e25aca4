import { existsSync, readdirSync, readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { type Digest, isDigest } from "../../../core/digest.ts";
import { byCodeUnit } from "../../../core/order.ts";
import type { Descriptor } from "../../../image/descriptor.ts";
import type { ManifestRecord, RegistryStorage } from "../../../registry/server/storage.ts";
import { digestFromPath, digestPath, type StoreLayout } from "./layout.ts";
import type { Lease } from "./lease.ts";
import { withLock } from "./lock.ts";
import { guarded, isErrno, storeProblem } from "./problem.ts";
import { writeWhole } from "./write-file.ts";

/** Files of one repository. */
export interface RepositoryFiles {
  readonly folder: string;
  readonly lock: string;
  readonly tags: string;
  blob(digest: Digest): string;
  manifest(digest: Digest): string;
  /** Folder of the manifests that refer to `subject`. */
  referrers(subject: Digest): string;
  tag(tag: string): string;
}

export function repositoryFiles(layout: StoreLayout, repository: string): RepositoryFiles {
  const folder = join(layout.registry, ...repository.split("/"));
  return {
    folder,
    lock: join(folder, "_lock"),
    tags: join(folder, "_tags"),
    blob: (digest) => digestPath(join(folder, "_blobs"), digest),
    manifest: (digest) => digestPath(join(folder, "_manifests"), digest),
    referrers: (subject) => digestPath(join(folder, "_referrers"), subject),
    tag: (tag) => join(folder, "_tags", fileOfTag(tag)),
  };
}

/**
 * The registry's memory as small files. Each is put in place whole, and each step leaves a sound state: a manifest's entry comes after its
 * referrers entry and before its tags; a tag, or a referrers entry, whose manifest is not there does not count.
 */
export function folderRegistry(layout: StoreLayout, lease: Lease, durable: boolean): RegistryStorage {
  const put = (path: string, text: string): void => writeWhole(lease, path, text, durable);
  const files = (repository: string): RepositoryFiles => repositoryFiles(layout, repository);

  const tagged = (repository: string, tag: string): Digest | undefined => {
    const digest = readTag(files(repository).tag(tag));
    return digest !== undefined && existsSync(files(repository).manifest(digest)) ? digest : undefined;
  };
  const locked = async <T>(repository: string, act: (its: RepositoryFiles) => T): Promise<T> => {
    const its = files(repository);
    if (!existsSync(its.folder)) return act(its);
    return withLock(its.lock, lease, () => guarded(its.folder, () => act(its)));
  };

  return {
    async repositories() {
      return listRepositories(layout).filter((repository) => listDigests(join(files(repository).folder, "_manifests")).length > 0);
    },
    hasBlob: async (repository, digest) => existsSync(files(repository).blob(digest)),
    async linkBlob(repository, digest) {
      const path = files(repository).blob(digest);
      if (!existsSync(path)) put(path, "");
    },
    unlinkBlob: async (repository, digest) => remove(files(repository).blob(digest)),
    manifest: async (repository, digest) => readManifestRecord(files(repository).manifest(digest)),
    async putManifest(repository, record, tags) {
      const its = files(repository);
      const { digest } = record.descriptor;
      // Makes the repository's folder, so that there is a place for the lock.
      if (record.subject !== undefined) put(digestPath(its.referrers(record.subject), digest), "");
      put(its.manifest(digest), JSON.stringify(record));
      await locked(repository, () => {
        // Somebody may have deleted it just now: then the tags come with a new entry.
        if (!existsSync(its.manifest(digest))) put(its.manifest(digest), JSON.stringify(record));
        for (const tag of tags) put(its.tag(tag), digest);
      });
    },
    deleteManifest: (repository, digest) =>
      locked(repository, (its) => {
        const record = readManifestRecord(its.manifest(digest));
        // Tags first: one that outlived a kill would come back with the next push of the same manifest.
        for (const tag of listTags(its)) if (readTag(its.tag(tag)) === digest) remove(its.tag(tag));
        const removed = remove(its.manifest(digest));
        if (record?.subject !== undefined) remove(digestPath(its.referrers(record.subject), digest));
        return removed;
      }),
    tag: async (repository, tag) => tagged(repository, tag),
    deleteTag: (repository, tag) => locked(repository, (its) => tagged(repository, tag) !== undefined && remove(its.tag(tag))),
    async tags(repository) {
      const its = files(repository);
      if (!["_tags", "_manifests", "_blobs"].some((part) => existsSync(join(its.folder, part)))) return undefined;
      return listTags(its).filter((tag) => tagged(repository, tag) !== undefined);
    },
    async referrers(repository, subject) {
      const its = files(repository);
      const found: Descriptor[] = [];
      for (const digest of listDigests(its.referrers(subject))) {
        const record = readManifestRecord(its.manifest(digest));
        if (record?.subject === subject) found.push(record.descriptor);
      }
      return found;
    },
  };
}

/** Every repository that was ever pushed to, in code-unit order. */
export function listRepositories(layout: StoreLayout): string[] {
  const found: string[] = [];
  const walk = (folder: string, name: string): void => {
    const parts = list(folder);
    if (parts.some((part) => part.startsWith("_"))) found.push(name);
    for (const part of parts) if (!part.startsWith("_")) walk(join(folder, part), name === "" ? part : `${name}/${part}`);
  };
  walk(layout.registry, "");
  return found.sort(byCodeUnit);
}

export const listTags = (files: RepositoryFiles): string[] => list(files.tags).map(tagOfFile).sort(byCodeUnit);

/** The digests that files below `folder` are named for, in code-unit order. */
export const listDigests = (folder: string): Digest[] =>
  list(folder)
    .flatMap((algorithm) => list(join(folder, algorithm)).flatMap((name) => digestFromPath(algorithm, name) ?? []))
    .sort(byCodeUnit);

export function readTag(path: string): Digest | undefined {
  const text = readText(path)?.trim();
  return text !== undefined && isDigest(text) ? text : undefined;
}

/** Undefined also for a torn or alien file. */
export function readManifestRecord(path: string): ManifestRecord | undefined {
  try {
    const record = JSON.parse(readText(path) ?? "null") as ManifestRecord | null;
    return typeof record?.descriptor?.digest === "string" ? record : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function remove(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return false;
    throw storeProblem(error, path);
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw storeProblem(error, path);
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw storeProblem(error, folder);
  }
}

// Tags "v1" and "V1" are two; on the disks of macOS and Windows two such files are one. No tag has a percent sign.
const fileOfTag = (tag: string): string => tag.replace(/[A-Z]/g, (letter) => `%${letter.toLowerCase()}`);
const tagOfFile = (name: string): string => name.replace(/%([a-z])/g, (_, letter: string) => letter.toUpperCase());
