import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { tarOf } from "../../../test/harness/made-image-files.ts";
import { rejectedWith } from "../../../test/harness/problem-of.ts";
import { memoryBlobStore } from "../../adapters/memory/blob-store.ts";
import { type Digest, digestOf } from "../../core/digest.ts";
import { ProblemError } from "../../core/problem.ts";
import { type BlobReader, type BlobStore, putBytes } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { verified } from "../../image/verified.ts";
import type { ScanDepth } from "./contents.ts";
import { type ScanMemory, type Scanner, type ScannerOptions, scanner } from "./scanner.ts";

const SHALLOW: ScanDepth = { hashes: false, nested: false };

interface Place {
  readonly store: BlobStore;
  readonly reader: BlobReader;
  /** Digests that were opened, in order. */
  readonly opened: Digest[];
  readonly layers: readonly Descriptor[];
}

/** Some layers, and who reads them. */
async function place(count: number): Promise<Place> {
  const store = memoryBlobStore();
  const opened: Digest[] = [];
  const layers: Descriptor[] = [];
  for (let i = 0; i < count; i++) {
    const bytes = gzipSync(tarOf({ [`file-${i}`]: { elf: { machine: "amd64" } } }));
    layers.push({ mediaType: "layer", digest: await putBytes(store, bytes), size: bytes.length });
  }
  const reader: BlobReader = {
    stat: (digest) => store.stat(digest),
    open(digest, range) {
      opened.push(digest);
      return verified(store.open(digest, range), digest, "the blob");
    },
  };
  return { store, reader, opened, layers };
}

function memoryOf(records = new Map<string, Uint8Array>()): ScanMemory & { readonly records: Map<string, Uint8Array> } {
  return { records, read: async (key) => records.get(key), write: async (key, bytes) => void records.set(key, bytes) };
}

const scannerOf = ({ reader }: { readonly reader: BlobReader }, options: Partial<ScannerOptions> = {}): Scanner =>
  scanner({ reader, depth: SHALLOW, trusted: true, ...options });

describe("a scanner", () => {
  test("reads a layer once, whoever asks, and gives one object", async () => {
    const here = await place(2);
    const [a, b] = here.layers as [Descriptor, Descriptor];
    const scans = scannerOf(here);
    const [one, two, other] = await Promise.all([scans.scan(a), scans.scan({ ...a, mediaType: "another" }), scans.scan(b)]);
    expect(one).toBe(two);
    expect(await scans.scan(a)).toBe(one);
    expect(other).not.toBe(one);
    expect(here.opened).toEqual([a.digest, b.digest]);
    expect(scans.counts).toEqual({ bytes: a.size + b.size, layers: 2, remembered: 0 });
  });

  test("has a few layers open at a time, in the order of asking", async () => {
    const here = await place(7);
    let open = 0;
    let most = 0;
    const reader: BlobReader = {
      stat: (digest) => here.reader.stat(digest),
      async *open(digest) {
        most = Math.max(most, ++open);
        yield* here.reader.open(digest);
        open--;
      },
    };
    const scans = scannerOf({ reader }, { concurrency: 3 });
    await Promise.all(here.layers.map((layer) => scans.scan(layer)));
    expect(most).toBe(3);
    expect(here.opened).toEqual(here.layers.map(({ digest }) => digest));
  });

  test("a layer that fails leaves the others, and fails the same way again", async () => {
    const here = await place(4);
    const [a, b, c, d] = here.layers as [Descriptor, Descriptor, Descriptor, Descriptor];
    await here.store.delete(b.digest);
    const scans = scannerOf(here, { concurrency: 1 });
    const results = await Promise.allSettled([scans.scan(a), scans.scan(b), scans.scan({ ...c, size: c.size + 1 }), scans.scan(d)]);
    expect(results.map((result) => (result.status === "rejected" ? result.reason.code : "contents"))).toEqual([
      "contents",
      "store-damaged",
      "size-mismatch",
      "contents",
    ]);
    expect(await rejectedWith(scans.scan(b))).toBe((results[1] as PromiseRejectedResult).reason);
  });

  test("descriptors that lie about the size cost one download", async () => {
    const here = await place(1);
    const [layer] = here.layers as [Descriptor];
    const scans = scannerOf(here);
    await scans.scan(layer);
    for (const size of [0, 1, layer.size - 1, layer.size + 1, 1e12]) expect((await rejectedWith(scans.scan({ ...layer, size }))).code).toBe("size-mismatch");
    expect(here.opened).toEqual([layer.digest]);
  });

  test("a true size is read after a lie", async () => {
    const here = await place(1);
    const [layer] = here.layers as [Descriptor];
    const scans = scannerOf(here);
    expect((await rejectedWith(scans.scan({ ...layer, size: 3 }))).code).toBe("size-mismatch");
    expect((await scans.scan(layer)).index.entries.length).toBe(1);
  });
});

describe("limits hold for all layers together", () => {
  test("what a refused layer took is given back", async () => {
    const small = gzipSync(tarOf({ a: "1" }));
    const large = gzipSync(tarOf({ a: "1", b: "2", c: "3", d: "4" }));
    const store = memoryBlobStore();
    const layers: Descriptor[] = [];
    for (const bytes of [small, large, gzipSync(tarOf({ x: "1" })), gzipSync(tarOf({ y: "1", z: "2" }))]) {
      layers.push({ mediaType: "layer", digest: await putBytes(store, bytes), size: bytes.length });
    }
    const memory = memoryOf();
    for (const remembered of [0, 2]) {
      const scans = scannerOf({ reader: store }, { memory, concurrency: 1, limits: { entries: 3 } });
      const results = await Promise.allSettled(layers.map((layer) => scans.scan(layer)));
      expect(results.map((result) => (result.status === "rejected" ? result.reason.code : "contents"))).toEqual([
        "contents",
        "limit-exceeded",
        "contents",
        "limit-exceeded",
      ]);
      expect(scans.counts.remembered).toBe(remembered);
    }
  });
});

describe("what is remembered", () => {
  test("of a registry's layer nothing is read", async () => {
    const here = await place(2);
    const memory = memoryOf();
    const before = await Promise.all(here.layers.map((layer) => scannerOf(here, { memory }).scan(layer)));
    here.opened.length = 0;
    const scans = scannerOf(here, { memory });
    expect(await Promise.all(here.layers.map((layer) => scans.scan(layer)))).toEqual(before);
    expect(here.opened).toEqual([]);
    expect(scans.counts).toEqual({ bytes: 0, layers: 0, remembered: 2 });
  });

  test("a layer that is gone, or has another size, is not there all the same", async () => {
    const here = await place(1);
    const [layer] = here.layers as [Descriptor];
    const memory = memoryOf();
    await scannerOf(here, { memory }).scan(layer);
    expect((await rejectedWith(scannerOf(here, { memory }).scan({ ...layer, size: layer.size - 1 }))).code).toBe("size-mismatch");
    await here.store.delete(layer.digest);
    expect((await rejectedWith(scannerOf(here, { memory }).scan(layer))).code).toBe("store-damaged");
  });

  test("a registry that tells no sizes is read", async () => {
    const here = await place(1);
    const [layer] = here.layers as [Descriptor];
    const memory = memoryOf();
    await scannerOf(here, { memory }).scan(layer);
    const stat = async (): Promise<never> => {
      throw new ProblemError("registry-status", { message: "405" });
    };
    const scans = scannerOf({ reader: { ...here.reader, stat } }, { memory });
    await scans.scan(layer);
    expect(scans.counts).toMatchObject({ layers: 1, remembered: 0 });
  });

  test("of a file on a disk it counts once the file is found to be the same", async () => {
    const here = await place(1);
    const [layer] = here.layers as [Descriptor];
    const memory = memoryOf();
    await scannerOf(here, { memory, trusted: false }).scan(layer);
    const again = scannerOf(here, { memory, trusted: false });
    await again.scan(layer);
    expect(again.counts).toEqual({ bytes: layer.size, layers: 0, remembered: 1 });
    const altered: BlobReader = {
      stat: (digest) => here.store.stat(digest),
      open: (digest) =>
        verified(
          (async function* () {
            yield Buffer.alloc(layer.size);
          })(),
          digest,
          "the blob",
        ),
    };
    expect((await rejectedWith(scannerOf({ reader: altered }, { memory, trusted: false }).scan(layer))).code).toBe("digest-mismatch");
  });

  test("does not count when a fresh look is asked for, which is remembered", async () => {
    const here = await place(1);
    const [layer] = here.layers as [Descriptor];
    const memory = memoryOf();
    for (let i = 0; i < 2; i++) {
      const scans = scannerOf(here, { memory, fresh: true });
      await scans.scan(layer);
      expect(scans.counts.layers).toBe(1);
    }
    expect([...memory.records.keys()]).toEqual([layer.digest]);
  });

  test("a quick look does not serve a closer one, a closer one serves a quick one and stays", async () => {
    const here = await place(1);
    const [layer] = here.layers as [Descriptor];
    const memory = memoryOf();
    const looks: readonly (readonly [depth: ScanDepth, remembered: number])[] = [
      [SHALLOW, 0],
      [{ hashes: true, nested: false }, 0],
      [SHALLOW, 1],
      [{ hashes: false, nested: true }, 0],
      [{ hashes: true, nested: true }, 1],
      [{ hashes: true, nested: false }, 1],
    ];
    for (const [depth, remembered] of looks) {
      const scans = scannerOf(here, { memory, depth });
      const contents = await scans.scan(layer);
      expect(scans.counts.remembered, JSON.stringify(depth)).toBe(remembered);
      expect(contents.hashes?.size, JSON.stringify(depth)).toBe(depth.hashes ? 1 : undefined);
      expect(contents.nested?.size, JSON.stringify(depth)).toBe(depth.nested ? 0 : undefined);
    }
  });

  for (const [what, alter] of Object.entries<(bytes: Uint8Array) => Uint8Array>({
    torn: (bytes) => bytes.subarray(0, bytes.length - 3),
    empty: () => new Uint8Array(0),
    alien: () => Buffer.from('{"steps":[]}\n{}'),
  })) {
    test(`a record that is ${what} is none`, async () => {
      const here = await place(1);
      const [layer] = here.layers as [Descriptor];
      const memory = memoryOf();
      const whole = await scannerOf(here, { memory }).scan(layer);
      memory.records.set(layer.digest, alter(memory.records.get(layer.digest) as Uint8Array));
      const scans = scannerOf(here, { memory });
      expect(await scans.scan(layer)).toEqual(whole);
      expect(scans.counts).toMatchObject({ layers: 1, remembered: 0 });
    });
  }

  test("a memory that takes nothing harms nothing", async () => {
    const here = await place(1);
    const [layer] = here.layers as [Descriptor];
    const full = async (): Promise<never> => {
      throw new ProblemError("disk-full", { message: "there is no room" });
    };
    const contents = await scannerOf(here, { memory: { read: async () => undefined, write: full } }).scan(layer);
    expect(contents.index.diffId).toBe(digestOf(tarOf({ "file-0": { elf: { machine: "amd64" } } })));
  });
});
