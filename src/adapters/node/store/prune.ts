import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { digestFromPath, type StoreLayout } from "./layout.ts";
import { type Lease, oldestLeaseMs, sweep } from "./lease.ts";
import { withLock } from "./lock.ts";
import { storeProblem } from "./problem.ts";
import { pruneRegistry } from "./prune-registry.ts";
import { type OpenSnapshotKeeper, openSandbox, type PrunedSandbox, type Snapshot } from "./prune-snapshots.ts";
import { remove } from "./registry.ts";

/**
 * Step records go, blobs that no tag of the embedded registry leads to, and what the sandbox keeps; tags, what they name and what refers to it stay, and emulators.
 * Nothing goes that was used since the oldest of the stores that are open now was opened, in this process or another.
 */
export interface PruneOptions {
  /** Only what was not used for this long; milliseconds. Default: everything that is not in use. */
  readonly olderThanMs?: number;
  /** Also emulators, and tags and what they name, unless they were pushed since the oldest open store was opened. */
  readonly all?: boolean;
  /** Stops, oldest first, once everything that is kept has no more than this many bytes together. */
  readonly keepBytes?: number;
  /** Reports and removes nothing. */
  readonly dryRun?: boolean;
  /** Reaches unpacked layers and cache mounts; asked only when the store has a sandbox. Absent: those stay. */
  readonly openSnapshots?: OpenSnapshotKeeper;
  /** Stops between two files; what is gone by then stays gone. */
  readonly signal?: AbortSignal;
}

/** One thing that went, or would go. */
export interface PrunedItem {
  readonly kind: "blob" | "record" | "manifest" | "tag" | Snapshot["kind"];
  /** Digest; `KIND/HASH` for a record; `REPOSITORY@DIGEST`; `REPOSITORY:TAG`; the id of a cache mount. */
  readonly key: string;
  readonly bytes: number;
  /** When it was used last, in milliseconds since 1970; absent for manifests and tags. */
  readonly usedMs?: number;
}

/** What went, or would go, and what stays. */
export interface PruneReport {
  readonly removed: readonly PrunedItem[];
  /** Bytes freed. */
  readonly bytes: number;
  /** What stays. */
  readonly kept: {
    readonly blobs: number;
    /** Of blobs. */
    readonly bytes: number;
    /** Of the sandbox: unpacked layers, cache mounts, emulators. Absent when it has nothing. */
    readonly sandbox?: { readonly items: number; readonly bytes: number };
  };
  /** Why the unpacked layers and cache mounts were left alone, when they were. */
  readonly unreached?: string;
}

interface Candidate {
  readonly kind: PrunedItem["kind"];
  readonly key: string;
  readonly bytes: number;
  readonly usedMs: number;
  /** Removes it unless somebody came to use it at or after `beforeMs`; for a dry run only asks. @returns whether it went, or would go */
  drop(beforeMs: number, dryRun: boolean): boolean | Promise<boolean>;
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

async function prune(layout: StoreLayout, lease: Lease, options: PruneOptions): Promise<PruneReport> {
  sweep(layout);
  const sandbox = await openSandbox(layout.folder, options.openSnapshots);
  try {
    return await pruneWith(layout, lease, sandbox, options);
  } finally {
    await sandbox.close();
  }
}

async function pruneWith(
  layout: StoreLayout,
  lease: Lease,
  sandbox: PrunedSandbox,
  { olderThanMs = 0, all = false, keepBytes, dryRun = false, signal }: PruneOptions,
): Promise<PruneReport> {
  const cutoffMs = Math.min(oldestLeaseMs(layout), olderThanMs > 0 ? Date.now() - olderThanMs : Number.POSITIVE_INFINITY);
  const found = [...blobsOf(layout), ...recordsOf(layout), ...sandbox.found.map((snapshot) => candidateOf(snapshot, sandbox))].sort(
    (a, b) => a.usedMs - b.usedMs,
  );
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
      const { kind, key, bytes, usedMs } = candidate;
      if (kind === "blob" && needed.has(key)) continue;
      if (kind === "emulator" && !all) continue;
      if (!(await candidate.drop(cutoffMs, dryRun))) continue;
      held -= bytes;
      gone.add(candidate);
      removed.push({ kind, key, bytes, usedMs: Math.round(usedMs) });
      if (i % AT_ONCE === AT_ONCE - 1) await nextTurn();
    }
  }
  const kept = found.filter((candidate) => !gone.has(candidate));
  const blobs = kept.filter(({ kind }) => kind === "blob");
  const snapshots = kept.filter(({ kind }) => kind !== "blob" && kind !== "record");
  return {
    removed,
    bytes: bytesOf(removed),
    kept: {
      blobs: blobs.length,
      bytes: bytesOf(blobs),
      ...(snapshots.length === 0 ? {} : { sandbox: { items: snapshots.length, bytes: bytesOf(snapshots) } }),
    },
    ...(sandbox.unreached === undefined ? {} : { unreached: sandbox.unreached }),
  };
}

const bytesOf = (items: readonly { readonly bytes: number }[]): number => items.reduce((sum, { bytes }) => sum + bytes, 0);

const candidateOf = (snapshot: Snapshot, sandbox: PrunedSandbox): Candidate => ({
  kind: snapshot.kind,
  key: snapshot.name ?? snapshot.key,
  bytes: snapshot.bytes,
  usedMs: snapshot.usedMs,
  drop: (beforeMs, dryRun) => (dryRun ? snapshot.usedMs < beforeMs : sandbox.remove(snapshot, beforeMs)),
});

/** Asked again before it goes: somebody may have come to use it. */
function dropFile(path: string, beforeMs: number, dryRun: boolean): boolean {
  const usedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return usedMs !== undefined && usedMs < beforeMs && (dryRun || remove(path));
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

function filesOf(folder: string): (Pick<Candidate, "bytes" | "usedMs" | "drop"> & { readonly name: string })[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true
      ? { name, bytes: stats.size, usedMs: stats.mtimeMs, drop: (beforeMs: number, dryRun: boolean) => dropFile(path, beforeMs, dryRun) }
      : [];
  });
}
