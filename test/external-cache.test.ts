import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestOf } from "../src/core/digest.ts";
import { parseReference } from "../src/core/reference.ts";
import { inlineCacheOf } from "../src/engine/cache/inline.ts";
import type { BuildResult } from "../src/engine/engine.ts";
import { putBytes, readBytes } from "../src/image/blob-store.ts";
import { encodeConfig, encodeIndex, encodeManifest } from "../src/image/encode.ts";
import { builtResult } from "./harness/built-result.ts";
import { cachePlaces, memoryRegistry, readAll } from "./harness/cache-places.ts";

const shared = [{ path: "base", content: "base" }];
const twoPlatforms = () =>
  builtResult({
    "linux/amd64": { layers: [shared, [{ path: "program", content: "amd64" }]] },
    "linux/arm64": { layers: [shared, [{ path: "program", content: "arm64" }]] },
  });
/** As a source tells of them. */
const unpublished = (result: BuildResult): object[] => result.steps.map(({ key, layer, createdMs }) => ({ key, layer, createdMs }));
/** A result whose last step is of a stage that no image shows. */
const withHiddenStep = async () => {
  const result = await twoPlatforms();
  return { ...result, steps: result.steps.map((entry, i) => (i === 2 ? { ...entry, published: false } : entry)) };
};

describe("a cache in a registry", () => {
  test("gives back every layer of all platforms to a machine that has nothing", async () => {
    const { host, log } = await memoryRegistry();
    const result = await twoPlatforms();
    const { write, open, warnings } = cachePlaces();
    await write(result, `type=registry,ref=${host}/team/cache:main,mode=max`);
    expect(log.at(-1)).toBe("PUT /v2/team/cache/manifests/main 201");
    const [source] = open(`${host}/team/cache:main`);
    expect(await readAll(source!, result.steps)).toEqual(unpublished(result));
    expect(await source!.find(digestOf("another key"))).toBeUndefined();
    expect(source!.origin).toEqual({ registry: host, repository: "team/cache" });
    expect(warnings()).toEqual([]);
  });

  test("is read once, however often and from however many sides it is asked", async () => {
    const { host, log } = await memoryRegistry();
    const result = await twoPlatforms();
    const { write, open } = cachePlaces();
    await write(result, [`${host}/a:c`, `${host}/b:c`]);
    log.length = 0;
    const [a, b] = open([`${host}/a:c`, `${host}/b:c`]);
    expect(log).toEqual([]);
    await Promise.all(result.steps.flatMap(({ key }) => [a!.find(key), b!.find(key), a!.find(key)]));
    expect(log.filter((line) => line.includes("/manifests/")).sort()).toEqual(["GET /v2/a/manifests/c 200", "GET /v2/b/manifests/c 200"]);
    expect(log).toHaveLength(4);
  });

  test("of mode=min has the images' own steps, of mode=max all", async () => {
    const { host } = await memoryRegistry();
    const result = await withHiddenStep();
    const { write, open } = cachePlaces();
    await write(result, [`${host}/min:1`, `type=registry,ref=${host}/max:1,mode=max`]);
    const [min, max] = open([`${host}/min:1`, `${host}/max:1`]);
    expect(await readAll(min!, result.steps)).toHaveLength(result.steps.length - 1);
    expect(await readAll(max!, result.steps)).toHaveLength(result.steps.length);
  });

  test("that has not changed moves nothing", async () => {
    const { host, log } = await memoryRegistry();
    const { write } = cachePlaces();
    await write(await twoPlatforms(), `${host}/a:c`);
    log.length = 0;
    await write(await twoPlatforms(), `${host}/a:c`);
    expect(log).toEqual(["HEAD /v2/a/manifests/c 200"]);
  });

  test("takes layers from the repository that the image went to", async () => {
    const { host, log } = await memoryRegistry();
    const result = await twoPlatforms();
    const { write, events, registry } = cachePlaces();
    const app = { registry: host, repository: "app" };
    for (const { layer } of result.steps) await registry.putBlob(app, { ...layer, open: () => result.blobs.open(layer.digest) });
    log.length = 0;
    await write(result, `${host}/cache:1`, [app]);
    expect(events.filter((event) => event.type === "transfer-saved").map((event) => "how" in event && event.how)).toEqual(["mounted", "mounted", "mounted"]);
    // The cache's document alone is sent.
    expect(log.filter((line) => line.startsWith("PATCH") || (line.startsWith("PUT") && line.includes("/blobs/")))).toHaveLength(1);
  });

  test("in Docker's media types is the same cache", async () => {
    const { host } = await memoryRegistry();
    const result = await twoPlatforms();
    const { write, open, registry } = cachePlaces();
    await write(result, `type=registry,ref=${host}/a:c,oci-mediatypes=false`);
    expect((await registry.manifest(parseReference(`${host}/a:c`))).mediaType).toBe("application/vnd.docker.distribution.manifest.v2+json");
    expect(await readAll(open(`${host}/a:c`)[0]!, result.steps)).toHaveLength(3);
  });

  test("that is not there yet is empty, and says so once", async () => {
    const { host } = await memoryRegistry();
    const { open, warnings } = cachePlaces();
    const [source] = open(`${host}/none:1`);
    expect(await source!.find(digestOf("a"))).toBeUndefined();
    expect(await source!.find(digestOf("b"))).toBeUndefined();
    expect(warnings()).toEqual([`--cache-from "${host}/none:1" holds nothing yet`]);
  });

  test("is not written over when a build has no step to be kept", async () => {
    const { host, log } = await memoryRegistry();
    const { write, warnings } = cachePlaces();
    await write({ ...(await twoPlatforms()), steps: [] }, `${host}/a:c`);
    expect(log).toEqual([]);
    expect(warnings()).toEqual([expect.stringContaining("is left as it is")]);
  });

  test("written by two at once is one of the two, whole", async () => {
    const { host } = await memoryRegistry();
    const { write, open } = cachePlaces();
    const results = [await builtResult({ "linux/amd64": { layers: [shared] } }), await twoPlatforms()];
    await Promise.all(results.map((result) => write(result, `${host}/a:c`)));
    const found = await readAll(open(`${host}/a:c`)[0]!, (results[1] as BuildResult).steps);
    expect([1, 3]).toContain(found.length);
  });

  test("keeps as many layers as a manifest may have, the images' own first", async () => {
    const { write, open, warnings } = cachePlaces();
    const result = await withHiddenStep();
    const [hidden] = result.steps.slice(2);
    const many = Array.from({ length: 1000 }, (_, i) => ({ ...hidden!, key: digestOf(`key ${i}`), layer: { ...hidden!.layer, digest: digestOf(`l ${i}`) } }));
    for (const [i, entry] of many.entries()) expect(await putBytes(result.store, Buffer.from(`l ${i}`))).toBe(entry.layer.digest);
    const sized = many.map((entry, i) => ({ ...entry, layer: { ...entry.layer, size: `l ${i}`.length } }));
    await write({ ...result, steps: [...sized, ...result.steps] }, "type=local,dest=cache,mode=max");
    expect(warnings()).toEqual([expect.stringMatching(/keeps 1000 layers.*3 steps are left out$/)]);
    const [source] = open("type=local,src=cache");
    expect((await source!.find(result.steps[0]!.key))?.layer).toEqual(result.steps[0]!.layer);
    expect((await source!.find(many[997]!.key))?.layer).toEqual(sized[997]!.layer);
    expect(await source!.find(many[998]!.key)).toBeUndefined();
  });
});

describe("a cache in a folder", () => {
  test("gives back every layer", async () => {
    const result = await twoPlatforms();
    const { write, open, warnings } = cachePlaces();
    await write(result, "type=local,dest=deep/cache");
    const [source] = open("type=local,src=deep/cache");
    expect(await readAll(source!, result.steps)).toEqual(unpublished(result));
    expect(source!.origin).toBeUndefined();
    expect(warnings()).toEqual([]);
  });

  test("replaces the former one of its tag, and leaves others as they are", async () => {
    const [first, second] = [await builtResult({ "linux/amd64": { layers: [shared] } }), await twoPlatforms()];
    const { write, open, cwd } = cachePlaces();
    await write(first, ["type=local,dest=c", "type=local,dest=c,tag=other"]);
    await write(second, "type=local,dest=c");
    expect(JSON.parse(readFileSync(join(cwd, "c/index.json"), "utf8")).manifests).toHaveLength(2);
    const [latest, other] = open(["type=local,src=c", "type=local,src=c,tag=other"]);
    expect(await readAll(latest!, second.steps)).toHaveLength(3);
    expect(await readAll(other!, second.steps)).toHaveLength(1);
  });

  test("can be named by its digest", async () => {
    const result = await twoPlatforms();
    const { write, open, cwd } = cachePlaces();
    await write(result, "type=local,dest=c");
    const [{ digest }] = JSON.parse(readFileSync(join(cwd, "c/index.json"), "utf8")).manifests;
    expect(await readAll(open(`type=local,src=c,digest=${digest}`)[0]!, result.steps)).toHaveLength(3);
  });

  test("that is not there yet is empty, and says so", async () => {
    const { open, warnings, cwd } = cachePlaces();
    expect(await open("type=local,src=c")[0]!.find(digestOf("a"))).toBeUndefined();
    expect(warnings()).toEqual(['--cache-from "type=local,src=c" holds nothing yet']);
    expect(existsSync(join(cwd, "c"))).toBe(false);
  });

  test("written by two at once is whole", async () => {
    const results = [await builtResult({ "linux/amd64": { layers: [shared] } }), await twoPlatforms()] as const;
    const { write, open } = cachePlaces();
    await Promise.all([write(results[0], "type=local,dest=c,tag=a"), write(results[1], "type=local,dest=c,tag=b")]);
    const [a, b] = open(["type=local,src=c,tag=a", "type=local,src=c,tag=b"]);
    expect(await readAll(a!, results[1].steps)).toHaveLength(1);
    expect(await readAll(b!, results[1].steps)).toHaveLength(3);
  });

  test("in a folder that is no layout is refused, or told of with ignore-error", async () => {
    const { write, cwd, warnings } = cachePlaces();
    const result = await twoPlatforms();
    await write(result, "type=local,dest=c");
    writeFileSync(join(cwd, "c/index.json"), "{");
    await expect(write(result, "type=local,dest=c")).rejects.toMatchObject({ code: "cache-invalid", message: expect.stringContaining('"c"') });
    await write(result, "type=local,dest=c,ignore-error=true");
    expect(warnings()).toEqual([expect.stringMatching(/^the cache was not written to "c": /)]);
  });
});

describe("an inline cache", () => {
  /** The result with what the engine puts into configs, pushed. */
  async function pushed(host: string, result: BuildResult, { index = true } = {}) {
    const { registry } = cachePlaces();
    const place = { registry: host, repository: "app" };
    const manifests = [];
    for (const { layer } of result.steps) await registry.putBlob(place, { ...layer, open: () => result.blobs.open(layer.digest) });
    for (const image of result.images) {
      const bytes = encodeConfig({ ...image.config, ...inlineCacheOf(image.config.rootfs.diff_ids, result.steps) });
      const config = { ...image.manifest.value.config, digest: digestOf(bytes), size: bytes.length };
      await registry.putBlob(place, {
        ...config,
        open: async function* () {
          yield bytes;
        },
      });
      const manifest = encodeManifest({ ...image.manifest.value, config });
      await registry.putManifest({ ...place, ...(index ? { digest: manifest.descriptor.digest } : { tag: "v1" }) }, manifest.value.mediaType, manifest.bytes);
      manifests.push({ ...manifest.descriptor, platform: image.platform });
    }
    if (!index) return;
    const root = encodeIndex({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests });
    await registry.putManifest({ ...place, tag: "v1" }, root.value.mediaType, root.bytes);
  }

  test("is read from the images of the platforms that are built", async () => {
    const { host } = await memoryRegistry();
    const result = await twoPlatforms();
    await pushed(host, result);
    const { open, warnings } = cachePlaces();
    expect(await readAll(open(`${host}/app:v1`)[0]!, result.steps)).toHaveLength(3);
    expect(await readAll(open(`${host}/app:v1`, ["linux/arm64"])[0]!, result.steps)).toHaveLength(2);
    expect(await readAll(open(`${host}/app:v1`, ["linux/s390x"])[0]!, result.steps)).toHaveLength(0);
    expect(warnings()).toEqual([]);
  });

  test("is read from an image of one platform", async () => {
    const { host } = await memoryRegistry();
    const result = await builtResult({ "linux/amd64": { layers: [shared, [{ path: "a" }]] } });
    await pushed(host, result, { index: false });
    const [found] = await readAll(cachePlaces().open(`${host}/app:v1`)[0]!, result.steps);
    expect(found?.layer).toEqual(result.steps[0]?.layer);
  });

  test("writes nothing of its own, and an image without one is told of", async () => {
    const { host, log } = await memoryRegistry();
    const result = await builtResult({ "linux/amd64": { layers: [shared] } });
    const { write, open, warnings, registry } = cachePlaces();
    await write(result, "type=inline");
    expect(log).toEqual([]);
    const place = { registry: host, repository: "app" };
    const [image] = result.images;
    for (const { digest, size } of [...image!.manifest.value.layers, image!.manifest.value.config]) {
      const bytes = await readBytes(result.blobs, digest);
      await registry.putBlob(place, {
        digest,
        size,
        open: async function* () {
          yield bytes;
        },
      });
    }
    await registry.putManifest({ ...place, tag: "v1" }, image!.manifest.value.mediaType, image!.manifest.bytes);
    expect(await open(`${host}/app:v1`)[0]!.find(result.steps[0]!.key)).toBeUndefined();
    expect(warnings()).toEqual([expect.stringContaining("it is an image without an inline cache; build it with --cache-to type=inline")]);
  });
});
