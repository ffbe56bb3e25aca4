import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { memoryBlobStore } from "../../src/adapters/memory/blob-store.ts";
import { digestOf, hexOf } from "../../src/core/digest.ts";
import { isProblem, type ProblemError } from "../../src/core/problem.ts";
import { BUILDKIT_CACHE_MEDIA_TYPE, CACHE_MEDIA_TYPE, type CachedLayer, encodeCacheDocument } from "../../src/engine/cache/document.ts";
import { BUILDKIT_INLINE_FIELD, INLINE_CACHE_FIELD } from "../../src/engine/cache/inline.ts";
import type { CacheSource } from "../../src/engine/cache-entry.ts";
import { bringBlob } from "../../src/engine/embedded/found-layers.ts";
import { builtResult, tarOf } from "../harness/built-result.ts";
import { cachePlaces } from "../harness/cache-places.ts";
import { type Answer, hostileServer } from "../harness/hostile-server.ts";
import { type Described, type EvilRegistry, evilRegistry, TYPE } from "./evil-registry.ts";

const tar = tarOf([{ path: "a", content: "a" }]);
const entry: CachedLayer = {
  key: digestOf("key"),
  createdMs: 5,
  layer: { digest: digestOf(tar), size: tar.length, diffId: digestOf(tar), uncompressedSize: tar.length, compression: "uncompressed" },
};
const tarType = "application/vnd.oci.image.layer.v1.tar";

interface EvilCache {
  readonly entries?: readonly CachedLayer[];
  readonly document?: Uint8Array | string;
  readonly layers?: readonly Described[];
  readonly config?: Partial<Described>;
}

/** A cache of one layer, with what is wrong with it. */
function evilCache(registry: EvilRegistry, { entries = [entry], document = encodeCacheDocument(entries), layers, config }: EvilCache): void {
  const layer = registry.blob(tar, tarType);
  registry.tag(
    registry.document({
      schemaVersion: 2,
      mediaType: TYPE.manifest,
      config: { ...registry.blob(document, CACHE_MEDIA_TYPE), ...config },
      layers: layers ?? [layer],
    }),
  );
}

/** Brings the layer of the key into a store, as the engine does. */
async function bring(source: CacheSource): Promise<"nothing" | "a layer" | ProblemError> {
  const store = memoryBlobStore();
  const found = await source.find(entry.key);
  if (found === undefined) return "nothing";
  const { digest, size } = found.layer;
  try {
    await bringBlob(store, source, digest, size, new AbortController().signal);
    return "a layer";
  } catch (error) {
    // Nothing of it is to be seen.
    expect(await store.stat(digest)).toBeUndefined();
    if (isProblem(error)) return error;
    throw error;
  }
}

test("the cache that the cases below spoil is a good one", async () => {
  const registry = await evilRegistry();
  evilCache(registry, {});
  const { open, warnings } = cachePlaces();
  expect(await bring(open(registry.name)[0]!)).toBe("a layer");
  expect(warnings()).toEqual([]);
});

const lied = (more: Partial<CachedLayer["layer"]>): readonly CachedLayer[] => [{ ...entry, layer: { ...entry.layer, ...more } }];
const huge = 1024 ** 3;

/** What cannot be read counts for nothing: one warning, and the build goes on. */
const unread: Record<string, { make: (registry: EvilRegistry) => void; says: RegExp }> = {
  "a document that is cut off": { make: (r) => evilCache(r, { document: '{"version":1,"entr' }), says: /is not JSON/ },
  "a document of entries of alien types": { make: (r) => evilCache(r, { document: '{"version":1,"entries":[{"key":7}]}' }), says: /entries\[0\]/ },
  "a document of another version": { make: (r) => evilCache(r, { document: '{"version":9,"entries":[]}' }), says: /is of version 9/ },
  "a document of another version's media type": {
    make: (r) => evilCache(r, { config: { mediaType: "application/vnd.multihull.cache.v9+json" } }),
    says: /another version of multihull/,
  },
  "a document of a gigabyte, by its manifest": { make: (r) => evilCache(r, { config: { size: huge } }), says: /has 1073741824 bytes; at most/ },
  "a document that is larger than its manifest says": { make: (r) => evilCache(r, { config: { size: 10 } }), says: /has more bytes, its descriptor says 10/ },
  "a document that is other bytes than its digest": {
    make: (r) => {
      const { digest } = r.blob("the right one");
      evilCache(r, { config: { digest } });
      r.instead = (request, response) =>
        request.url === `/v2/base/blobs/${digest}` ? void response.writeHead(200, { "content-length": 3 }).end("bad") : undefined;
    },
    says: /digest|bytes/,
  },
  "a size that the manifest does not tell": { make: (r) => evilCache(r, { entries: lied({ size: 1 }) }), says: /with 1 bytes, its manifest does not/ },
  "a layer that the manifest does not name": { make: (r) => evilCache(r, { layers: [] }), says: /its manifest does not/ },
  "BuildKit's cache as a manifest": {
    make: (r) => evilCache(r, { config: { mediaType: BUILDKIT_CACHE_MEDIA_TYPE } }),
    says: /it is a cache of BuildKit, which only BuildKit can read; write one of multihull under another name/,
  },
  "BuildKit's cache as an index": {
    make: (r) =>
      r.tag(r.document({ schemaVersion: 2, mediaType: TYPE.index, manifests: [r.blob(tar, tarType), r.blob("{}", BUILDKIT_CACHE_MEDIA_TYPE)] }, TYPE.index)),
    says: /it is a cache of BuildKit/,
  },
  "an image with BuildKit's inline cache": { make: (r) => r.tag(r.image({ config: { [BUILDKIT_INLINE_FIELD]: "e30=" } })), says: /it is a cache of BuildKit/ },
  "an image without a cache": { make: (r) => r.tag(r.image()), says: /an image without an inline cache/ },
  "an image whose inline cache is damaged": { make: (r) => r.tag(r.image({ config: { [INLINE_CACHE_FIELD]: [] } })), says: /is a list, wanted an object/ },
  "something that is no image at all": {
    make: (r) => r.tag(r.document({ schemaVersion: 2, mediaType: TYPE.manifest, config: r.blob("{}", "application/vnd.other+json"), layers: [] })),
    says: /"architecture" is missing/,
  },
  "a manifest that is no JSON": { make: (r) => r.tag(r.blob("<html>", TYPE.manifest)), says: /is not used/ },
};
test.each(Object.entries(unread))("%s is passed over with one warning", async (_, { make, says }) => {
  const registry = await evilRegistry();
  make(registry);
  const { open, warnings } = cachePlaces();
  const [source] = open(registry.name, ["linux/amd64"]);
  expect(await bring(source!)).toBe("nothing");
  expect(await source!.find(digestOf("another"))).toBeUndefined();
  expect(warnings()).toEqual([expect.stringMatching(says)]);
  expect(warnings()[0]).toContain(`--cache-from "${registry.name}" is not used: `);
});

/** What only shows when the layer is read never gets into the store. */
const unbrought: Record<string, { make: (registry: EvilRegistry) => void; says: RegExp }> = {
  "other content under the digest": { make: (r) => servesLayer(r, Buffer.alloc(tar.length, "x")), says: /digest/ },
  "content that is cut off": { make: (r) => servesLayer(r, tar.subarray(0, 100)), says: /./ },
  "content that goes on": { make: (r) => servesLayer(r, Buffer.concat([tar, tar])), says: /bytes/ },
  "a size that both documents lie about, too small": {
    make: (r) => evilCache(r, { entries: lied({ size: 10 }), layers: [{ ...r.blob(tar, tarType), size: 10 }] }),
    says: /it has more bytes, and the cache says 10/,
  },
  "a size that both documents lie about, too large": {
    make: (r) => evilCache(r, { entries: lied({ size: huge }), layers: [{ ...r.blob(tar, tarType), size: huge }] }),
    says: /only \d+ bytes, and the cache says 1073741824/,
  },
  "a layer that is gone": {
    make: (r) => {
      evilCache(r, {});
      r.instead = (request, response) => (request.url?.endsWith(entry.layer.digest) === true ? void response.writeHead(404).end() : undefined);
    },
    says: /404/,
  },
};
function servesLayer(registry: EvilRegistry, bytes: Uint8Array): void {
  evilCache(registry, {});
  registry.instead = (request, response) =>
    request.url?.endsWith(entry.layer.digest) === true ? void response.writeHead(200, { "content-length": bytes.length }).end(bytes) : undefined;
}
test.each(Object.entries(unbrought))("%s does not get into the store", async (_, { make, says }) => {
  const registry = await evilRegistry();
  make(registry);
  const got = await bring(cachePlaces().open(registry.name)[0]!);
  expect(got).toMatchObject({ code: "cache-invalid", message: expect.stringMatching(says), hint: expect.stringContaining("leave that cache out") });
  expect((got as ProblemError).message).toContain(`--cache-from "${registry.name}"`);
});

test("a diff_id that the cache lies about is handed on as it is told, for the unpacking to find out", async () => {
  const registry = await evilRegistry();
  evilCache(registry, { entries: lied({ diffId: digestOf("other files") }) });
  const found = await cachePlaces().open(registry.name)[0]!.find(entry.key);
  expect(found?.layer.diffId).toBe(digestOf("other files"));
});

test("a folder's layer that is cut off or gone is not found, and is told of once", async () => {
  const { write, open, warnings, cwd } = cachePlaces();
  const result = await builtResult({ "linux/amd64": { layers: [[{ path: "a", content: "a" }], [{ path: "b" }]] } });
  await write(result, "type=local,dest=c");
  for (const { layer } of result.steps) truncateSync(join(cwd, "c/blobs/sha256", hexOf(layer.digest)), 5);
  const [source] = open("type=local,src=c");
  for (const { key } of result.steps) expect(await source!.find(key)).toBeUndefined();
  expect(warnings()).toEqual([expect.stringMatching(/lacks layers that it tells of, such as sha256:.*their steps are made again$/)]);
});

test("a folder's layer of other content does not get into the store", async () => {
  const { write, open, cwd } = cachePlaces();
  const result = await builtResult({ "linux/amd64": { layers: [[{ path: "a", content: "a" }]] } });
  await write(result, "type=local,dest=c");
  const { key, layer } = result.steps[0]!;
  writeFileSync(join(cwd, "c/blobs/sha256", hexOf(layer.digest)), Buffer.alloc(layer.size, "x"));
  const [source] = open("type=local,src=c");
  expect((await source!.find(key))?.layer).toEqual(layer);
  await expect(bringBlob(memoryBlobStore(), source!, layer.digest, layer.size, new AbortController().signal)).rejects.toMatchObject({ code: "cache-invalid" });
});

/** Answers of a registry in trouble, from the `from`th request on. */
const troubles: Record<string, { answer: Answer; from: number; code: string }> = {
  "answers 500 at once": { answer: (_, response) => void response.writeHead(500).end("no"), from: 0, code: "registry-status" },
  "answers 401 at once": { answer: (_, response) => void response.writeHead(401).end(), from: 0, code: "registry-unauthorized" },
  "answers 403 in the middle": { answer: (_, response) => void response.writeHead(403).end(), from: 3, code: "registry-denied" },
  "breaks off in the middle": { answer: (request) => void request.socket.destroy(), from: 3, code: "registry-unreachable" },
};
/** A registry that has nothing and takes uploads, until it does not. */
async function failingRegistry(answer: Answer, from: number): Promise<{ readonly host: string; readonly seen: readonly string[] }> {
  let count = 0;
  const server = await hostileServer((request, response) => {
    if (request.url === "/v2/") return void response.writeHead(200).end("{}");
    if (count++ >= from) return answer(request, response);
    request.resume();
    if (request.method === "HEAD") return void response.writeHead(404).end();
    if (request.method === "POST") return void response.writeHead(202, { location: "/v2/a/blobs/uploads/1" }).end();
    request.once("end", () => response.writeHead(201).end());
  });
  onTestFinished(() => server.close());
  return server;
}
test.each(Object.entries(troubles))(
  "an export to a registry that %s fails the build, or warns with ignore-error; no name is written",
  async (_, { answer, from, code }) => {
    const result = await builtResult({ "linux/amd64": { layers: [[{ path: "a", content: "a" }], [{ path: "b", content: "b" }]] } });
    const { write, warnings, events } = cachePlaces();
    const [first, second] = [await failingRegistry(answer, from), await failingRegistry(answer, from)];
    await expect(write(result, `${first.host}/a:c`)).rejects.toMatchObject({ code });
    await write(result, `type=registry,ref=${second.host}/a:c,ignore-error=true`);
    expect(warnings()).toEqual([expect.stringMatching(/^the cache was not written to /)]);
    expect(events.filter(({ type }) => type === "step-done")).toHaveLength(1);
    expect([...first.seen, ...second.seen].filter((line) => line.startsWith("PUT /v2/a/manifests/"))).toEqual([]);
  },
);

test.each(Object.entries(troubles))("an import from a registry that %s is nothing and one warning", async (_, { answer }) => {
  const { open, warnings } = cachePlaces();
  const [source] = open(`${(await failingRegistry(answer, 0)).host}/a:c`);
  expect(await source!.find(entry.key)).toBeUndefined();
  expect(await source!.find(entry.key)).toBeUndefined();
  expect(warnings()).toEqual([expect.stringContaining("is not used: ")]);
});

test("a registry that hangs is left when the build is cancelled, in import and export", async () => {
  let asked = (): void => {};
  const server = await hostileServer((request, response) => {
    if (request.url === "/v2/") return void response.writeHead(200).end("{}");
    asked();
  });
  onTestFinished(() => server.close());
  const { open, write } = cachePlaces();
  const result = await builtResult({ "linux/amd64": { layers: [[{ path: "a" }]] } });
  for (const work of [
    (signal: AbortSignal) => open(`${server.host}/a:c`, [], signal)[0]!.find(entry.key),
    (signal: AbortSignal) => write(result, `${server.host}/a:c`, [], signal),
    (signal: AbortSignal) => write(result, `type=registry,ref=${server.host}/a:c,ignore-error=true`, [], signal),
  ]) {
    const stop = new AbortController();
    asked = () => stop.abort(new Error("cancelled"));
    await expect(work(stop.signal)).rejects.toThrow("cancelled");
  }
});
