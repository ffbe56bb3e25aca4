import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memoryBlobStore } from "../adapters/memory/blob-store.ts";
import { digestOf } from "../core/digest.ts";
import { type BlobWriter, readBytes } from "./blob-store.ts";
import { GZIP_BLOCK_BYTES } from "./gzip.ts";
import { layerMediaType, type PackedLayer, type PackOptions, packLayer } from "./pack.ts";

/** Bytes that look like something, the same every time. */
function pseudoRandom(size: number, spread = 256): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 42;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = (state >>> 24) % spread;
  }
  return bytes;
}

async function pack(chunks: readonly Uint8Array[], options: PackOptions = { compression: "gzip" }): Promise<PackedLayer & { readonly blob: Buffer }> {
  const store = memoryBlobStore();
  const packed = await packLayer(await store.create(), options, async (write) => {
    for (const chunk of chunks) await write(chunk);
  });
  return { ...packed, blob: Buffer.from(await readBytes(store, packed.digest)) };
}

describe("packing a layer", () => {
  const contents: Record<string, Buffer> = {
    nothing: Buffer.alloc(0),
    "a few bytes": Buffer.from("hello"),
    "a block exactly": pseudoRandom(GZIP_BLOCK_BYTES, 7),
    "a block and a byte": pseudoRandom(GZIP_BLOCK_BYTES + 1, 7),
    "many blocks": pseudoRandom(9 * GZIP_BLOCK_BYTES + 12345, 7),
    "what does not shrink": pseudoRandom(3 * GZIP_BLOCK_BYTES),
  };
  for (const [what, content] of Object.entries(contents)) {
    for (const options of [
      { compression: "gzip" },
      { compression: "gzip", level: 0 },
      { compression: "gzip", level: 9 },
      { compression: "uncompressed" },
    ] as const) {
      test(`${what}, ${JSON.stringify(options)}`, async () => {
        const packed = await pack([content], options);
        expect((options.compression === "gzip" ? gunzipSync(packed.blob) : packed.blob).equals(content)).toBe(true);
        const { blob, ...told } = packed;
        expect(told).toEqual({
          digest: digestOf(blob),
          size: blob.length,
          diffId: digestOf(content),
          uncompressedSize: content.length,
          compression: options.compression,
        });
      });
    }
  }

  test("the bytes do not depend on how the content came", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 2 * GZIP_BLOCK_BYTES }), { maxLength: 5 }), async (cuts) => {
        const content = pseudoRandom(3 * GZIP_BLOCK_BYTES, 5);
        const chunks: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(content.subarray(at, at + cut));
          at += cut;
        }
        chunks.push(content.subarray(at));
        expect((await pack(chunks)).digest).toBe((await pack([content])).digest);
      }),
      { numRuns: 6 },
    ));

  test("the gzip header tells no time, name or system", async () => {
    const { blob } = await pack([Buffer.from("x")]);
    expect([...blob.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  });

  test("what does not shrink is stored", async () => {
    const content = pseudoRandom(4 * GZIP_BLOCK_BYTES);
    const { size } = await pack([content]);
    expect(size).toBeGreaterThan(content.length);
    expect(size).toBeLessThan(content.length * 1.001);
  });

  test("evenly spread bytes that repeat are still compressed", async () => {
    const piece = pseudoRandom(8 * 1024);
    const { size } = await pack([Buffer.concat(Array.from({ length: 512 }, () => piece))]);
    expect(size).toBeLessThan(200_000);
  });

  test("small writes need no promise", async () => {
    const store = memoryBlobStore();
    let promises = 0;
    await packLayer(await store.create(), { compression: "gzip" }, async (write) => {
      for (let i = 0; i < 2000; i++) if (write(Buffer.alloc(100, i)) !== undefined) promises++;
    });
    expect(promises).toBe(0);
  });

  test("the caller's bytes may change after the write", async () => {
    const reused = Buffer.from("first");
    const store = memoryBlobStore();
    const packed = await packLayer(await store.create(), { compression: "uncompressed" }, async (write) => {
      await write(reused);
      reused.write("other");
      await write(reused);
    });
    expect(Buffer.from(await readBytes(store, packed.digest)).toString()).toBe("firstother");
  });

  test("progress is told in bytes of the archive", async () => {
    const told: number[] = [];
    const store = memoryBlobStore();
    await packLayer(
      await store.create(),
      { compression: "gzip" },
      async (write) => write(pseudoRandom(2 * GZIP_BLOCK_BYTES + 5)),
      (bytes) => told.push(bytes),
    );
    expect(told).toEqual([GZIP_BLOCK_BYTES, 2 * GZIP_BLOCK_BYTES, 2 * GZIP_BLOCK_BYTES + 5]);
  });

  test("no more than a few blocks wait for a slow writer", async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let accepted = 0;
    const writer: BlobWriter = { ...(await memoryBlobStore().create()), size: 0, write: () => gate };
    const done = packLayer(writer, { compression: "gzip" }, async (write) => {
      for (let i = 0; i < 20; i++) {
        await write(pseudoRandom(GZIP_BLOCK_BYTES, 3));
        accepted++;
      }
    });
    for (let i = 0; i < 200; i++) await new Promise(setImmediate);
    expect(accepted).toBeLessThan(6);
    open();
    expect((await done).uncompressedSize).toBe(20 * GZIP_BLOCK_BYTES);
  });

  test("what the writer throws comes out, also while others are being compressed", async () => {
    const writer: BlobWriter = {
      ...(await memoryBlobStore().create()),
      size: 0,
      write: async (chunk) => {
        if (chunk.length > 100) throw new Error("disk full");
      },
    };
    const fill = async (write: (chunk: Uint8Array) => Promise<void> | undefined): Promise<void> => {
      for (let i = 0; i < 12; i++) await write(pseudoRandom(GZIP_BLOCK_BYTES));
    };
    await expect(packLayer(writer, { compression: "gzip" }, fill)).rejects.toThrow("disk full");
    await expect(packLayer(writer, { compression: "uncompressed" }, fill)).rejects.toThrow("disk full");
  });

  test("what the filler throws comes out", async () => {
    const writer = await memoryBlobStore().create();
    const fill = async (write: (chunk: Uint8Array) => Promise<void> | undefined): Promise<void> => {
      await write(pseudoRandom(GZIP_BLOCK_BYTES * 2));
      throw new Error("file changed");
    };
    await expect(packLayer(writer, { compression: "gzip" }, fill)).rejects.toThrow("file changed");
  });
});

test("media types", () => {
  expect([layerMediaType("gzip", true), layerMediaType("uncompressed", true), layerMediaType("gzip", false), layerMediaType("uncompressed", false)]).toEqual([
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "application/vnd.docker.image.rootfs.diff.tar",
  ]);
});
