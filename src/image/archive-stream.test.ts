import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { builtResult, type MadeImage } from "../../test/harness/built-result.ts";
import { memoryBlobStore } from "../adapters/memory/blob-store.ts";
import { digestOf } from "../core/digest.ts";
import { isProblem } from "../core/problem.ts";
import { archivedRoot, blobsOf, rootOf } from "../engine/output/result-images.ts";
import { readArchiveStream } from "./archive-stream.ts";
import { ociArchive } from "./archive-write.ts";
import { type BlobStore, type ByteStream, collect } from "./blob-store.ts";
import type { LayerEntry } from "./entry.ts";
import { invariantsOf } from "./invariants.ts";
import { blobPath, LAYOUT_MARK } from "./layout.ts";
import { TAR_END, tarHeader, tarPad } from "./tar/writer.ts";

async function archiveOf(images: Readonly<Record<string, MadeImage>>): Promise<{ readonly bytes: Buffer; readonly root: ReturnType<typeof archivedRoot> }> {
  const result = await builtResult(images);
  const root = archivedRoot(result, 1, 0);
  return { bytes: Buffer.from(await collect(ociArchive([{ root, names: [], blobs: blobsOf(result) }]))), root };
}

async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): ByteStream {
  let at = 0;
  for (let i = 0; at < bytes.byteLength; i++) {
    const end = at + (sizes[i % sizes.length] as number);
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** The problem's code, or `none`; with the store that was written into. */
async function outcome(
  bytes: Uint8Array,
  sizes: readonly number[] = [65_536],
): Promise<{ readonly code: string; readonly message: string; readonly store: BlobStore }> {
  const store = memoryBlobStore();
  try {
    await readArchiveStream(inChunks(bytes, sizes), store, "it");
    return { code: "none", message: "", store };
  } catch (error) {
    if (!isProblem(error)) throw error;
    return { code: error.code, message: error.message, store };
  }
}

const entry = (path: string, content: Uint8Array | string = "", more: Partial<LayerEntry> = {}): Uint8Array => {
  const bytes = Buffer.from(content);
  return Buffer.concat([tarHeader({ path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: bytes.length, ...more }), bytes, tarPad(bytes.length)]);
};
const blob = (content: string): Uint8Array => entry(blobPath(digestOf(content)), content);
const INDEX = entry("index.json", '{"schemaVersion":2,"manifests":[]}');
const MARK = entry("oci-layout", LAYOUT_MARK);
const tar = (...parts: Uint8Array[]): Buffer => Buffer.concat([...parts, TAR_END]);

const TWO = { "linux/amd64": { layers: [[{ path: "a", content: "one" }]] }, "linux/arm64": { layers: [[{ path: "a", content: "two" }]] } };

describe("what we write", () => {
  test("comes back, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.record({ path: fc.stringMatching(/^[a-z]{1,8}$/), content: fc.string() }), { maxLength: 3 }), { maxLength: 3 }),
        fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        async (layers, sizes, several) => {
          const { bytes, root } = await archiveOf({ "linux/amd64": { layers }, ...(several ? { "linux/arm64": { layers } } : {}) });
          const store = memoryBlobStore();
          expect(await readArchiveStream(inChunks(bytes, sizes), store, "it")).toEqual([root]);
          expect(await invariantsOf(store, root)).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("stops short nowhere unseen, up to the last byte of the last entry", async () => {
    const { bytes } = await archiveOf({ "linux/amd64": { layers: [[{ path: "a" }]] } });
    // `oci-layout` comes last: its content, its padding, the two empty blocks.
    const lastByte = bytes.lastIndexOf("}") + 1;
    const cuts = Array.from({ length: lastByte }, (_, at) => at);
    const found = new Set<string>();
    for (const at of cuts) found.add((await outcome(bytes.subarray(0, at))).code);
    expect([...found]).toEqual(["layout-invalid"]);
    expect((await outcome(bytes)).code).toBe("none");
  });

  test("blobs that are there already are not written again", async () => {
    const { bytes, root } = await archiveOf(TWO);
    const store = memoryBlobStore();
    await readArchiveStream(inChunks(bytes, [4096]), store, "it");
    let written = 0;
    const counting: BlobStore = {
      ...store,
      async create() {
        written++;
        return await store.create();
      },
    };
    expect(await readArchiveStream(inChunks(bytes, [4096]), counting, "it")).toEqual([root]);
    expect(written).toBe(0);
  });

  test("the store is written to before the next chunk is asked for", async () => {
    const content = "x".repeat(3000);
    const bytes = tar(blob(content), INDEX, MARK);
    let waiting = 0;
    const store = memoryBlobStore();
    const slow: BlobStore = {
      ...store,
      async create() {
        const writer = await store.create();
        return Object.assign(Object.create(writer) as typeof writer, {
          async write(chunk: Uint8Array) {
            waiting++;
            await new Promise((done) => setImmediate(done));
            await writer.write(chunk);
            waiting--;
          },
          commit: writer.commit,
          abort: writer.abort,
        });
      },
    };
    async function* watched(): ByteStream {
      for await (const chunk of inChunks(bytes, [700])) {
        expect(waiting).toBe(0);
        yield chunk;
      }
    }
    expect(await readArchiveStream(watched(), slow, "it")).toEqual([]);
    expect(await store.stat(digestOf(content))).toBe(3000);
  });
});

describe("order", () => {
  test.each([
    ["index first", tar(INDEX, MARK, blob("a"))],
    [
      "with Docker's list, folders, and ./ before names",
      tar(
        entry("./blobs/", "", { type: "directory" }),
        entry("manifest.json", "not read"),
        blob("a"),
        entry("./index.json", '{"schemaVersion":2,"manifests":[]}'),
        MARK,
      ),
    ],
    ["the same blob twice", tar(blob("a"), blob("a"), INDEX, MARK)],
    ["an empty blob", tar(blob(""), INDEX, MARK)],
    ["what follows the end is not read", Buffer.concat([tar(INDEX, MARK), Buffer.from("anything")])],
  ])("%s", async (_name, bytes) => {
    expect((await outcome(bytes)).code).toBe("none");
  });
});

describe("unsound archives", () => {
  const header = (path: string, size: number): Uint8Array => tarHeader({ path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size });
  const hex = digestOf("a").slice(7);
  test.each<[name: string, bytes: Uint8Array, code: string, message: RegExp]>([
    ["nothing", new Uint8Array(), "layout-invalid", /ends without "index.json"/],
    ["no index", tar(MARK, blob("b")), "layout-invalid", /ends without "index.json"/],
    ["no mark", tar(INDEX), "layout-invalid", /ends without "oci-layout"/],
    ["a layout of another version", tar(INDEX, entry("oci-layout", '{"imageLayoutVersion":"2.0.0"}')), "layout-invalid", /of version "2.0.0"/],
    ["two indexes", tar(INDEX, INDEX, MARK), "layout-invalid", /"index.json" twice/],
    ["not JSON", tar(entry("index.json", "{"), MARK), "manifest-invalid", /./],
    ["no archive", Buffer.from("x".repeat(600)), "layout-invalid", /not a tar archive/],
    ["a blob with another content", tar(entry(`blobs/sha256/${hex}`, "b"), INDEX, MARK), "digest-mismatch", /a blob of it is not what it is named/],
    ["a blob that is longer than its header says", tar(header(`blobs/sha256/${hex}`, 1), Buffer.from("ab"), INDEX, MARK), "layout-invalid", /./],
    ["an algorithm that nobody computes", tar(entry(`blobs/md5/${"0".repeat(32)}`, "a"), INDEX, MARK), "layout-invalid", /which OCI archives do not have/],
    ["a digest in upper case", tar(entry(`blobs/sha256/${hex.toUpperCase()}`, "a"), INDEX, MARK), "layout-invalid", /which OCI archives do not have/],
    ["a path that climbs", tar(entry("../index.json", "{}"), INDEX, MARK), "layout-invalid", /leads out/],
    ["a path that is elsewhere", tar(entry("etc/passwd", "x"), INDEX, MARK), "layout-invalid", /"etc\/passwd"/],
    ["a folder that is elsewhere", tar(entry("etc", "", { type: "directory" }), INDEX, MARK), "layout-invalid", /the folder "etc"/],
    ["a blob below a blob", tar(entry(`blobs/sha256/${hex}/x`, "x"), INDEX, MARK), "layout-invalid", /which OCI archives do not have/],
    ["a symlink for the index", tar(entry("index.json", "", { type: "symlink", link: "/etc/passwd" }), MARK), "layout-invalid", /is a symlink/],
    ["a hard link for a blob", tar(entry(`blobs/sha256/${hex}`, "", { type: "hardlink", link: "index.json" }), INDEX, MARK), "layout-invalid", /is a hardlink/],
    ["an index of a gigabyte", header("index.json", 1024 ** 3), "limit-exceeded", /at most/],
    ["a blob of more than a terabyte", header(`blobs/sha256/${hex}`, 2 * 1024 ** 4), "limit-exceeded", /./],
    ["a name without an end", tar(entry(`blobs/${"a".repeat(5000)}`)), "limit-exceeded", /./],
  ])("%s", async (_name, bytes, code, message) => {
    const found = await outcome(bytes);
    expect(found).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await found.store.stat(digestOf("a"))).toBeUndefined();
  });

  test("more entries than an archive of images can have", async () => {
    const one = entry("blobs", "", { type: "directory" });
    const many = Buffer.concat(Array.from({ length: 1000 }, () => one));
    async function* endless(): ByteStream {
      for (;;) yield many;
    }
    await expect(readArchiveStream(endless(), memoryBlobStore(), "it")).rejects.toMatchObject({ code: "limit-exceeded" });
  });

  test("a writer that was open is aborted, and the stream is left", async () => {
    const { bytes } = await archiveOf(TWO);
    const store = memoryBlobStore();
    let aborted = 0;
    let left = false;
    const watching: BlobStore = {
      ...store,
      async create() {
        const writer = await store.create();
        return Object.assign(Object.create(writer) as typeof writer, {
          write: async () => {
            throw new Error("no room");
          },
          abort: async () => void aborted++,
        });
      },
    };
    async function* stream(): ByteStream {
      try {
        yield* inChunks(bytes, [1000]);
      } finally {
        left = true;
      }
    }
    await expect(readArchiveStream(stream(), watching, "it")).rejects.toThrow("no room");
    expect([aborted, left]).toEqual([1, true]);
  });
});

test("the root keeps its digest and annotations", async () => {
  const { bytes, root } = await archiveOf(TWO);
  const result = await builtResult(TWO);
  expect(root.digest).toBe(rootOf(result).descriptor.digest);
  expect((await readArchiveStream(inChunks(bytes, [512]), memoryBlobStore(), "it"))[0]?.annotations).toEqual({
    "org.opencontainers.image.created": "1970-01-01T00:00:01Z",
  });
});
