import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { tarOf } from "../../../../test/harness/built-result.ts";
import { digestOf, hexOf } from "../../../core/digest.ts";
import { isProblem } from "../../../core/problem.ts";
import { openStore } from "../store/store.ts";
import { tryWorlds } from "./enter/try-worlds.ts";
import { sandboxClient } from "./sandbox-client.ts";
import { openSnapshotKeeper } from "./snapshot-keeper.ts";

const folder = mkdtempSync(join(tmpdir(), "multihull-keeper-"));
const sandbox = join(folder, "sandbox");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const layers = ["old", "stale", "young"].map((path) => {
  const tar = tarOf([{ path, content: path }]);
  return { tar, diffId: digestOf(tar) };
}) as [Unpacked, Unpacked, Unpacked];
interface Unpacked {
  readonly tar: Buffer;
  readonly diffId: ReturnType<typeof digestOf>;
}
const hourAgo = Date.now() / 1000 - 3600;
const [old, stale, young] = layers;

/** The folder of a cache mount, as the warden's root would own it. */
function makeMount(at: string, digit: string): void {
  const { uid, gid } = statSync(at);
  for (const path of [join(at, "caches", digit.repeat(64)), join(at, "caches", digit.repeat(64), "0")]) {
    mkdirSync(path);
    chownSync(path, uid, gid);
  }
}

/** An area with three unpacked layers, one of them of before the machine's last start, and a cache mount; undefined where there is no world for it. */
async function filledArea(): Promise<string | undefined> {
  try {
    const { warden } = await tryWorlds({ folder: sandbox });
    if (warden === undefined) return undefined;
    const client = sandboxClient(warden, () => false);
    for (const { tar, diffId } of layers)
      await client.unpack(
        diffId,
        (async function* () {
          yield tar;
        })(),
        new AbortController().signal,
      );
    await client.close();
    const { area } = warden;
    writeFileSync(join(area, "layers", `${hexOf(stale.diffId)}.json`), '{"boot":"another"');
    makeMount(area, "a");
    writeFileSync(join(area, "caches", "a".repeat(64), "0/package"), "12345678");
    writeFileSync(join(area, "caches", "a".repeat(64), "id"), "/var/cache/apt");
    for (const path of [
      `layers/${hexOf(old.diffId)}.json`,
      `layers/${hexOf(stale.diffId)}.json`,
      `layers/${hexOf(old.diffId)}`,
      `layers/${hexOf(stale.diffId)}`,
    ])
      utimesSync(join(area, path), hourAgo, hourAgo);
    utimesSync(join(area, "caches", "a".repeat(64), "0"), hourAgo, hourAgo);
    return area;
  } catch {
    return undefined;
  }
}

// Only root can make a cache mount's folder from outside.
const area = process.getuid?.() === 0 ? await filledArea() : undefined;

test.skipIf(area === undefined)("what a sandbox keeps is listed and removed through a warden (needs root, a sandbox and dist/)", async () => {
  const keeper = await openSnapshotKeeper(sandbox);
  try {
    const found = await keeper.list();
    expect(found.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual(
      ["cache-mount /var/cache/apt", ...layers.map(({ diffId }) => `unpacked-layer ${diffId}`)].sort(),
    );
    expect(found.find(({ kind }) => kind === "cache-mount")).toMatchObject({ bytes: 8, usedMs: expect.closeTo(hourAgo * 1000, -3) });
    expect(found.find(({ name }) => name === old.diffId)?.bytes).toBeGreaterThan(0);
  } finally {
    await keeper.close();
  }
  const store = await openStore(folder);
  const report = await store.prune({ openSnapshots: openSnapshotKeeper });
  await store.close();
  // The young one was unpacked before this store was opened: by the file system's clock that is all that counts.
  expect(report.removed.map(({ kind, key }) => `${kind} ${key}`)).toEqual(
    expect.arrayContaining(["cache-mount /var/cache/apt", `unpacked-layer ${old.diffId}`, `unpacked-layer ${stale.diffId}`, `unpacked-layer ${young.diffId}`]),
  );
  expect(readdirSync(join(area as string, "layers"))).toEqual([]);
  expect(existsSync(join(area as string, "caches", "a".repeat(64), "0"))).toBe(false);
  expect(readdirSync(join(area as string, "ingest"))).toEqual([]);
});

test.skipIf(area === undefined)("what came to be used is left (needs root, a sandbox and dist/)", async () => {
  const keeper = await openSnapshotKeeper(sandbox);
  try {
    makeMount(area as string, "b");
    const [mount] = (await keeper.list()).filter(({ kind }) => kind === "cache-mount");
    expect(await keeper.remove(mount!, mount!.usedMs)).toBe(false);
    expect(await keeper.remove(mount!, mount!.usedMs + 1)).toBe(true);
    expect(await keeper.remove({ ...mount!, key: "root-00000000/caches/x/0" }, Number.POSITIVE_INFINITY)).toBe(false);
  } finally {
    await keeper.close();
  }
});

test("areas of nobody that we can be are told of", async () => {
  const other = mkdtempSync(join(tmpdir(), "multihull-keeper-"));
  mkdirSync(join(other, "other-world-0"));
  const opening = await openSnapshotKeeper(other).then(
    () => undefined,
    (error: unknown) => error,
  );
  rmSync(other, { recursive: true });
  expect(isProblem(opening) && opening.code).toBe("sandbox-unavailable");
});
