import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { aBuildkitRequest } from "../../../test/harness/buildkit-request.ts";
import { builtResult } from "../../../test/harness/built-result.ts";
import { rejectedWith } from "../../../test/harness/problem-of.ts";
import { formatPlatform } from "../../core/platform.ts";
import { formatReference, parseReference } from "../../core/reference.ts";
import { type BlobReader, collect } from "../../image/blob-store.ts";
import type { RegistryClient } from "../../registry/client/client.ts";
import type { BuildResult } from "../engine.ts";
import { manifestsOf, rootOf } from "../output/result-images.ts";
import type { Buildx } from "./buildx.ts";
import { pushShare } from "./push-share.ts";
import type { BuildkitBuilder } from "./request.ts";

const TAG = parseReference("r.example/org/app:v1");
const { tag: _, ...REPOSITORY } = TAG;
const REQUEST = aBuildkitRequest(["linux/amd64", "linux/arm64"]);
const builder = (driver: string): BuildkitBuilder => ({ name: "n", shown: "node n", driver, buildx: undefined, env: {} });

/** A registry that has a result, and notes which blobs are asked of it. */
function registryWith(result: BuildResult & { readonly blobs: BlobReader }) {
  const opened: string[] = [];
  const documents = new Map([rootOf(result), ...manifestsOf(result)].map((one) => [one.descriptor.digest, one]));
  const refuse = (): never => {
    throw new Error("nothing is written here");
  };
  const client: RegistryClient = {
    async manifest({ digest }) {
      const found = digest === undefined ? undefined : documents.get(digest);
      if (found === undefined) throw new Error(`no manifest ${digest}`);
      return { mediaType: found.descriptor.mediaType, digest: found.descriptor.digest, bytes: found.bytes };
    },
    blobs: () => ({
      stat: (digest) => result.blobs.stat(digest),
      open(digest, range) {
        opened.push(digest);
        return result.blobs.open(digest, range);
      },
    }),
    head: refuse,
    putManifest: refuse,
    putBlob: refuse,
    referrers: refuse,
    tags: refuse,
    close: async () => {},
  };
  return { client, opened };
}

async function pushed(platforms: readonly string[], driver = "remote", namedLater = false) {
  const made = await builtResult(Object.fromEntries(platforms.map((name) => [name, { layers: [[{ path: "a", content: name }]] }])));
  const { client: registry, opened } = registryWith(made);
  const asked: string[] = [];
  const buildx: Buildx = {
    build(args) {
      asked.push(args.find((arg) => arg.startsWith("type=image")) ?? "");
      return { stdout: Readable.from([]), ended: Promise.resolve({ kind: "ended", status: 0 }) };
    },
  };
  const told = JSON.stringify({ "containerimage.digest": rootOf(made).descriptor.digest });
  const result = await pushShare(
    REQUEST,
    builder(driver),
    { repository: REPOSITORY, tags: [TAG], insecure: false, namedLater },
    {
      buildx,
      registry,
      clock: { nowMs: () => 0, sleep: async () => {} },
      events: { emit: () => {} },
      temporaryFile: async () => ({ path: "/tmp/m", read: async () => told, remove: async () => {} }),
    },
  );
  return { made, result, opened, asked };
}

test("an index is read back with its manifests and configs, and no layer", async () => {
  const { made, result, opened, asked } = await pushed(["linux/amd64", "linux/arm64"]);
  expect(rootOf(result).descriptor.digest).toBe(rootOf(made).descriptor.digest);
  expect(result.images.map(({ platform }) => formatPlatform(platform))).toEqual(["linux/amd64", "linux/arm64"]);
  expect([...opened].sort()).toEqual(made.images.map(({ manifest }) => manifest.value.config.digest).sort());
  expect(asked[0]).toContain(`name=${formatReference(REPOSITORY)},push=true,push-by-digest=true`);
});

test("of one platform, its manifest; its layers are told to lie where they were pushed, and can be read from there", async () => {
  const { made, result } = await pushed(["linux/arm64"]);
  const [layer] = made.images[0]?.manifest.value.layers ?? [];
  if (layer === undefined) throw new Error("no layer");
  expect(result.images[0]?.origins.get(layer.digest)).toEqual([{ registry: "r.example", repository: "org/app" }]);
  const root = rootOf(result);
  expect(await result.blobs.stat(root.descriptor.digest)).toBe(root.bytes.byteLength);
  expect(Buffer.from(await collect(result.blobs.open(root.descriptor.digest)))).toEqual(Buffer.from(root.bytes));
  expect((await collect(result.blobs.open(layer.digest))).byteLength).toBe(layer.size);
});

test("Docker's own builder, which cannot push by digest, pushes the tags", async () => {
  expect((await pushed(["linux/amd64"], "docker")).asked[0]).toMatch(/name=r\.example\/org\/app:v1,push=true(?!,push-by-digest)/);
});

test("and is refused where names wait for a look inside, which other builders leave out", async () => {
  expect(await rejectedWith(pushed(["linux/amd64"], "docker", true))).toMatchObject({ code: "usage", message: expect.stringContaining("node n") });
  expect((await pushed(["linux/amd64"], "docker-container", true)).asked[0]).toContain("push-by-digest=true");
});
