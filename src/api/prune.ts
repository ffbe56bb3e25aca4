import type { PruneReport } from "../adapters/node/store/prune.ts";
import type { OpenSnapshotKeeper } from "../adapters/node/store/prune-snapshots.ts";
import { openStore } from "../adapters/node/store/store.ts";
import { nodeWorld, type World } from "../adapters/node/world.ts";
import { ProblemError } from "../core/problem.ts";
import { storeFolder } from "./store-folder.ts";

export type { PrunedItem, PruneReport } from "../adapters/node/store/prune.ts";

/** What may go. */
export interface PruneRequest {
  readonly store?: string | undefined;
  /** Also tags of the embedded registry, with what they name, and emulators that were fetched. */
  readonly all?: boolean | undefined;
  /** `90m`, `24h`, `7d`. */
  readonly olderThan?: string | undefined;
  /** `500MB`, `10GB`. */
  readonly keepStorage?: string | undefined;
  /** Says what would go, and removes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Stops between two files; what is gone by then stays gone. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Frees room in the store. What a running build may need stays, and what a tag of the embedded registry names.
 * @param openSnapshots  reaches what the sandbox keeps
 * @throws {ProblemError} `usage` | `store-unusable`
 */
export async function prune(request: PruneRequest = {}, world: World = nodeWorld(), openSnapshots: OpenSnapshotKeeper = openKeeper): Promise<PruneReport> {
  const olderThanMs = request.olderThan === undefined ? undefined : parseAge(request.olderThan);
  const keepBytes = request.keepStorage === undefined ? undefined : parseSize(request.keepStorage);
  const store = await openStore(storeFolder(world, request.store));
  try {
    return await store.prune({
      all: request.all ?? false,
      dryRun: request.dryRun ?? false,
      ...(olderThanMs === undefined ? {} : { olderThanMs }),
      ...(keepBytes === undefined ? {} : { keepBytes }),
      openSnapshots,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
  } finally {
    await store.close();
  }
}

/** Loaded only where there is a sandbox. */
const openKeeper: OpenSnapshotKeeper = async (folder) => (await import("../adapters/node/sandbox/snapshot-keeper.ts")).openSnapshotKeeper(folder);

const AGE_UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `90m`, `24h`, `7d`, `1h30m`, in milliseconds. @throws {ProblemError} `usage` */
export function parseAge(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smhdw])/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== text)
    throw new ProblemError("usage", { message: `"${text}" is not an age`, hint: "wanted a number and a unit: 90m, 24h, 7d" });
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (AGE_UNITS_MS[unit as string] as number), 0);
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** `500MB`, `10GB`, `1GiB`, plain bytes. @throws {ProblemError} `usage` */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text);
  const unit = match === null ? undefined : SIZE_UNITS[(match[2] as string).toLowerCase()];
  if (match === null || unit === undefined)
    throw new ProblemError("usage", { message: `"${text}" is not a size`, hint: "wanted bytes or a number with a unit: 500MB, 10GB, 1GiB" });
  return Math.round(Number(match[1]) * unit);
}
