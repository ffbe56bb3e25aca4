import { describe, expect, test } from "vitest";
import { builtResult, type MadeImage } from "../../../test/harness/built-result.ts";
import { ProblemError } from "../../core/problem.ts";
import { formatReference, parseReference, type Reference } from "../../core/reference.ts";
import { collect } from "../../image/blob-store.ts";
import type { RegistryClient } from "../../registry/client/client.ts";
import type { BuildResult } from "../engine.ts";
import type { BuildEvent } from "../event.ts";
import type { ExportPorts } from "./ports.ts";
import { pushImage } from "./push-image.ts";

const loud = (what: string) => () => {
  throw new Error(`${what} is not expected`);
};

/** A registry that notes what it is asked; blobs that can be mounted are, others are read. */
function notingRegistry(options: { fail?: string; whilePutting?: (digest: string) => Promise<void> } = {}) {
  const calls: string[] = [];
  const held = new Set<string>();
  const registry: RegistryClient = {
    manifest: loud("manifest"),
    head: loud("head"),
    blobs: loud("blobs"),
    referrers: loud("referrers"),
    tags: loud("tags"),
    close: loud("close"),
    async putManifest(reference, mediaType, bytes) {
      calls.push(`manifest ${formatReference(reference)}`);
      expect(mediaType).toBe((JSON.parse(Buffer.from(bytes).toString()) as { mediaType: string }).mediaType);
    },
    async putBlob(repository, blob, transfer) {
      const key = `${repository.registry}/${repository.repository}`;
      if (blob.digest === options.fail) throw new ProblemError("registry-denied", { message: "no" });
      await options.whilePutting?.(blob.digest);
      const from = transfer?.mountFrom?.[0];
      const how = held.has(`${key} ${blob.digest}`) ? "exists" : from !== undefined ? "mounted" : "uploaded";
      if (how === "uploaded") expect((await collect(blob.open())).byteLength).toBe(blob.size);
      held.add(`${key} ${blob.digest}`);
      calls.push(`blob ${key} ${blob.digest} ${how}${how === "mounted" ? ` ${transfer?.mountFrom?.join("+")}` : ""}`);
      return how;
    },
  };
  return { registry, calls };
}

function portsWith(registry: RegistryClient, signal?: AbortSignal): { ports: ExportPorts; events: BuildEvent[] } {
  const events: BuildEvent[] = [];
  const ports: ExportPorts = {
    registry,
    files: { write: loud("write"), layout: loud("layout"), folder: loud("folder") },
    docker: { takesIndexes: loud("takesIndexes"), load: loud("load") },
    names: { record: loud("record") },
    events: { emit: (event) => events.push(event) },
    clock: { nowMs: () => 5, sleep: loud("sleep") },
    ...(signal === undefined ? {} : { signal }),
  };
  return { ports, events };
}

const shared: MadeImage["layers"][number] = [{ path: "base", content: "base" }];
const twoPlatforms = (): Promise<BuildResult> =>
  builtResult({
    "linux/amd64": { layers: [shared, [{ path: "program", content: "amd64" }]] },
    "linux/arm64": { layers: [shared, [{ path: "program", content: "arm64" }]] },
  });
const names = (...texts: string[]): Reference[] => texts.map(parseReference);

describe("a push", () => {
  test("sends blobs before manifests, the index after them, tags last; each blob once", async () => {
    const result = await twoPlatforms();
    const { registry, calls } = notingRegistry();
    await pushImage(result, names("r.example/app:v1", "r.example/app:v2"), portsWith(registry).ports);
    const [amd64, arm64] = result.images.map((image) => image.manifest.descriptor.digest);
    expect(calls.map((call) => call.split(" ")[0])).toEqual([
      "blob",
      "blob",
      "blob",
      "blob",
      "blob",
      "manifest",
      "manifest",
      "manifest",
      "manifest",
      "manifest",
    ]);
    expect(new Set(calls.slice(0, 5)).size).toBe(5);
    expect(calls.slice(5)).toEqual([
      `manifest r.example/app@${amd64}`,
      `manifest r.example/app@${arm64}`,
      `manifest r.example/app@${result.index?.descriptor.digest}`,
      "manifest r.example/app:v1",
      "manifest r.example/app:v2",
    ]);
  });

  test("of one platform has no index", async () => {
    const result = await builtResult({ "linux/amd64": { layers: [shared] } });
    const { registry, calls } = notingRegistry();
    await pushImage(result, names("r.example/app:v1"), portsWith(registry).ports);
    expect(calls.slice(2)).toEqual([`manifest r.example/app@${result.images[0]?.manifest.descriptor.digest}`, "manifest r.example/app:v1"]);
  });

  test("by digest writes no tag", async () => {
    const { registry, calls } = notingRegistry();
    await pushImage(await twoPlatforms(), names("r.example/app"), portsWith(registry).ports);
    expect(calls.filter((call) => call.startsWith("manifest")).every((call) => call.includes("@sha256:"))).toBe(true);
  });

  test("mounts a base's layer from where it came on the same registry, and never reads it", async () => {
    const made = await builtResult({
      "linux/amd64": {
        layers: [shared, [{ path: "own" }]],
        origins: {
          0: [
            { registry: "other.example", repository: "no" },
            { registry: "r.example", repository: "library/base" },
            { registry: "r.example", repository: "app" },
          ],
        },
      },
    });
    const base = made.images[0]?.manifest.value.layers[0]?.digest;
    const opened: string[] = [];
    const result: BuildResult = {
      ...made,
      blobs: {
        stat: loud("stat"),
        open(digest) {
          opened.push(digest);
          return made.blobs.open(digest);
        },
      },
    };
    const { registry, calls } = notingRegistry();
    const { ports, events } = portsWith(registry);
    await pushImage(result, names("r.example/app:v1"), ports);
    expect(calls).toContain(`blob r.example/app ${base} mounted library/base`);
    expect(opened).not.toContain(base);
    expect(opened).toHaveLength(2);
    expect(events).toContainEqual({ type: "transfer-saved", blob: base, how: "mounted", bytes: made.images[0]?.manifest.value.layers[0]?.size, atMs: 5 });
  });

  test("to a second repository of the same registry mounts what went to the first; another registry gets the bytes", async () => {
    const { registry, calls } = notingRegistry();
    await pushImage(await twoPlatforms(), names("r.example/a:1", "r.example/b:1", "s.example/a:1"), portsWith(registry).ports);
    const how = (key: string): Set<string | undefined> => new Set(calls.filter((call) => call.startsWith(`blob ${key} `)).map((call) => call.split(" ")[3]));
    expect([...how("r.example/a")]).toEqual(["uploaded"]);
    expect([...how("r.example/b")]).toEqual(["mounted"]);
    expect([...how("s.example/a")]).toEqual(["uploaded"]);
  });

  test("leaves layers that may not be distributed where they are", async () => {
    const made = await builtResult({ "windows/amd64": { layers: [shared] } });
    const [image] = made.images;
    if (image === undefined) throw new Error("no image");
    const foreign = {
      ...image.manifest.value.layers[0]!,
      mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
      urls: ["https://example.com/layer"],
    };
    const result: BuildResult = { ...made, images: [{ ...image, manifest: { ...image.manifest, value: { ...image.manifest.value, layers: [foreign] } } }] };
    const { registry, calls } = notingRegistry();
    await pushImage(result, names("r.example/app:v1"), portsWith(registry).ports);
    expect(calls.filter((call) => call.startsWith("blob"))).toHaveLength(1);
  });

  test("that fails writes no manifest and no tag, and ends when what was started has ended", async () => {
    const result = await twoPlatforms();
    const fail = result.images[0]?.manifest.value.layers[0]?.digest as string;
    let running = 0;
    const { registry, calls } = notingRegistry({
      fail,
      async whilePutting() {
        running++;
        await new Promise((later) => setImmediate(later));
        running--;
      },
    });
    await expect(pushImage(result, names("r.example/app:v1"), portsWith(registry).ports)).rejects.toMatchObject({ code: "registry-denied" });
    expect(running).toBe(0);
    expect(calls.filter((call) => call.startsWith("manifest"))).toEqual([]);
  });

  test("that is aborted starts nothing", async () => {
    const { registry, calls } = notingRegistry();
    await expect(pushImage(await twoPlatforms(), names("r.example/app:v1"), portsWith(registry, AbortSignal.abort(new Error("stop"))).ports)).rejects.toThrow(
      "stop",
    );
    expect(calls).toEqual([]);
  });

  test("moves at most five blobs at once", async () => {
    const result = await builtResult({ "linux/amd64": { layers: Array.from({ length: 12 }, (_, i) => [{ path: `f${i}` }]) } });
    let running = 0;
    let most = 0;
    const { registry, calls } = notingRegistry({
      async whilePutting() {
        most = Math.max(most, ++running);
        await new Promise((later) => setImmediate(later));
        running--;
      },
    });
    await pushImage(result, names("r.example/app:v1"), portsWith(registry).ports);
    expect(most).toBe(5);
    expect(calls.filter((call) => call.startsWith("blob"))).toHaveLength(13);
  });
});
