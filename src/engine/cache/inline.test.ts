import { describe, expect, test } from "vitest";
import { digestOf } from "../../core/digest.ts";
import { MEDIA_TYPE } from "../../core/media-type.ts";
import type { ImageConfig } from "../../image/config.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { encodeConfig } from "../../image/encode.ts";
import type { PackedLayer } from "../../image/pack.ts";
import { parseConfig } from "../../image/parse.ts";
import { INLINE_CACHE_FIELD, inlineCacheOf, readInlineCache } from "./inline.ts";

const diff = (name: string) => digestOf(`diff ${name}`);
const packed = (name: string): PackedLayer => ({ digest: digestOf(`blob ${name}`), size: 10, diffId: diff(name), uncompressedSize: 20, compression: "gzip" });
const entry = (name: string, key = name) => ({ key: digestOf(`key ${key}`), layer: packed(name) });
const blob = (name: string, mediaType: string = MEDIA_TYPE.ociLayerGzip): Descriptor => ({ mediaType, digest: digestOf(`blob ${name}`), size: 10 });

/** As it comes back from a registry. */
function image(names: readonly string[], field: object): ImageConfig {
  const config: ImageConfig = {
    architecture: "arm64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: names.map(diff) },
    history: names.flatMap((_, i) => [{ created: `2026-01-0${i + 1}T00:00:00Z` }, { created: "2020-01-01T00:00:00Z", empty_layer: true }]),
  };
  return parseConfig(encodeConfig({ ...config, ...field }));
}

test("what the engine puts into a config is read from it again, with the time of the layer's history", () => {
  const config = image(["base", "a", "b"], inlineCacheOf(["base", "a", "b"].map(diff), [entry("b"), entry("a"), entry("a", "other")]));
  const read = readInlineCache(config, { layers: [blob("base"), blob("a"), blob("b")] });
  expect(read).toHaveLength(3);
  expect(read).toEqual(
    expect.arrayContaining([
      { ...entry("a"), createdMs: Date.UTC(2026, 0, 2) },
      { ...entry("a", "other"), createdMs: Date.UTC(2026, 0, 2) },
      { ...entry("b"), createdMs: Date.UTC(2026, 0, 3) },
    ]),
  );
});

test("layers that were packed anew on their way are told by their new blobs", () => {
  const config = image(["a"], inlineCacheOf([diff("a")], [entry("a")]));
  const [found] = readInlineCache(config, { layers: [{ mediaType: MEDIA_TYPE.dockerLayer, digest: digestOf("anew"), size: 77 }] });
  expect(found?.layer).toEqual({ digest: digestOf("anew"), size: 77, diffId: diff("a"), uncompressedSize: 20, compression: "uncompressed" });
});

test("layers of a kind that nobody here unpacks are left out", () => {
  const config = image(["a", "b"], inlineCacheOf([diff("a"), diff("b")], [entry("a"), entry("b")]));
  const read = readInlineCache(config, { layers: [blob("a", MEDIA_TYPE.ociLayerZstd), blob("b")] });
  expect(read.map(({ key }) => key)).toEqual([digestOf("key b")]);
});

test("the bytes tell of nothing but the steps: no time, and the same in any order", () => {
  const ids = [diff("a"), diff("b")];
  expect(inlineCacheOf(ids, [entry("a"), entry("b")])).toEqual(inlineCacheOf(ids, [entry("b"), entry("a")]));
  expect(inlineCacheOf(ids, [{ ...entry("a"), createdMs: 5 } as ReturnType<typeof entry>])).toEqual(inlineCacheOf(ids, [entry("a")]));
});

test("an image without such layers has no field, and one without the field tells nothing", () => {
  expect(inlineCacheOf([diff("a")], [entry("other")])).toEqual({});
  expect(readInlineCache(image(["a"], {}), { layers: [blob("a")] })).toEqual([]);
});

describe("damaged fields", () => {
  const good = { layer: 0, key: digestOf("k"), uncompressedSize: 1 };
  const cases: Record<string, { field: unknown; says: RegExp; code?: string }> = {
    "a text": { field: "x", says: /is a string, wanted an object/ },
    "layers that are a text": { field: { layers: "x" }, says: /"layers" is "x"/ },
    "a layer that is a number": { field: { layers: [1] }, says: /layers\[0\] is a number/ },
    "a layer that is not there": { field: { layers: [{ ...good, layer: 1 }] }, says: /"layer" is 1/ },
    "a layer before the first": { field: { layers: [{ ...good, layer: -1 }] }, says: /"layer" is -1/ },
    "a key that is none": { field: { layers: [{ ...good, key: "k" }] }, says: /"key" is "k"/ },
    "a size that is none": { field: { layers: [{ ...good, uncompressedSize: 2 ** 50 }] }, says: /"uncompressedSize"/ },
    "too many": { field: { layers: Array.from({ length: 20_001 }, () => good) }, says: /at most/, code: "limit-exceeded" },
  };
  test.each(Object.entries(cases))("%s", (_, { field, says, code = "cache-invalid" }) =>
    expect(() => readInlineCache(image(["a"], { [INLINE_CACHE_FIELD]: field }), { layers: [blob("a")] })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(says) }),
    ),
  );
  test("a config with other numbers of layers than the manifest", () =>
    expect(() => readInlineCache(image(["a", "b"], inlineCacheOf([diff("a")], [entry("a")])), { layers: [blob("a")] })).toThrow(
      /1 layers in its manifest and 2/,
    ));
});
