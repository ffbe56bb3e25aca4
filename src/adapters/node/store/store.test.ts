import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Digest, digestOf } from "../../../core/digest.ts";
import { MEDIA_TYPE } from "../../../core/media-type.ts";
import { type ByteStream, putBytes, readBytes } from "../../../image/blob-store.ts";
import { newOwner } from "./owner.ts";
import { openStore, type Store, type StoreOptions } from "./store.ts";

let folder: string;
const opened: Store[] = [];
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "multihull-store-")), "store");
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const store of opened.splice(0)) await store.close();
  rmSync(join(folder, ".."), { recursive: true, force: true });
});

async function open(options: StoreOptions = {}): Promise<Store> {
  const store = await openStore(folder, options);
  opened.push(store);
  return store;
}

const files = (...parts: string[]): string[] => readdirSync(join(folder, ...parts));
const problem = (code: string): unknown => expect.objectContaining({ name: "ProblemError", code });
const small = Buffer.from("small");

/** Makes everything in the store look last used a day ago, so that the leases of now do not hold it. */
function age(path = folder): void {
  const dayAgo = Date.now() / 1000 - 86_400;
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && !entry.parentPath.endsWith("leases")) utimesSync(join(entry.parentPath, entry.name), dayAgo, dayAgo);
  }
}

async function drain(stream: ByteStream): Promise<number> {
  let size = 0;
  for await (const chunk of stream) size += chunk.byteLength;
  return size;
}

describe("the folder", () => {
  test("is made for its owner alone, and leaves nothing behind that is not content", async () => {
    const store = await open();
    await putBytes(store.blobs, small);
    await store.records.write("steps", "k", small);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(files("ingest")).toEqual([]);
    await store.close();
    expect(files("leases")).toEqual([]);
    expect(files().sort()).toEqual(["blobs", "ingest", "leases", "records", "registry", "store.json"]);
  });

  test("keeps blobs where an OCI layout has them", async () => {
    const store = await open();
    const digest = await putBytes(store.blobs, small);
    expect(store.blobs.pathOf(digest)).toBe(join(folder, "blobs", "sha256", digest.slice(7)));
    expect(existsSync(store.blobs.pathOf(digest))).toBe(true);
  });

  test("of another version is refused", async () => {
    await (await open()).close();
    writeFileSync(join(folder, "store.json"), '{"version":99}\n');
    await expect(openStore(folder)).rejects.toEqual(problem("store-unusable"));
  });

  test("that is a file is refused", async () => {
    writeFileSync(folder, "");
    await expect(openStore(folder)).rejects.toEqual(problem("store-unusable"));
  });

  test("that cannot be made is refused", async () => {
    await expect(openStore("/proc/multihull-store")).rejects.toEqual(problem("store-unusable"));
  });
});

describe("damage", () => {
  test.each<[string, (path: string) => void]>([
    ["longer", (path) => appendFileSync(path, "x")],
    ["shorter", (path) => truncateSync(path, 100_000)],
    ["another", (path) => writeFileSync(path, Buffer.alloc(200_000, 9))],
    ["empty", (path) => truncateSync(path, 0)],
  ])("a blob that became %s is told, moved aside, and can be put again", async (_, harm) => {
    const store = await open();
    const bytes = Buffer.alloc(200_000, 1);
    const digest = await putBytes(store.blobs, bytes);
    harm(store.blobs.pathOf(digest));
    await expect(drain(store.blobs.open(digest))).rejects.toEqual(problem("store-damaged"));
    expect(await store.blobs.stat(digest)).toBeUndefined();
    await putBytes(store.blobs, bytes);
    expect(await drain(store.blobs.open(digest))).toBe(200_000);
  });

  test("a blob of the wrong length is replaced when the right one is put", async () => {
    const store = await open();
    const digest = await putBytes(store.blobs, small);
    truncateSync(store.blobs.pathOf(digest), 2);
    await putBytes(store.blobs, small);
    expect(Buffer.from(await readBytes(store.blobs, digest))).toEqual(small);
  });

  test.each(["torn", "alien"])("a %s record is no record", async (what) => {
    const store = await open();
    await store.records.write("steps", "k", Buffer.alloc(1000, 1));
    const [name] = files("records", "steps");
    const path = join(folder, "records", "steps", name as string);
    if (what === "torn") truncateSync(path, 600);
    else {
      // The document of another key, under this one's name.
      await store.records.write("steps", "other", Buffer.from("alien"));
      const other = files("records", "steps").find((n) => n !== name) as string;
      rmSync(path);
      linkSync(join(folder, "records", "steps", other), path);
    }
    expect(await store.records.read("steps", "k")).toBeUndefined();
  });
});

describe("several processes", () => {
  async function worker(...args: string[]): Promise<{ readonly child: ChildProcess; says(word: string): Promise<void> }> {
    const script = join(import.meta.dirname, "../../../../test/harness/store-worker.ts");
    const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), script, folder, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    const said: string[] = [];
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => said.push(line));
    const says = async (word: string): Promise<void> => {
      while (!said.includes(word))
        await Promise.race([once(lines, "line"), once(child, "exit").then(([code]) => expect(code, `waiting for "${word}"`).toBe(0))]);
    };
    return { child, says };
  }

  test("write the same things at once, and all is sound", async () => {
    const workers = await Promise.all(["1", "2", "3"].map((seed) => worker("write", seed)));
    await Promise.all(workers.map((w) => w.says("done")));
    const store = await open();
    for (let round = 0; round < 100; round++) expect(await drain(store.blobs.open(digestOf(Buffer.alloc(100_000 + round, round))))).toBe(100_000 + round);
    for (let i = 0; i < 5; i++) expect(Buffer.from((await store.records.read("steps", `shared ${i}`))!).toString()).toMatch(/^(worker \d round \d+)\1{49}$/);
    expect(await store.registry.tags("app")).toEqual(["latest", "w1", "w2", "w3"]);
    for (const seed of [1, 2, 3]) expect(await store.registry.tag("app", `w${seed}`)).toBe(digestOf(`manifest 99 of ${seed}`));
    const latest = (await store.registry.tag("app", "latest"))!;
    expect(Buffer.from(await readBytes(store.blobs, latest)).toString()).toMatch(/^manifest 99 of \d$/);
    expect(await store.registry.manifest("app", digestOf("manifest 4 of 1"))).toBeUndefined();
    expect(files("ingest")).toEqual([]);
  });

  test("one that was killed leaves no blob, and what it left is swept by the next; one that lives keeps its files", async () => {
    const [killed, living] = await Promise.all([worker("hold"), worker("hold")]);
    await Promise.all([killed.says("holding"), living.says("holding")]);
    expect(files("ingest")).toHaveLength(2);
    killed.child.kill("SIGKILL");
    await once(killed.child, "exit");
    const store = await open();
    expect(files("ingest")).toHaveLength(1);
    expect(files("leases")).toHaveLength(2);
    expect(await store.blobs.stat(digestOf(Buffer.alloc(3_000_000, 7)))).toBeUndefined();
  });

  test("the lock of one that was killed does not hold others up", async () => {
    const store = await open();
    await store.registry.linkBlob("app", digestOf(small));
    const killed = await worker("hold");
    await killed.says("holding");
    const theirs = files("leases").find((name) => name.includes(`-${killed.child.pid}-`)) as string;
    linkSync(join(folder, "leases", theirs), join(folder, "registry", "app", "_lock"));
    linkSync(join(folder, "leases", theirs), join(folder, "prune.lock"));
    killed.child.kill("SIGKILL");
    await once(killed.child, "exit");
    await store.registry.putManifest("app", { descriptor: { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(small), size: 5 } }, ["v1"]);
    expect(await store.registry.tag("app", "v1")).toBe(digestOf(small));
    expect((await store.prune()).removed).toEqual([]);
  });

  test("a process id that is used again does not count as the old process", async () => {
    const store = await open();
    const reborn = newOwner().replace(/-(\d+)-(\d+)-([0-9a-f]+)$/, (_, pid: string, start: string, random: string) => `-${pid}-${Number(start) - 1}-${random}`);
    const before = newOwner().replace(/^([0-9a-f]+)-([0-9a-f]+)/, "$1-000000000000");
    for (const owner of [reborn, before, newOwner()]) writeFileSync(join(folder, "ingest", `${owner}.0`), "");
    await open();
    expect(files("ingest")).toHaveLength(1);
    await store.close();
  });
});

test("a lease that somebody swept is put back when it is needed", async () => {
  const store = await open();
  await store.registry.linkBlob("app", digestOf(small));
  for (const name of files("leases")) rmSync(join(folder, "leases", name));
  await store.registry.putManifest("app", { descriptor: { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(small), size: 5 } }, ["v1"]);
  expect(await store.registry.tag("app", "v1")).toBe(digestOf(small));
  expect(files("leases")).toHaveLength(1);
});

describe("a full disk", () => {
  test("is told as such, leaves nothing, and is no reason to stop: what fits can be written again", async (context) => {
    const disk = join(folder, "..");
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]);
    if (mounted.status !== 0) context.skip("a small file system cannot be mounted here");
    try {
      const store = await open();
      const writer = await store.blobs.create();
      const fill = async (): Promise<void> => {
        for (let i = 0; i < 100; i++) await writer.write(Buffer.alloc(100_000, i));
        await writer.commit();
      };
      await expect(fill()).rejects.toEqual(problem("disk-full"));
      expect(files("ingest")).toEqual([]);
      await expect(putBytes(store.blobs, Buffer.alloc(60_000))).resolves.toBeDefined();
      writeFileSync(join(disk, "filler"), Buffer.alloc(1_000_000));
      expect(() => appendFileSync(join(disk, "filler"), Buffer.alloc(2_000_000))).toThrow("ENOSPC");
      await expect(putBytes(store.blobs, Buffer.alloc(50_000, 1))).rejects.toEqual(problem("disk-full"));
      await expect(store.records.write("steps", "k", Buffer.alloc(50_000))).rejects.toEqual(problem("disk-full"));
      expect(files("ingest")).toEqual([]);
      rmSync(join(disk, "filler"));
      expect(await store.blobs.stat(await putBytes(store.blobs, Buffer.alloc(50_000, 1)))).toBe(50_000);
      await store.close();
    } finally {
      spawnSync("umount", ["-l", disk]);
    }
  });
});

describe("pruning", () => {
  const put = (store: Store, text: string): Promise<Digest> => putBytes(store.blobs, Buffer.from(text));

  async function pushed(store: Store, repository: string, tags: readonly string[], layer: string, subject?: Digest): Promise<Digest> {
    const blob = await put(store, layer);
    await store.registry.linkBlob(repository, blob);
    const text = JSON.stringify({ config: { digest: blob }, layers: [{ digest: blob }] });
    const digest = await put(store, text);
    const descriptor = { mediaType: MEDIA_TYPE.ociManifest, digest, size: text.length };
    await store.registry.putManifest(repository, subject === undefined ? { descriptor } : { descriptor, subject }, tags);
    return digest;
  }

  /** A store full of things that were last used a day ago, open again. */
  async function aged(fill: (store: Store) => Promise<void>): Promise<Store> {
    const store = await open();
    await fill(store);
    await store.close();
    age();
    return open();
  }

  test("takes records and loose blobs; what a tag leads to stays, with what refers to it", async () => {
    let kept: Digest[] = [];
    let gone: Digest[] = [];
    const store = await aged(async (s) => {
      const image = await pushed(s, "app", ["v1"], "layer of v1");
      const signature = await pushed(s, "app", [], "signature", image);
      const index = await put(s, JSON.stringify({ manifests: [{ digest: await pushed(s, "other", [], "layer of a child") }] }));
      await s.registry.putManifest("other", { descriptor: { mediaType: MEDIA_TYPE.ociIndex, digest: index, size: 1 } }, ["all"]);
      kept = [image, signature, index, digestOf("layer of v1"), digestOf("signature"), digestOf("layer of a child")];
      gone = [await put(s, "loose"), await pushed(s, "app", [], "untagged")];
      await s.records.write("steps", "k", small);
    });
    const planned = await store.prune({ dryRun: true });
    expect(await store.registry.manifest("app", gone[1]!)).toBeDefined();
    const report = await store.prune();
    expect(report).toEqual(planned);
    expect(report.removed.map((item) => item.kind).sort()).toEqual(["blob", "blob", "blob", "manifest", "record"]);
    expect(report.bytes).toBe(report.removed.reduce((sum, item) => sum + item.bytes, 0));
    for (const digest of kept) expect(await store.blobs.stat(digest)).toBeDefined();
    for (const digest of [...gone, digestOf("untagged")]) expect(await store.blobs.stat(digest)).toBeUndefined();
    expect(await store.registry.manifest("app", gone[1]!)).toBeUndefined();
    expect(await store.records.read("steps", "k")).toBeUndefined();
    expect(report.kept.blobs).toBe(7);
  });

  test("with all, takes tags too", async () => {
    const store = await aged(async (s) => void (await pushed(s, "app", ["v1"], "layer")));
    const report = await store.prune({ all: true });
    expect(report.removed.map((item) => item.kind)).toEqual(["tag", "manifest", "blob", "blob"]);
    expect(await store.registry.tags("app")).toEqual([]);
    expect(files("blobs", "sha256")).toEqual([]);
  });

  test("leaves what was used since an open store was opened, in this process or another", async () => {
    const store = await aged(async (s) => {
      for (const text of ["looked at", "read", "put again", "untouched"]) await put(s, text);
      await s.records.write("steps", "read", small);
    });
    await store.blobs.stat(digestOf("looked at"));
    await drain(store.blobs.open(digestOf("read")));
    await put(store, "put again");
    await store.records.read("steps", "read");
    const fresh = await put(store, "fresh");
    const other = await open();
    const report = await other.prune();
    expect(report.removed.map((item) => item.key)).toEqual([digestOf("untouched")]);
    expect(await store.blobs.stat(fresh)).toBeDefined();
    await store.close();
    await other.close();
    age();
    expect((await (await open()).prune()).removed).toHaveLength(5);
  });

  test("leaves what is younger than asked", async () => {
    const store = await aged(async (s) => void (await put(s, "a day old")));
    expect((await store.prune({ olderThanMs: 2 * 86_400_000 })).removed).toEqual([]);
    expect((await store.prune({ olderThanMs: 86_000_000 })).removed).toHaveLength(1);
  });

  test("takes the longest unused first, until enough is gone", async () => {
    const store = await aged(async (s) => {
      for (const text of ["oldest....", "middle....", "newest...."]) await put(s, text);
    });
    const at = (text: string, seconds: number): void =>
      utimesSync(store.blobs.pathOf(digestOf(text)), Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);
    at("oldest....", 9000);
    at("middle....", 8000);
    at("newest....", 7000);
    expect((await store.prune({ keepBytes: 30 })).removed).toEqual([]);
    expect((await store.prune({ keepBytes: 15 })).removed.map((item) => item.key)).toEqual([digestOf("oldest...."), digestOf("middle....")]);
  });

  test("makes whoever comes to use a blob meanwhile wait for its end, and tell the truth then", async () => {
    const store = await aged(async (s) => void (await put(s, "wanted")));
    // A pruner at work: it holds the lock, and has made up its mind about the blob.
    const pruner = await open();
    const theirs = files("leases")[0] as string;
    linkSync(join(folder, "leases", theirs), join(folder, "prune.lock"));
    let answered = false;
    const asked = store.blobs.stat(digestOf("wanted")).then((size) => {
      answered = true;
      return size;
    });
    const again = put(store, "wanted again");
    const opening = openStore(folder);
    for (let turn = 0; turn < 5; turn++) await new Promise((done) => setImmediate(done));
    expect(answered).toBe(false);
    rmSync(store.blobs.pathOf(digestOf("wanted")));
    rmSync(store.blobs.pathOf(digestOf("wanted again")));
    rmSync(join(folder, "prune.lock"));
    expect(await asked).toBeUndefined();
    expect(await store.blobs.stat(await again)).toBe("wanted again".length);
    await (await opening).close();
    await pruner.close();
  });
});

test("a writer that is left open ends with the store", async () => {
  const store = await open();
  const writer = await store.blobs.create();
  await writer.write(Buffer.alloc(3_000_000));
  expect(files("ingest")).toHaveLength(1);
  await store.close();
  expect(files("ingest")).toEqual([]);
  await expect(writer.commit()).rejects.toThrow();
});

test("a missing folder of the registry is made when it is needed", async () => {
  const store = await open();
  mkdirSync(join(folder, "registry", "app"), { recursive: true });
  expect(await store.registry.tags("app")).toBeUndefined();
  await store.registry.linkBlob("app", digestOf(small));
  expect(await store.registry.tags("app")).toEqual([]);
});
