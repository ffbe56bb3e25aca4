import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memoryBlobStore } from "../adapters/memory/blob-store.ts";
import { digestOf } from "../core/digest.ts";
import { isProblem, type ProblemCode } from "../core/problem.ts";
import { type BlobStore, putBytes } from "./blob-store.ts";
import type { Descriptor } from "./descriptor.ts";
import type { LayerEntry } from "./entry.ts";
import { decodeLayerIndex, encodeLayerIndex, indexLayer, type LayerIndex, layerIndexer, readLayerContents } from "./layer.ts";
import { TAR_END, tarHeader, tarPad } from "./tar/writer.ts";

const meta = { mode: 0o644, uid: 0, gid: 0, mtime: 7, size: 0 };

function tarOf(files: readonly (readonly [path: string, content: string])[], more: readonly LayerEntry[] = []): Buffer {
  const parts = files.flatMap(([path, content]) => [
    tarHeader({ ...meta, path, type: "file", size: content.length }),
    Buffer.from(content),
    tarPad(content.length),
  ]);
  return Buffer.concat([...parts, ...more.map(tarHeader), TAR_END]);
}

async function stored(bytes: Uint8Array): Promise<{ readonly store: BlobStore; readonly layer: Descriptor }> {
  const store = memoryBlobStore();
  return { store, layer: { mediaType: "layer", digest: await putBytes(store, bytes), size: bytes.length } };
}

async function codeOf(promise: Promise<unknown>): Promise<ProblemCode | "none"> {
  try {
    await promise;
  } catch (error) {
    if (isProblem(error)) return error.code;
    throw error;
  }
  return "none";
}

const tar = tarOf(
  [
    ["etc/passwd", "root:x:0:0::/:/bin/sh\n"],
    ["bin/tool", "a tool"],
    ["etc/group", ""],
  ],
  [
    { ...meta, path: "bin/link", type: "symlink", link: "tool" },
    { ...meta, path: "dev/null", type: "char", device: { major: 1, minor: 3 } },
    { ...meta, path: "x\udcff", type: "directory", xattrs: new Map([["user.k", Buffer.from([0, 255])]]) },
  ],
);

describe("indexing a layer", () => {
  for (const [what, bytes] of Object.entries({
    "a plain one": tar,
    "a gzip one": gzipSync(tar),
    "two gzip members": Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]),
  })) {
    test(what, async () => {
      const { store, layer } = await stored(bytes);
      const index = await indexLayer(store, layer, { diffId: digestOf(tar) });
      expect([index.diffId, index.uncompressedSize]).toEqual([digestOf(tar), tar.length]);
      expect(index.entries.map(({ path }) => path)).toEqual(["etc/passwd", "bin/tool", "etc/group", "bin/link", "dev/null", "x\udcff"]);
      const tool = index.entries[1];
      expect(tar.toString("latin1", tool?.offset, (tool?.offset ?? 0) + 6)).toBe("a tool");
      expect([...index.contents.values()].map((content) => Buffer.from(content).toString())).toEqual(["root:x:0:0::/:/bin/sh\n", ""]);
      expect(index.contents.get(index.entries[0]?.offset ?? -1)).toBeDefined();
    });
  }

  const bad: Record<string, { bytes: Uint8Array; change?: Partial<Descriptor>; diffId?: ReturnType<typeof digestOf>; code: ProblemCode }> = {
    "a wrong diff_id": { bytes: gzipSync(tar), diffId: digestOf("other"), code: "diff-id-mismatch" },
    "a size that is too small": { bytes: tar, change: { size: 100 }, code: "size-mismatch" },
    "a size that is too large": { bytes: tar, change: { size: tar.length + 1 }, code: "size-mismatch" },
    "a truncated archive": { bytes: tar.subarray(0, 600), code: "layer-invalid" },
    "gzip within gzip": { bytes: gzipSync(gzipSync(tar)), code: "layer-invalid" },
    "a layer that is absent": { bytes: tar, change: { digest: digestOf("absent") }, code: "store-damaged" },
  };
  for (const [what, { bytes, change, diffId, code }] of Object.entries(bad)) {
    test(`${what} is refused`, async () => {
      const { store, layer } = await stored(bytes);
      expect(await codeOf(indexLayer(store, { ...layer, ...change }, diffId === undefined ? {} : { diffId }))).toBe(code);
    });
  }

  test("a kept path that stands again replaces what was kept", async () => {
    const twice = tarOf([
      ["etc/passwd", "old"],
      ["etc/passwd", "new"],
    ]);
    const { store, layer } = await stored(twice);
    expect([...(await indexLayer(store, layer)).contents.values()].map(String)).toEqual(["new"]);
  });

  test("who watches sees every entry, and the content that it wants beside what is kept", () => {
    const seen: string[] = [];
    const indexer = layerIndexer(({ path, offset }) => {
      seen.push(`${path}@${offset}`);
      return path === "bin/tool" || path === "etc/passwd" ? (chunk) => seen.push(Buffer.from(chunk).toString()) : undefined;
    });
    indexer.write(tar);
    const index = indexer.end(digestOf(tar), tar.length);
    expect(seen.slice(0, 5)).toEqual(["etc/passwd@512", "root:x:0:0::/:/bin/sh\n", "bin/tool@1536", "a tool", "etc/group@2560"]);
    expect(seen.length).toBe(index.entries.length + 2);
    expect(index.contents.size).toBe(2);
  });

  test("a mismatch names both sides", async () => {
    const { store, layer } = await stored(tar);
    await expect(indexLayer(store, layer, { diffId: digestOf("other") })).rejects.toThrow(
      `unpacks to ${digestOf(tar)}, the image's config names ${digestOf("other")}`,
    );
  });
});

describe("an index as bytes", () => {
  test("comes back as it was", async () => {
    const { store, layer } = await stored(tar);
    const index = await indexLayer(store, layer);
    expect(decodeLayerIndex(encodeLayerIndex(index))).toEqual(index);
  });

  test("whatever is in it", () => {
    const entry = fc
      .record(
        {
          path: fc.string({ unit: "binary" }),
          type: fc.constantFrom("file", "directory", "fifo"),
          mode: fc.nat(0o7777),
          uid: fc.nat(),
          gid: fc.nat(),
          mtime: fc.integer(),
          size: fc.nat(),
          offset: fc.nat(),
        },
        { noNullPrototype: true },
      )
      .map((e) => e as LayerIndex["entries"][number]);
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const index: LayerIndex = { diffId: digestOf("x"), uncompressedSize: 1, entries, contents: new Map([[5, Buffer.from("five")]]) };
        expect(decodeLayerIndex(encodeLayerIndex(index))).toEqual(index);
      }),
    );
  });

  const alien: Record<string, Uint8Array> = {
    nothing: Buffer.alloc(0),
    noise: Buffer.from([1, 2, 3]),
    "other JSON": Buffer.from('{"version":1}'),
    null: Buffer.from("null"),
    "a later version": Buffer.from('{"version":99,"paths":[],"numbers":[]}'),
  };
  for (const [what, bytes] of Object.entries(alien)) test(`${what} is no index`, () => expect(decodeLayerIndex(bytes)).toBeUndefined());
  test("a torn one is no index", () => {
    const bytes = encodeLayerIndex({ diffId: digestOf("x"), uncompressedSize: 1, entries: [], contents: new Map() });
    expect(decodeLayerIndex(bytes.subarray(0, -1))).toBeUndefined();
  });
});

describe("reading contents", () => {
  const files = tarOf([
    ["a", "1".repeat(2000)],
    ["skipped", "2"],
    ["b", ""],
    ["a", "again"],
    ["c", "last"],
  ]);

  async function contents(wanted: readonly string[], keep = (_offset: number): boolean => true): Promise<string[]> {
    const { store, layer } = await stored(gzipSync(files));
    const got: string[] = [];
    await readLayerContents(store, layer, new Set(wanted), (entry) => {
      if (!keep(entry.offset)) return undefined;
      let text = "";
      return {
        write(chunk) {
          text += Buffer.from(chunk).toString();
          return undefined;
        },
        end() {
          got.push(`${entry.path}=${text}`);
          return undefined;
        },
      };
    });
    return got;
  }

  test("in the archive's order", async () => expect(await contents(["c", "b", "a"])).toEqual([`a=${"1".repeat(2000)}`, "b=", "a=again", "c=last"]));
  test("a path that stands twice is told apart by offset", async () => expect(await contents(["a"], (offset) => offset !== 512)).toEqual(["a=again"]));
  test("what is absent is not called", async () => expect(await contents(["nothing"])).toEqual([]));

  test("a sink that is not ready holds the stream up, and its failure ends it", async () => {
    const big = tarOf([["big", "x".repeat(4_000_000)]]);
    const { store, layer } = await stored(gzipSync(big, { level: 0 }));
    let waiting = 0;
    let most = 0;
    const slow = readLayerContents(store, layer, new Set(["big"]), () => ({
      async write() {
        most = Math.max(most, ++waiting);
        await new Promise(setImmediate);
        waiting--;
      },
      end: () => undefined,
    }));
    await slow;
    expect(most).toBe(1);
    const failing = readLayerContents(store, layer, new Set(["big"]), () => ({ write: () => Promise.reject(new Error("disk full")), end: () => undefined }));
    await expect(failing).rejects.toThrow("disk full");
  });

  test("the layer is read to its end, so that a wrong size is seen", async () => {
    const { store, layer } = await stored(gzipSync(files));
    const sink = { write: () => undefined, end: () => undefined };
    expect(await codeOf(readLayerContents(store, { ...layer, size: layer.size + 1 }, new Set(["a"]), () => sink))).toBe("size-mismatch");
  });
});
