import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { digestFromPath, type StoreLayout } from "./layout.ts";
import { type Lease, oldestLeaseMs, sweep } from "./lease.ts";
import { withLock } from "./lock.ts";
import { storeProblem } from "./problem.ts";
import { pruneRegistry } from "./prune-registry.ts";
import { remove } from "./registry.ts";

/**
 * Step records go, and blobs that no tag of the embedded registry leads to; tags, what they name and what refers to it stay.
 * Nothing goes that was used since the oldest of the stores that are open now was opened, in this process or another.
 */
export interface PruneOptions {
  /** Only what was not used for this long; milliseconds. Default: everything that is not in use. */
  readonly olderThanMs?: number;
  /** Also tags and what they name, unless they were pushed since the oldest open store was opened. */
  readonly all?: boolean;
  /** Stops, oldest first, once blobs and records together have no more than this many bytes. */
  readonly keepBytes?: number;
  /** Reports and removes nothing. */
  readonly dryRun?: boolean;
  /** Stops between two files; what is gone by then stays gone. */
  readonly signal?: AbortSignal;
}

/** One thing that went, or would go. */
export interface PrunedItem {
  readonly kind: "blob" | "record" | "manifest" | "tag";
  /** Digest; `KIND/HASH` for a record; `REPOSITORY@DIGEST`; `REPOSITORY:TAG`. */
  readonly key: string;
  readonly bytes: number;
}

/** What went, or would go, and what stays. */
export interface PruneReport {
  readonly removed: readonly PrunedItem[];
  /** Bytes freed. */
  readonly bytes: number;
  /** What stays. */
  readonly kept: { readonly blobs: number; readonly bytes: number };
}

interface Candidate {
  readonly kind: "blob" | "record";
  readonly key: string;
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
}

/** Files removed between two looks at what else this process has to do. */
const AT_ONCE = 200;

/** @throws {ProblemError} `store-unusable` */
export async function pruneStore(layout: StoreLayout, lease: Lease, options: PruneOptions): Promise<PruneReport> {
  try {
    return await withLock(layout.pruneLock, lease, () => prune(layout, lease, options));
  } catch (error) {
    throw storeProblem(error, layout.folder);
  }
}

async function prune(
  layout: StoreLayout,
  lease: Lease,
  { olderThanMs = 0, all = false, keepBytes, dryRun = false, signal }: PruneOptions,
): Promise<PruneReport> {
  sweep(layout);
  const cutoffMs = Math.min(oldestLeaseMs(layout), olderThanMs > 0 ? Date.now() - olderThanMs : Number.POSITIVE_INFINITY);
  const found = [...blobsOf(layout), ...recordsOf(layout)].sort((a, b) => a.usedMs - b.usedMs);
  let held = found.reduce((sum, candidate) => sum + candidate.bytes, 0);
  const most = keepBytes ?? 0;
  const removed: PrunedItem[] = [];
  const gone = new Set<Candidate>();
  if (held > most || keepBytes === undefined) {
    const needed: ReadonlySet<string> = await pruneRegistry(layout, lease, { cutoffMs, all, dryRun }, removed);
    if (!dryRun) rmSync(layout.damaged, { recursive: true, force: true });
    for (const [i, candidate] of found.entries()) {
      signal?.throwIfAborted();
      if (keepBytes !== undefined && held <= most) break;
      if (candidate.kind === "blob" && needed.has(candidate.key)) continue;
      // Asked again now: somebody may have come to use it.
      const usedMs = statSync(candidate.path, { throwIfNoEntry: false })?.mtimeMs;
      if (usedMs === undefined || usedMs >= cutoffMs) continue;
      if (!dryRun && !remove(candidate.path)) continue;
      held -= candidate.bytes;
      gone.add(candidate);
      removed.push({ kind: candidate.kind, key: candidate.key, bytes: candidate.bytes });
      if (i % AT_ONCE === AT_ONCE - 1) await nextTurn();
    }
  }
  const kept = found.filter((candidate) => candidate.kind === "blob" && !gone.has(candidate));
  return {
    removed,
    bytes: removed.reduce((sum, item) => sum + item.bytes, 0),
    kept: { blobs: kept.length, bytes: kept.reduce((sum, { bytes }) => sum + bytes, 0) },
  };
}

const blobsOf = (layout: StoreLayout): Candidate[] =>
  readdirSync(layout.blobs).flatMap((algorithm) =>
    filesOf(join(layout.blobs, algorithm)).flatMap(({ name, ...file }) => {
      const digest = digestFromPath(algorithm, name);
      return digest === undefined ? [] : { kind: "blob" as const, key: digest, ...file };
    }),
  );

const recordsOf = (layout: StoreLayout): Candidate[] =>
  readdirSync(layout.records).flatMap((kind) =>
    filesOf(join(layout.records, kind)).map(({ name, ...file }) => ({ kind: "record" as const, key: `${kind}/${name}`, ...file })),
  );

function filesOf(folder: string): { readonly name: string; readonly path: string; readonly bytes: number; readonly usedMs: number }[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true ? { name, path, bytes: stats.size, usedMs: stats.mtimeMs } : [];
  });
}
