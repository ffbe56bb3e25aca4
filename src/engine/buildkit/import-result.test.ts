import { expect, test } from "vitest";
import { builtResult } from "../../../test/harness/built-result.ts";
import { digestOf } from "../../core/digest.ts";
import { MEDIA_TYPE } from "../../core/media-type.ts";
import { type BlobStore, putBytes } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { encodeIndex, encodeManifest } from "../../image/encode.ts";
import type { Manifest } from "../../image/manifest.ts";
import type { BuildResult, BuiltImage } from "../engine.ts";
import { rootOf } from "../output/result-images.ts";
import { importResult } from "./import-result.ts";

type Made = BuildResult & { readonly store: BlobStore };

/** A result whose documents are in its store, as an archive brings them. */
async function made(...platforms: readonly string[]): Promise<Made> {
  const result = await builtResult(Object.fromEntries(platforms.map((platform) => [platform, { layers: [[{ path: platform.replace("/", "-") }]] }])));
  for (const { manifest } of result.images) await putBytes(result.store, manifest.bytes);
  if (result.index !== undefined) await putBytes(result.store, result.index.bytes);
  return result;
}

async function attestation(store: BlobStore, more: Partial<Manifest> = {}): Promise<Descriptor> {
  const statement = Buffer.from('{"_type":"https://in-toto.io/Statement/v0.1"}');
  const config = Buffer.from("{}");
  const { bytes, descriptor } = encodeManifest({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: { mediaType: MEDIA_TYPE.ociConfig, digest: await putBytes(store, config), size: config.length },
    layers: [{ mediaType: "application/vnd.in-toto+json", digest: await putBytes(store, statement), size: statement.length }],
    ...more,
  });
  await putBytes(store, bytes);
  return descriptor;
}

async function indexOf(store: BlobStore, manifests: readonly Descriptor[]): Promise<Descriptor> {
  const { bytes, descriptor } = encodeIndex({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests });
  await putBytes(store, bytes);
  return descriptor;
}

const entriesOf = (result: Made): readonly Descriptor[] => result.images.map(({ manifest, platform }) => ({ ...manifest.descriptor, platform }));
const UNKNOWN = { os: "unknown", architecture: "unknown" };

test("one platform is a manifest; its platform comes from its config", async () => {
  const before = await made("linux/arm64");
  const result = await importResult(before.store, rootOf(before).descriptor);
  expect(result.index).toBeUndefined();
  expect(result.images.map(({ platform, config, manifest }) => [platform, config.architecture, manifest.bytes, manifest.descriptor.platform])).toEqual([
    [{ os: "linux", architecture: "arm64" }, "arm64", before.images[0]?.manifest.bytes, { os: "linux", architecture: "arm64" }],
  ]);
  expect([result.attestations, result.steps, result.images[0]?.origins.size]).toEqual([[], [], 0]);
});

test("several platforms keep the index as it came, in its order", async () => {
  const before = await made("linux/arm64", "linux/amd64");
  const result = await importResult(before.store, rootOf(before).descriptor);
  expect(Buffer.from(result.index?.bytes ?? [])).toEqual(Buffer.from(before.index?.bytes ?? []));
  expect(result.images.map(({ platform }) => platform.architecture)).toEqual(["arm64", "amd64"]);
});

test.each<[name: string, kept: Record<string, string> | undefined, keepCreated: boolean]>([
  ["what the archive is called and when it was written is not the image's", { mine: "1" }, false],
  ["a time that was asked for is", { mine: "1", "org.opencontainers.image.created": "2020-01-01T00:00:00Z" }, true],
])("%s", async (_name, kept, keepCreated) => {
  const annotations = {
    mine: "1",
    "org.opencontainers.image.created": "2020-01-01T00:00:00Z",
    "org.opencontainers.image.ref.name": "v1",
    "io.containerd.image.name": "x",
  };
  for (const platforms of [["linux/amd64"], ["linux/amd64", "linux/arm64"]]) {
    const before = await made(...platforms);
    const result = await importResult(before.store, { ...rootOf(before).descriptor, annotations }, { keepCreated });
    expect(rootOf(result).descriptor.annotations).toEqual(kept);
  }
});

test("attestations are kept beside the image of one platform, bound by annotation or by subject", async () => {
  const before = await made("linux/amd64");
  const [image] = entriesOf(before) as [Descriptor];
  const bound = { "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image.digest };
  const byAnnotation = { ...(await attestation(before.store)), platform: UNKNOWN, annotations: bound };
  const bySubject = await attestation(before.store, { subject: { mediaType: image.mediaType, digest: image.digest, size: image.size } });
  const root = await indexOf(before.store, [image, byAnnotation, bySubject]);
  const result = await importResult(before.store, root);
  expect(result.index?.descriptor.digest).toBe(root.digest);
  expect(result.images.map(({ manifest }) => manifest.descriptor.digest)).toEqual([image.digest]);
  expect(result.attestations.map(({ descriptor }) => descriptor)).toEqual([byAnnotation, bySubject]);
});

test.each<[name: string, root: (before: Made) => Promise<Descriptor>, code: string, message: string]>([
  [
    "a layer that did not come",
    async (before) => {
      await before.store.delete(before.images[0]?.manifest.value.layers[0]?.digest as never);
      return rootOf(before).descriptor;
    },
    "layout-invalid",
    "which it did not send",
  ],
  [
    "a layer of another size than its manifest says",
    async (before) => {
      const { value } = (before.images[0] as BuiltImage).manifest;
      const lying = encodeManifest({ ...value, layers: value.layers.map((layer) => ({ ...layer, size: layer.size + 1 })) });
      await putBytes(before.store, lying.bytes);
      return lying.descriptor;
    },
    "layout-invalid",
    "its manifest",
  ],
  [
    "an attestation without its content",
    async (before) => {
      const descriptor = await attestation(before.store, { layers: [{ mediaType: "application/vnd.in-toto+json", digest: digestOf("gone"), size: 4 }] });
      return await indexOf(before.store, [...entriesOf(before), { ...descriptor, platform: UNKNOWN }]);
    },
    "layout-invalid",
    "which it did not send",
  ],
  ["an index of nothing", async (before) => await indexOf(before.store, []), "manifest-invalid", "names no image"],
  [
    "an index in an index",
    async (before) => await indexOf(before.store, [await indexOf(before.store, entriesOf(before))]),
    "manifest-invalid",
    "names an index, wanted image manifests",
  ],
  [
    "content of another kind",
    async (before) => await indexOf(before.store, [{ mediaType: "text/plain", digest: digestOf("x"), size: 1 }]),
    "manifest-invalid",
    'content of type "text/plain"',
  ],
])("%s", async (_name, root, code, message) => {
  const before = await made("linux/amd64");
  await expect(importResult(before.store, await root(before))).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});
