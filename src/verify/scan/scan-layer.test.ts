import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tarOf } from "../../../test/harness/made-image-files.ts";
import { rejectedWith } from "../../../test/harness/problem-of.ts";
import { memoryBlobStore } from "../../adapters/memory/blob-store.ts";
import { digestOf } from "../../core/digest.ts";
import { isProblem } from "../../core/problem.ts";
import { type BlobReader, putBytes } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { type ScanLimits, scanBudget } from "./budget.ts";
import type { LayerContents, ScanDepth } from "./contents.ts";
import { scanLayer } from "./scan-layer.ts";

const SHALLOW: ScanDepth = { hashes: false, nested: false };
const DEEP: ScanDepth = { hashes: true, nested: true };

async function stored(bytes: Uint8Array): Promise<{ readonly reader: BlobReader; readonly layer: Descriptor }> {
  const reader = memoryBlobStore();
  return { reader, layer: { mediaType: "layer", digest: await putBytes(reader, bytes), size: bytes.length } };
}

async function scanned(bytes: Uint8Array, depth: ScanDepth = SHALLOW, limits?: Partial<ScanLimits>): Promise<LayerContents> {
  const { reader, layer } = await stored(bytes);
  return await scanLayer(reader, layer, depth, { budget: scanBudget(limits) });
}

/** By path what was found by offset. */
function byPath<V>({ index }: LayerContents, found: ReadonlyMap<number, V>): Readonly<Record<string, V>> {
  return Object.fromEntries(
    index.entries.filter(({ type }) => type === "file").flatMap(({ path, offset }) => (found.has(offset) ? [[path, found.get(offset) as V]] : [])),
  );
}

/** In chunks of so many bytes. */
function inChunks(bytes: Uint8Array, step: number): BlobReader {
  return {
    stat: async () => bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
    },
  };
}

const tar = tarOf({
  etc: { folder: true },
  "etc/os-release": "ID=debian\n",
  "etc/passwd": "",
  "etc/shadow": "secret",
  app: { elf: { machine: "arm64", interpreter: "/lib/ld-linux-aarch64.so.1", needed: ["libc.so.6"] } },
  twin: { hardlink: "app" },
  "entry.sh": { text: "#!/bin/sh -e\nexec /app\n", mode: 0o755 },
  "cut.elf": { hex: "7f454c46 02" },
  setup: { pe: { machine: 0x8664 } },
  old: { whiteout: true },
  link: { link: "app" },
});

describe("scanning a layer", () => {
  test("sees binaries, scripts and the files that rules read", async () => {
    const contents = await scanned(gzipSync(tar));
    expect(byPath(contents, contents.binaries)).toMatchObject({
      app: { format: "elf", machine: 183, interpreter: "/lib/ld-linux-aarch64.so.1" },
      setup: { format: "pe" },
    });
    expect(byPath(contents, contents.scripts)).toEqual({ "entry.sh": "/bin/sh -e" });
    expect(Object.keys(byPath(contents, contents.texts))).toEqual(["etc/os-release", "etc/passwd"]);
    expect(byPath(contents, contents.texts)["etc/os-release"]?.toString()).toBe("ID=debian\n");
    expect(contents).toMatchObject({
      compression: "gzip",
      hashes: undefined,
      nested: undefined,
      index: { diffId: digestOf(tar), uncompressedSize: tar.length },
    });
    expect(contents.index.entries.map(({ path }) => path)).toEqual([
      "etc",
      "etc/os-release",
      "etc/passwd",
      "etc/shadow",
      "app",
      "twin",
      "entry.sh",
      "cut.elf",
      "setup",
      ".wh.old",
      "link",
    ]);
  });

  test("hashes every file when asked", async () => {
    const contents = await scanned(tar, DEEP);
    const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
    expect(byPath(contents, contents.hashes ?? new Map())).toMatchObject({
      "etc/os-release": hash("ID=debian\n"),
      "etc/passwd": hash(""),
      "etc/shadow": hash("secret"),
      ".wh.old": hash(""),
    });
    expect(contents.hashes?.size).toBe(contents.index.entries.filter(({ type }) => type === "file").length);
  });

  test("in chunks of any size it sees the same", async () => {
    const whole = await scanned(tar, DEEP);
    for (const step of [1, 100, 511, 4096]) {
      expect(await scanLayer(inChunks(tar, step), { mediaType: "layer", digest: digestOf(tar), size: tar.length }, DEEP)).toEqual(whole);
    }
  });

  test("tells the packed bytes that came", async () => {
    const { reader, layer } = await stored(gzipSync(tar));
    let bytes = 0;
    await scanLayer(reader, layer, SHALLOW, { read: (count) => (bytes += count) });
    expect(bytes).toBe(layer.size);
  });

  test("a path that stands twice is there twice", async () => {
    const contents = await scanned(Buffer.concat([tarOf({ a: "#!/x\n" }).subarray(0, 1024), tarOf({ a: "#!/y\n" })]));
    expect([...contents.scripts.values()]).toEqual(["/x", "/y"]);
  });

  test("a file larger than its limit is not kept, and does not harm", async () => {
    const contents = await scanned(tarOf({ "etc/os-release": { size: 100_000 }, "etc/group": "g" }));
    expect(Object.keys(byPath(contents, contents.texts))).toEqual(["etc/group"]);
  });
});

describe("too much of something is refused", () => {
  const cases: Readonly<Record<string, readonly [files: Parameters<typeof tarOf>[0], limits: Partial<ScanLimits>]>> = {
    "more entries than": [{ a: "", b: "", c: "" }, { entries: 2 }],
    "the names and attributes": [{ abc: { link: "0123" }, b: { xattrs: { "user.x": "aaaa" } } }, { names: 16 }],
    "more binaries than": [{ a: { elf: { machine: "amd64" } }, b: { elf: { machine: "amd64" } } }, { binaries: 1 }],
    "the names in an image's binaries": [{ a: { elf: { machine: "amd64", needed: ["libabcdefghijklmnop.so.1"] } } }, { binaryText: 10 }],
    "lines of an image's scripts": [{ a: "#!/bin/sh\n", b: "#!/bin/sh\n" }, { scriptText: 10 }],
    "that describe its packages": [{ "etc/passwd": "12345", "etc/group": "123456" }, { texts: 10 }],
  };
  for (const [what, [files, limits]] of Object.entries(cases)) {
    test(what, async () => {
      const problem = await rejectedWith(scanned(tarOf(files), SHALLOW, limits));
      expect(problem).toMatchObject({ code: "limit-exceeded", message: expect.stringContaining(what) });
    });
  }
});

describe("what a layer's bytes may be", () => {
  async function outcome(bytes: Uint8Array): Promise<string> {
    try {
      await scanned(bytes, DEEP);
      return "contents";
    } catch (error) {
      if (isProblem(error)) return error.code;
      throw error;
    }
  }

  test("any bytes are contents or a problem", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        expect(["contents", "layer-invalid", "layer-unsupported", "limit-exceeded"]).toContain(await outcome(bytes));
      }),
      { numRuns: 100 },
    );
  });

  test("a layer that is altered anywhere is contents or a problem", async () => {
    const packed = gzipSync(tar);
    const position = fc.tuple(fc.boolean(), fc.nat(), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(position, { minLength: 1, maxLength: 4 }), fc.nat(), async (changes, cut) => {
        for (const original of [tar, packed]) {
          const bytes = Buffer.from(original);
          for (const [near, at, by] of changes) {
            const i = near ? at % Math.min(600, bytes.length) : at % bytes.length;
            bytes[i] = (bytes[i] as number) ^ by;
          }
          const part = cut % 5 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
          expect(["contents", "layer-invalid", "layer-unsupported", "limit-exceeded"]).toContain(await outcome(part));
        }
      }),
      { numRuns: 60 },
    );
  });
});
