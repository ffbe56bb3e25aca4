import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Digest, isDigest } from "../../../core/digest.ts";
import { digestPath, type StoreLayout } from "./layout.ts";
import type { Lease } from "./lease.ts";
import { withLock } from "./lock.ts";
import type { PrunedItem } from "./prune.ts";
import { listDigests, listRepositories, listTags, type RepositoryFiles, readManifestRecord, readTag, remove, repositoryFiles } from "./registry.ts";

export interface RegistryPruning {
  /** Only what was last written before this; file time in milliseconds. */
  readonly cutoffMs: number;
  readonly all: boolean;
  readonly dryRun: boolean;
}

/** Removes manifests that no tag leads to, and links to blobs that no manifest names; returns the blobs that are still needed. */
export async function pruneRegistry(layout: StoreLayout, lease: Lease, options: RegistryPruning, removed: PrunedItem[]): Promise<Set<Digest>> {
  const needed = new Set<Digest>();
  for (const repository of listRepositories(layout)) {
    const files = repositoryFiles(layout, repository);
    await withLock(files.lock, lease, () => pruneRepository(layout, repository, files, options, removed, needed));
  }
  return needed;
}

function pruneRepository(
  layout: StoreLayout,
  repository: string,
  files: RepositoryFiles,
  { cutoffMs, all, dryRun }: RegistryPruning,
  removed: PrunedItem[],
  needed: Set<Digest>,
): void {
  const roots: Digest[] = [];
  for (const tag of listTags(files)) {
    const path = files.tag(tag);
    const digest = readTag(path);
    if (digest === undefined || !existsSync(files.manifest(digest)) || (all && isOlder(path, cutoffMs))) {
      if (!dryRun) remove(path);
      removed.push({ kind: "tag", key: `${repository}:${tag}`, bytes: 0 });
    } else roots.push(digest);
  }
  const manifests = listDigests(join(files.folder, "_manifests"));
  for (const digest of manifests) if (!isOlder(files.manifest(digest), cutoffMs)) roots.push(digest);
  const { kept, named } = reachable(layout, files, manifests, roots);
  for (const digest of manifests) {
    if (kept.has(digest)) continue;
    const subject = readManifestRecord(files.manifest(digest))?.subject;
    if (!dryRun) {
      remove(files.manifest(digest));
      if (subject !== undefined) remove(digestPath(files.referrers(subject), digest));
    }
    removed.push({ kind: "manifest", key: `${repository}@${digest}`, bytes: 0 });
  }
  for (const digest of listDigests(join(files.folder, "_blobs"))) {
    if (!dryRun && !named.has(digest) && isOlder(files.blob(digest), cutoffMs)) remove(files.blob(digest));
  }
  for (const digest of named) needed.add(digest);
}

/** Manifests that `roots` lead to: themselves, children of indexes, and whatever refers to one of these; and every digest these name. */
function reachable(
  layout: StoreLayout,
  files: RepositoryFiles,
  manifests: readonly Digest[],
  roots: readonly Digest[],
): { readonly kept: ReadonlySet<Digest>; readonly named: ReadonlySet<Digest> } {
  const known = new Set(manifests);
  const kept = new Set<Digest>();
  const named = new Set<Digest>();
  const waiting = [...roots];
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    if (kept.has(digest)) continue;
    kept.add(digest);
    named.add(digest);
    for (const child of digestsIn(digestPath(layout.blobs, digest))) {
      named.add(child);
      if (known.has(child)) waiting.push(child);
    }
    waiting.push(...listDigests(files.referrers(digest)).filter((referrer) => known.has(referrer)));
  }
  return { kept, named };
}

/** Digests that a manifest names as content, whatever its type; the subject is not content. */
function digestsIn(path: string): Digest[] {
  try {
    const { config, layers, manifests, blobs } = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    const descriptors = [config, ...[layers, manifests, blobs].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []))];
    return descriptors.flatMap((descriptor) => {
      const digest = (descriptor as { digest?: unknown } | null | undefined)?.digest;
      return typeof digest === "string" && isDigest(digest) ? digest : [];
    });
  } catch {
    return [];
  }
}

const isOlder = (path: string, cutoffMs: number): boolean => (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY) < cutoffMs;
