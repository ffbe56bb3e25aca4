import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { layoutOf } from "../store/layout.ts";
import { beginLease, type Lease } from "../store/lease.ts";
import { holdCache, removeFreeCaches } from "./cache-folder.ts";

type Sharing = "shared" | "private" | "locked";

let folder: string;
let ours: Lease;
let others: Lease;
const never = new AbortController().signal;
const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "multihull-caches-"));
  const layout = layoutOf(folder);
  for (const path of [layout.ingest, layout.leases]) mkdirSync(path);
  [ours, others] = [beginLease(layout), beginLease(layout)];
});
afterEach(() => rmSync(folder, { recursive: true }));

const hold = (sharing: Sharing, lease = ours, signal = never, id = "things") => holdCache(folder, { id, sharing }, owner, lease, signal);
const numberOf = (path: string): number => Number(path.split("/").at(-1));

test.each<[string, Sharing, Sharing, number]>([
  ["two share", "shared", "shared", 0],
  ["a private one takes another than the shared", "shared", "private", 1],
  ["two private ones", "private", "private", 1],
  ["a shared one takes another than the private", "private", "shared", 1],
  ["a shared one takes another than the locked", "locked", "shared", 1],
])("%s", async (_, first, second, wanted) => {
  const { folder: made } = await hold(first);
  expect(numberOf(made)).toBe(0);
  mkdirSync(join(folder, made));
  expect(numberOf((await hold(second, others)).folder)).toBe(wanted);
});

test("who shares a folder that is new waits until it is made", async () => {
  const first = await hold("shared");
  let got = false;
  const second = hold("shared", others).then((held) => {
    got = true;
    return held;
  });
  await hold("shared", others, never, "other things");
  expect(got).toBe(false);
  mkdirSync(join(folder, first.folder));
  expect((await second).folder).toBe(first.folder);
});

test("a locked one waits until the other has ended, and gets the same folder", async () => {
  const first = await hold("locked");
  const order: string[] = [];
  const second = hold("locked", others).then((held) => {
    order.push("second");
    return held;
  });
  await hold("locked", others, never, "other things");
  order.push("first");
  first.release();
  expect((await second).folder).toBe(first.folder);
  expect(order).toEqual(["first", "second"]);
});

test("waiting ends when the build is cancelled", async () => {
  await hold("locked");
  const stop = new AbortController();
  const waiting = hold("locked", others, stop.signal);
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: "interrupted" });
});

test("what is given back is free, and a dead holder's too", async () => {
  const first = await hold("private");
  first.release();
  const second = await hold("private");
  expect(second.folder).toBe(first.folder);
  // This process's id with another start: that process is gone.
  const dead = ours.owner.replace(/-\d+-([0-9a-f]{12})$/, "-1-$1");
  writeFileSync(join(folder, `${second.folder}.lock`), dead);
  expect((await hold("private")).folder).toBe(first.folder);
});

test("caches of other ids lie elsewhere, and each tells its id", async () => {
  const [one, two] = [await hold("shared"), await hold("shared", ours, never, "a/../b")];
  expect(one.folder).not.toBe(two.folder);
  expect(readdirSync(join(folder, "caches")).every((name) => /^[0-9a-f]{64}$/.test(name))).toBe(true);
});

test("emptying a cache takes the folders that nobody holds", async () => {
  const used = await hold("private");
  const other = await hold("private");
  for (const { folder: name } of [used, other]) mkdirSync(join(folder, name), { recursive: true });
  other.release();
  const removed: string[] = [];
  await removeFreeCaches(folder, "things", ours, async (key) => void removed.push(`caches/${key}`));
  expect(removed).toEqual([other.folder]);
  used.release();
  await removeFreeCaches(folder, "unknown", ours, async (key) => void removed.push(key));
  expect(removed).toHaveLength(1);
});
