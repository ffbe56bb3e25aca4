import { expect, test } from "vitest";
import { tarOf } from "../../../test/harness/made-image-files.ts";
import { memoryBlobStore } from "../../adapters/memory/blob-store.ts";
import { type PackCompression, packLayer } from "../../image/pack.ts";
import { decodeContents } from "./contents-codec.ts";
import { packingWatch } from "./packing-watch.ts";
import { scanLayer } from "./scan-layer.ts";

const DEPTH = { hashes: false, nested: false };
const tar = tarOf({
  "etc/os-release": "ID=debian\n",
  app: { elf: { machine: "arm64", interpreter: "/lib/ld-linux-aarch64.so.1", needed: ["libc.so.6"] } },
  "entry.sh": { text: "#!/bin/sh -e\nexec /app\n", mode: 0o755 },
  large: { text: "x".repeat(3_000_000) },
});

async function packed(archive: Uint8Array, compression: PackCompression) {
  const store = memoryBlobStore();
  const records = new Map<string, Uint8Array>();
  const watch = packingWatch({ read: async (key) => records.get(key), write: async (key, bytes) => void records.set(key, bytes) });
  const layer = await packLayer(await store.create(), { compression, watch }, async (write) => void (await write(archive)));
  return { store, layer, record: records.get(layer.digest) };
}

test.each<PackCompression>(["gzip", "uncompressed"])("what is seen while a layer is packed (%s) is what a scan of it sees", async (compression) => {
  const { store, layer, record } = await packed(tar, compression);
  const contents = await scanLayer(store, { mediaType: "layer", ...layer }, DEPTH);
  expect([...contents.binaries.values()]).toMatchObject([{ machine: 183 }]);
  expect(decodeContents(record as Uint8Array)).toEqual({ size: layer.size, depth: DEPTH, contents });
});

test("a layer that is no sound archive is packed all the same, and nothing is remembered of it", async () => {
  const damaged = Buffer.from(tar);
  damaged.fill(0x39, 148, 156);
  const { store, layer, record } = await packed(damaged, "gzip");
  expect(await store.stat(layer.digest)).toBe(layer.size);
  expect(record).toBeUndefined();
});
