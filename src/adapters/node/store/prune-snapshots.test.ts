import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ProblemError } from "../../../core/problem.ts";
import { putBytes } from "../../../image/blob-store.ts";
import type { Snapshot, SnapshotKeeper } from "./prune-snapshots.ts";
import { openStore, type Store } from "./store.ts";

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "multihull-prune-"));
  store = await openStore(folder);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const HOUR_MS = 3_600_000;
const hoursAgo = (hours: number): number => Date.now() - hours * HOUR_MS;

/** What a warden would keep; `live` is what a build came to use after it was listed. */
function keeperOf(snapshots: readonly Snapshot[], live: readonly string[] = []) {
  const calls: string[] = [];
  const keeper: SnapshotKeeper = {
    list: async () => snapshots,
    remove: async (snapshot, beforeMs) => {
      if (live.includes(snapshot.key) || snapshot.usedMs >= beforeMs) return false;
      calls.push(`remove ${snapshot.key}`);
      return true;
    },
    close: async () => void calls.push("close"),
  };
  const openSnapshots = async (at: string): Promise<SnapshotKeeper> => {
    calls.push(`open ${at === join(folder, "sandbox")}`);
    return keeper;
  };
  return { calls, openSnapshots };
}
const layer = (key: string, usedMs: number, bytes = 100): Snapshot => ({ kind: "unpacked-layer", key, bytes, usedMs });
const mount = (key: string, usedMs: number, bytes = 100): Snapshot => ({ kind: "cache-mount", key, name: `id of ${key}`, bytes, usedMs });
const area = (): string => mkdirSync(join(folder, "sandbox", "map-0"), { recursive: true }) ?? "";

/** A blob last used so many hours ago. */
async function oldBlob(text: string, hours: number): Promise<string> {
  const digest = await putBytes(store.blobs, Buffer.from(text));
  utimesSync(store.blobs.pathOf(digest), hoursAgo(hours) / 1000, hoursAgo(hours) / 1000);
  return digest;
}
/** An emulator that was fetched so many hours ago. */
function emulator(name: string, hours: number, place = "emulators"): void {
  const path = join(folder, "sandbox", place, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "12345");
  utimesSync(path, hoursAgo(hours) / 1000, hoursAgo(hours) / 1000);
}

/** Opens the store anew, after `ms` by the file system's clock, which is a coarse one. */
async function reopenAfter(ms: number): Promise<void> {
  const leases = join(folder, "leases");
  do {
    await store.close();
    store = await openStore(folder);
  } while (statSync(join(leases, readdirSync(leases)[0] as string)).mtimeMs <= ms);
}

test("a store whose sandbox was never entered is pruned without one", async () => {
  const { calls, openSnapshots } = keeperOf([]);
  expect((await store.prune({ openSnapshots })).kept).toEqual({ blobs: 0, bytes: 0 });
  for (const name of ["ingest", "leases"]) mkdirSync(join(folder, "sandbox", name), { recursive: true });
  writeFileSync(join(folder, "sandbox", "ability.json"), "{}");
  expect((await store.prune({ openSnapshots })).kept).toEqual({ blobs: 0, bytes: 0 });
  expect(calls).toEqual([]);
});

test("what the sandbox keeps goes with its kind, name, size and age, but not what an open store may use", async () => {
  area();
  const usedMs = hoursAgo(2);
  const { calls, openSnapshots } = keeperOf(
    [layer("old", usedMs), mount("h/0", usedMs), layer("new", Date.now() + 1000, 7), layer("came", usedMs, 9)],
    ["came"],
  );
  const report = await store.prune({ openSnapshots });
  expect(report).toEqual({
    removed: [
      { kind: "unpacked-layer", key: "old", bytes: 100, usedMs },
      { kind: "cache-mount", key: "id of h/0", bytes: 100, usedMs },
    ],
    bytes: 200,
    kept: { blobs: 0, bytes: 0, sandbox: { items: 2, bytes: 16 } },
  });
  expect(calls).toEqual(["open true", "remove old", "remove h/0", "close"]);
});

test("a dry run tells the same and removes nothing", async () => {
  area();
  const { calls, openSnapshots } = keeperOf([layer("old", hoursAgo(2)), layer("new", Date.now() + 1000)]);
  expect((await store.prune({ openSnapshots, dryRun: true })).removed.map(({ key }) => key)).toEqual(["old"]);
  expect(calls).toEqual(["open true", "close"]);
});

test("older-than counts for all kinds", async () => {
  area();
  await oldBlob("old", 5);
  await oldBlob("young", 1);
  const { openSnapshots } = keeperOf([layer("a", hoursAgo(5)), mount("b", hoursAgo(1))]);
  expect((await store.prune({ openSnapshots, olderThanMs: 2 * HOUR_MS })).removed.map(({ kind }) => kind).sort()).toEqual(["blob", "unpacked-layer"]);
});

test("keep-storage counts all kinds together, and takes the oldest first whatever it is", async () => {
  area();
  const digest = await oldBlob("ten bytes.", 4);
  const snapshots = [layer("oldest", hoursAgo(5), 20), mount("youngest", hoursAgo(1), 30)];
  const kept = async (keepBytes: number): Promise<string[]> =>
    (await store.prune({ openSnapshots: keeperOf(snapshots).openSnapshots, keepBytes, dryRun: true })).removed.map(({ key }) => key);
  expect(await kept(60)).toEqual([]);
  expect(await kept(59)).toEqual(["oldest"]);
  expect(await kept(39)).toEqual(["oldest", digest]);
  expect(await kept(29)).toEqual(["oldest", digest, "id of youngest"]);
});

test("emulators go with --all only, by age, and without a warden", async () => {
  emulator("old", 5);
  emulator("young", 1);
  const { calls, openSnapshots } = keeperOf([]);
  expect((await store.prune({ openSnapshots })).kept.sandbox).toEqual({ items: 2, bytes: 10 });
  const report = await store.prune({ openSnapshots, all: true, olderThanMs: 2 * HOUR_MS });
  expect(report.removed).toEqual([{ kind: "emulator", key: "emulators/old", bytes: 5, usedMs: expect.any(Number) }]);
  expect((await store.prune({ openSnapshots, all: true })).removed.map(({ key }) => key)).toEqual(["emulators/young"]);
  expect(calls).toEqual([]);
});

test("an area's copy of an emulator counts from when it was put there, whatever the file's own time, and links take no room", async () => {
  emulator("kept", 5);
  emulator("copy", 5, "map-0/emulators");
  linkSync(join(folder, "sandbox/emulators/kept"), join(folder, "sandbox/map-0/emulators/link"));
  const { openSnapshots } = keeperOf([]);
  expect((await store.prune({ openSnapshots, all: true })).removed.map(({ key }) => key)).toEqual(["emulators/kept"]);
  const { ctimeMs } = statSync(join(folder, "sandbox/map-0/emulators/link"));
  await reopenAfter(ctimeMs);
  const { removed, bytes } = await store.prune({ openSnapshots, all: true });
  expect(new Set(removed.map(({ key }) => key))).toEqual(new Set(["map-0/emulators/copy", "map-0/emulators/link"]));
  // The link is the last of its file by now.
  expect(bytes).toBe(10);
});

test("where no sandbox can be had, blobs go all the same and the report says what was left", async () => {
  area();
  const digest = await oldBlob("blob", 3);
  const report = await store.prune({
    openSnapshots: async () => {
      throw new ProblemError("sandbox-unavailable", { message: "this kernel has no user namespaces" });
    },
  });
  expect(report.removed.map(({ key }) => key)).toEqual([digest]);
  expect(report.unreached).toBe("this kernel has no user namespaces");
});

test("a keeper is closed also when listing fails", async () => {
  area();
  const { calls, openSnapshots } = keeperOf([]);
  const failing = async (at: string): Promise<SnapshotKeeper> => ({
    ...(await openSnapshots(at)),
    list: async () => {
      throw new Error("the warden is gone");
    },
  });
  await expect(store.prune({ openSnapshots: failing })).rejects.toThrow("the warden is gone");
  expect(calls).toEqual(["open true", "close"]);
});
