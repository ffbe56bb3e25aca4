import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { memoryBlobStore } from "../../src/adapters/memory/blob-store.ts";
import { type Digest, digestOf } from "../../src/core/digest.ts";
import { isProblem } from "../../src/core/problem.ts";
import { type BlobReader, putBytes } from "../../src/image/blob-store.ts";
import type { Descriptor } from "../../src/image/descriptor.ts";
import { TAR_END, tarHeader, tarPad } from "../../src/image/tar/writer.ts";
import { Tree } from "../../src/image/tree.ts";
import { type ScanLimits, scanBudget } from "../../src/verify/scan/budget.ts";
import type { LayerContents } from "../../src/verify/scan/contents.ts";
import { scanLayer } from "../../src/verify/scan/scan-layer.ts";
import { scanner } from "../../src/verify/scan/scanner.ts";
import { elfFile } from "../harness/elf-file.ts";
import { tarOf } from "../harness/made-image-files.ts";
import { problemOf } from "../harness/problem-of.ts";

const DEEP = { hashes: true, nested: true };
const KIB = 1024;
const MIB = 1024 * KIB;

interface Outcome {
  /** A problem's code, or `contents`. */
  readonly code: string;
  readonly contents: LayerContents | undefined;
  /** Packed bytes that were asked for. */
  readonly pulled: number;
}

/** What a scan makes of a stream that may have no end. */
async function scanned(chunks: Iterable<Uint8Array>, layer: Partial<Descriptor> = {}, limits?: Partial<ScanLimits>): Promise<Outcome> {
  let pulled = 0;
  let open = 0;
  const reader: BlobReader = {
    stat: async () => undefined,
    async *open() {
      open++;
      try {
        for (const chunk of chunks) {
          pulled += chunk.length;
          yield chunk;
        }
      } finally {
        open--;
      }
    },
  };
  const descriptor = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: digestOf("x"), size: Number.MAX_SAFE_INTEGER, ...layer };
  let contents: LayerContents | undefined;
  let code = "contents";
  try {
    contents = await scanLayer(reader, descriptor, DEEP, { budget: scanBudget(limits) });
  } catch (error) {
    if (!isProblem(error)) throw error;
    code = error.code;
  }
  expect(open).toBe(0);
  return { code, contents, pulled };
}

const scannedWhole = (bytes: Uint8Array, layer?: Partial<Descriptor>): Promise<Outcome> => scanned([bytes], { size: bytes.length, ...layer });

function* endless(make: (i: number) => Uint8Array): Generator<Uint8Array> {
  for (let i = 0; ; i++) yield make(i);
}

const header = (path: string, size: number): Uint8Array => tarHeader({ path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size });
const fileOf = (path: string, content: Uint8Array): Buffer => Buffer.concat([header(path, content.length), content, tarPad(content.length)]);

/** A header with another size in it, of twelve bytes. */
function headerOfSize(size: Buffer): Buffer {
  const block = Buffer.from(header("x", 0));
  size.copy(block, 124);
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** RFC 8878: a frame with a window of 128 KiB; blocks as they are, or of one byte many times over. */
const ZSTD_BEGIN = Buffer.from("28b52ffd0038", "hex");
const zstdBlock = (kind: "raw" | "repeated", size: number, content: Uint8Array, last = false): Buffer => {
  const head = Buffer.alloc(3);
  head.writeUIntLE((size << 3) | (kind === "raw" ? 0 : 2) | (last ? 1 : 0), 0, 3);
  return Buffer.concat([head, content]);
};
const zstdOf = (content: Uint8Array): Buffer => Buffer.concat([ZSTD_BEGIN, zstdBlock("raw", content.length, content, true)]);
const skippable = (content: string): Buffer => {
  const head = Buffer.from("502a4d1800000000", "hex");
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, Buffer.from(content)]);
};

const sound = tarOf({ "etc/os-release": "ID=debian\n", app: { elf: { machine: "amd64" } }, "run.sh": "#!/bin/sh\n" });
const noise = tarOf({ noise: { noise: 5000 } });

describe("a layer in every form that a registry holds", () => {
  const half = 1024;
  const cases: Readonly<Record<string, readonly [bytes: Uint8Array, compression: string]>> = {
    "one gzip member": [gzipSync(sound), "gzip"],
    "several gzip members, one of nothing": [Buffer.concat([gzipSync(sound.subarray(0, half)), gzipSync(""), gzipSync(sound.subarray(half))]), "gzip"],
    "no compression, whatever its media type says": [sound, "none"],
    "one zstd frame": [zstdOf(sound), "zstd"],
    "several zstd frames, with others between them that are to be skipped": [
      Buffer.concat([skippable("index"), zstdOf(sound.subarray(0, half)), skippable(""), zstdOf(sound.subarray(half)), skippable("end")]),
      "zstd",
    ],
  };
  for (const [name, [bytes, compression]] of Object.entries(cases)) {
    test(name, async () => {
      const { code, contents, pulled } = await scannedWhole(bytes);
      expect([code, contents?.compression, contents?.index.diffId, pulled]).toEqual(["contents", compression, digestOf(sound), bytes.length]);
      expect([contents?.binaries.size, contents?.scripts.size, contents?.texts.size]).toEqual([1, 1, 1]);
    });
  }
});

describe("a layer that has no end", () => {
  const page = (i: number, size: number, make: (n: number) => Uint8Array): Buffer => Buffer.concat(Array.from({ length: size }, (_, n) => make(i * size + n)));
  const cases: Readonly<Record<string, readonly [chunk: (i: number) => Uint8Array, limits: Partial<ScanLimits>, mostBytes: number]>> = {
    "of empty files": [(i) => page(i, 64, (n) => header(`f${n}`, 0)), { entries: 5000 }, 6000 * 512],
    "of names of 4 KiB": [(i) => header(`${i}/${"n".repeat(4000)}`, 0), { names: MIB }, 300 * 6 * KIB],
    "of tiny programs": [(i) => fileOf(`p${i}`, elfFile({ machine: "amd64" })), { binaries: 200 }, 2 * MIB],
    "of scripts": [(i) => fileOf(`s${i}`, Buffer.from(`#!/${"x".repeat(300)}\n`)), { scriptText: 64 * KIB }, 300 * KIB],
    "of files that rules read": [(i) => fileOf(`var/lib/dpkg/status.d/${i}`, Buffer.alloc(1000)), { texts: 64 * KIB }, 200 * KIB],
    "of one such file again and again": [() => fileOf("etc/passwd", Buffer.alloc(1000)), { texts: 64 * KIB }, 200 * KIB],
  };
  for (const [name, [chunk, limits, mostBytes]] of Object.entries(cases)) {
    test(`${name} is left early`, async () => {
      const { code, pulled } = await scanned(endless(chunk), {}, limits);
      expect(code).toBe("limit-exceeded");
      expect(pulled).toBeLessThan(mostBytes);
    });
  }

  test("of zeros in gzip members is left soon after what is free", async () => {
    const member = gzipSync(Buffer.alloc(16 * MIB));
    const start = gzipSync(header("x", 64 * 1024 * MIB));
    const { code, pulled } = await scanned(endless((i) => (i === 0 ? start : member)));
    expect(code).toBe("limit-exceeded");
    // 256 MiB are free; what is read ahead comes on top.
    expect(pulled).toBeLessThan(40 * member.length);
  });

  test("of zeros in zstd blocks of four bytes is left soon after what is free", async () => {
    const start = header("x", 64 * 1024 * MIB);
    const begin = Buffer.concat([ZSTD_BEGIN, zstdBlock("raw", start.length, start)]);
    const blocks = Buffer.concat(Array.from({ length: 64 }, () => zstdBlock("repeated", 128 * KIB, Buffer.of(0))));
    const { code, pulled } = await scanned(endless((i) => (i === 0 ? begin : blocks)));
    expect(code).toBe("limit-exceeded");
    expect(pulled).toBeLessThan(40 * blocks.length);
  });

  test("of bytes beyond its descriptor is left there", async () => {
    const { code, pulled } = await scanned(
      endless(() => Buffer.alloc(KIB)),
      { size: 10 * KIB },
    );
    expect([code, pulled]).toEqual(["size-mismatch", 11 * KIB]);
  });

  test("a thousand layers that grow just less than one may are too much together", () => {
    const budget = scanBudget();
    const problem = problemOf(() => {
      for (let i = 0; i < 1000; i++) {
        const layer = budget.layer();
        layer.packed(260 * KIB);
        layer.unpacked(255 * MIB);
      }
    });
    expect(problem).toMatchObject({ code: "limit-exceeded", message: expect.stringContaining("grow more than 250-fold together") });
  });
});

describe("a layer that lies or is damaged", () => {
  const cases: Readonly<Record<string, readonly [bytes: Uint8Array, code: string]>> = {
    "a header that tells more than there is": [Buffer.concat([header("x", 10 * MIB), Buffer.alloc(1000)]), "layer-invalid"],
    "a file of the packages that tells more than there is": [Buffer.concat([header("var/lib/dpkg/status", 30 * MIB), Buffer.alloc(1000)]), "layer-invalid"],
    "a header of a negative size": [Buffer.concat([headerOfSize(Buffer.alloc(12, 0xff)), TAR_END]), "layer-invalid"],
    "a header of a size beyond counting": [Buffer.concat([headerOfSize(Buffer.from("80ffffffffffffffffffffff", "hex")), TAR_END]), "layer-invalid"],
    "a header of a petabyte": [Buffer.concat([headerOfSize(Buffer.from("800000000004000000000000", "hex")), TAR_END]), "limit-exceeded"],
    "a path that leads out": [tarOf({ "../../etc/passwd": "x" }), "layer-invalid"],
    "an absolute path that leads out": [tarOf({ "/../x": "x" }), "layer-invalid"],
    "a hard link that leads out": [tarOf({ x: { hardlink: "../../etc/passwd" } }), "layer-invalid"],
    "a name of 4,097 bytes": [Buffer.concat([header("n".repeat(4097), 0), TAR_END]), "limit-exceeded"],
    "a name of 4,096 bytes": [Buffer.concat([header("n".repeat(4096), 0), TAR_END]), "contents"],
    "a gzip stream with something behind it": [Buffer.concat([gzipSync(sound), Buffer.from("junk")]), "layer-invalid"],
    "a gzip stream with zeros behind it": [Buffer.concat([gzipSync(sound), Buffer.alloc(512)]), "layer-invalid"],
    "a zstd stream with something behind it": [Buffer.concat([zstdOf(sound), Buffer.from("junk")]), "layer-invalid"],
    "an archive with something behind its end": [Buffer.concat([sound, Buffer.from("junk")]), "contents"],
    "an archive without its end": [sound.subarray(0, -1024), "contents"],
    "a gzip member that is cut short": [gzipSync(noise).subarray(0, -9), "layer-invalid"],
    "a gzip member without its checksum": [gzipSync(noise).subarray(0, -8), "layer-invalid"],
    "a second gzip member that is cut short": [Buffer.concat([gzipSync(sound), gzipSync(noise).subarray(0, 100)]), "layer-invalid"],
    "a zstd frame that is cut short": [zstdOf(sound).subarray(0, -1), "layer-invalid"],
    "a zstd frame with a window of a gigabyte": [Buffer.from("28b52ffd00a0010000", "hex"), "limit-exceeded"],
    "an archive that is cut short": [sound.subarray(0, 700), "layer-invalid"],
    "gzip in gzip": [gzipSync(gzipSync(sound)), "layer-invalid"],
    "a document": [Buffer.from(JSON.stringify({ a: "b".repeat(1000) })), "layer-invalid"],
    nothing: [Buffer.alloc(0), "contents"],
  };
  for (const [name, [bytes, code]] of Object.entries(cases)) {
    test(`${name}: ${code}`, async () => expect((await scannedWhole(bytes)).code).toBe(code));
  }

  for (const [name, by] of [
    ["less", -1],
    ["more", 1],
  ] as const) {
    test(`a descriptor that tells ${name} than there is: size-mismatch`, async () => {
      for (const bytes of [sound, gzipSync(sound)]) expect((await scannedWhole(bytes, { size: bytes.length + by })).code).toBe("size-mismatch");
    });
  }
});

describe("entries that make no file system", () => {
  const cases: Readonly<Record<string, readonly [files: Parameters<typeof tarOf>[0], code: string]>> = {
    "a hard link to nothing": [{ x: { hardlink: "nothing" } }, "layer-invalid"],
    "hard links to each other": [{ a: { hardlink: "b" }, b: { hardlink: "a" } }, "layer-invalid"],
    "a hard link to itself": [{ a: { hardlink: "a" } }, "layer-invalid"],
    "a hard link through a loop of links": [{ a: { link: "b" }, b: { link: "a" }, c: { hardlink: "a/x" } }, "limit-exceeded"],
    "a whiteout of the folder that it lies in": [{ ".wh..": "" }, "layer-invalid"],
    "a whiteout of the folder above": [{ ".wh...": "" }, "layer-invalid"],
    "a whiteout of nothing": [{ ".wh.": "" }, "layer-invalid"],
    "an entry below a whiteout": [{ "a/.wh.b/c": "" }, "layer-invalid"],
  };
  for (const [name, [files, code]] of Object.entries(cases)) {
    test(`${name} is scanned, and refused where the layers are put together`, async () => {
      const { contents } = await scannedWhole(tarOf(files));
      expect(contents?.index.entries.length).toBe(Object.keys(files).length);
      expect(problemOf(() => Tree.empty<number>().apply(contents?.index.entries ?? [], 0)).code).toBe(code);
    });
  }

  test("everything of the root may be hidden, and links may lead in a circle", async () => {
    const { contents } = await scannedWhole(tarOf({ ".wh..wh..opq": "", a: { link: "b" }, b: { link: "a" }, c: { link: "../../../../c" } }));
    const tree = Tree.empty<number>()
      .apply([{ path: "old", type: "file", mode: 0, uid: 0, gid: 0, mtime: 0, size: 0 }], 0)
      .apply(contents?.index.entries ?? [], 1);
    expect(tree.children("")).toEqual(["a", "b", "c"]);
    for (const path of ["a", "b", "c", "a/x"]) expect(problemOf(() => tree.resolve(path, { followLast: true })).code).toBe("limit-exceeded");
  });
});

describe("an image of a thousand layers", () => {
  async function layersOf(archives: readonly Uint8Array[]): Promise<{ readonly reader: BlobReader; readonly opened: Digest[]; readonly layers: Descriptor[] }> {
    const store = memoryBlobStore();
    const opened: Digest[] = [];
    const layers: Descriptor[] = [];
    for (const bytes of archives) layers.push({ mediaType: "layer", digest: await putBytes(store, bytes), size: bytes.length });
    const reader: BlobReader = {
      stat: (digest) => store.stat(digest),
      open(digest) {
        opened.push(digest);
        return store.open(digest);
      },
    };
    return { reader, opened, layers };
  }

  test("is read, a few at a time, each layer once", async () => {
    const { reader, opened, layers } = await layersOf(Array.from({ length: 1000 }, (_, i) => tarOf({ [`f${i}`]: "" })));
    const scans = scanner({ reader, depth: DEEP, trusted: true });
    const all = await Promise.all(layers.map((layer) => scans.scan(layer)));
    expect(opened).toEqual(layers.map(({ digest }) => digest));
    let tree = Tree.empty<number>();
    for (const [i, { index }] of all.entries()) tree = tree.apply(index.entries, i);
    expect(tree.children("").length).toBe(1000);
  });

  test("that are one, under a thousand sizes and names, is read once", async () => {
    const { reader, opened, layers } = await layersOf([sound]);
    const scans = scanner({ reader, depth: DEEP, trusted: true });
    const [layer] = layers as [Descriptor];
    const results = await Promise.allSettled(
      Array.from({ length: 1000 }, (_, i) => scans.scan({ ...layer, mediaType: `type-${i}`, size: layer.size + (i % 2 === 0 ? 0 : i) })),
    );
    expect(results.filter(({ status }) => status === "fulfilled").length).toBe(500);
    expect(opened).toEqual([layer.digest]);
  });
});
