import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { memoryBlobStore } from "../src/adapters/memory/blob-store.ts";
import { memoryRegistryStorage } from "../src/adapters/memory/registry-storage.ts";
import { nodeClock } from "../src/adapters/node/clock.ts";
import { type RegistryServer, type ServeOptions, serveRegistry } from "../src/adapters/node/http-server.ts";
import { nodeTransport } from "../src/adapters/node/transport/http-transport.ts";
import { type Digest, digestOf } from "../src/core/digest.ts";
import { MEDIA_TYPE } from "../src/core/media-type.ts";
import { describe as descriptorOf } from "../src/image/descriptor.ts";
import type { RegistryClient } from "../src/registry/client/client.ts";
import { createRegistryClient } from "../src/registry/client/create.ts";
import type { Credential } from "../src/registry/client/credentials.ts";
import type { RegistryOptions } from "../src/registry/client/options.ts";
import { registryHandler } from "../src/registry/server/handler.ts";
import { TEST_CERTIFICATE, TEST_KEY } from "./harness/test-certificate.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Pair {
  readonly server: RegistryServer;
  readonly client: RegistryClient;
  readonly place: { readonly registry: string; readonly repository: string };
  /** `METHOD STATUS` of each request. */
  readonly log: string[];
}

/** The embedded registry on a free port, and our client for it. */
async function pair(serve: Partial<ServeOptions> = {}, credential?: Credential, options: RegistryOptions = {}): Promise<Pair> {
  const handler = registryHandler(memoryRegistryStorage(), memoryBlobStore(), { clock: nodeClock });
  const log: string[] = [];
  const server = await serveRegistry({ listen: "127.0.0.1:0", handler, log: ({ method, status }) => void log.push(`${method} ${status}`), ...serve });
  closing.push(() => server.close());
  const client = createRegistryClient({
    transport: nodeTransport({ env: {}, certsDirs: [] }),
    credentials: { for: async () => credential },
    clock: nodeClock,
    options,
  });
  closing.push(() => client.close());
  return { server, client, place: { registry: new URL(server.url).host, repository: "team/app" }, log };
}

async function* inPieces(bytes: Uint8Array) {
  for (let at = 0; at < bytes.byteLength; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
const blobOf = (bytes: Uint8Array) => ({ digest: digestOf(bytes), size: bytes.byteLength, open: () => inPieces(bytes) });
async function read({ client, place }: Pair, digest: Digest, range?: { start: number; end?: number }): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of client.blobs(place).open(digest, range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
const layer = randomBytes(1_000_000);
const config = Buffer.from('{"architecture":"arm64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}');

/** An image of one layer; its manifest's bytes. */
function manifestOf(more: object = {}): Buffer {
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      config: descriptorOf(MEDIA_TYPE.ociConfig, config),
      layers: [descriptorOf(MEDIA_TYPE.ociLayer, layer)],
      ...more,
    }),
  );
}
async function pushImage({ client, place }: Pair, tag: string): Promise<Buffer> {
  await Promise.all([client.putBlob(place, blobOf(layer)), client.putBlob(place, blobOf(config))]);
  const manifest = manifestOf();
  await client.putManifest({ ...place, tag }, MEDIA_TYPE.ociManifest, manifest);
  return manifest;
}

describe("our client and our registry", () => {
  test("push an image, and pull the same bytes", async () => {
    const both = await pair();
    const { client, place } = both;
    expect(await client.head({ ...place, tag: "v1" })).toBeUndefined();
    const manifest = await pushImage(both, "v1");
    const wanted = { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(manifest) };
    const byTag = await client.manifest({ ...place, tag: "v1" });
    expect({ ...byTag, bytes: Buffer.from(byTag.bytes) }).toEqual({ ...wanted, bytes: manifest });
    expect(await client.head({ ...place, digest: wanted.digest })).toEqual({ ...wanted, size: manifest.byteLength });
    expect((await read(both, digestOf(layer))).equals(layer)).toBe(true);
    expect(await client.blobs(place).stat(digestOf(layer))).toBe(layer.byteLength);
    expect(await client.blobs(place).stat(digestOf("none"))).toBeUndefined();
    await expect(client.manifest({ ...place, tag: "v2" })).rejects.toMatchObject({
      code: "registry-not-found",
      message: expect.stringMatching(/MANIFEST_UNKNOWN/),
    });
    await expect(read(both, digestOf("none"))).rejects.toMatchObject({ code: "registry-not-found" });
  });

  test("do not send twice, and mount across repositories", async () => {
    const both = await pair();
    const { client, place, log } = both;
    expect(await client.putBlob(place, blobOf(layer))).toBe("uploaded");
    expect(await client.putBlob(place, blobOf(layer))).toBe("exists");
    const other = { ...place, repository: "team/other" };
    const never = { ...blobOf(layer), open: () => inPieces(Buffer.from("never to be read")) };
    expect(await client.putBlob(other, never, { mountFrom: [place.repository] })).toBe("mounted");
    expect(log.filter((line) => line.startsWith("PUT"))).toHaveLength(1);
  });

  test.each([
    ["the beginning", 0, 10],
    ["the middle", 400_000, 600_000],
    ["the end", 999_999, undefined],
    ["all of it", 0, 1_000_000],
  ])("a part of a blob: %s", async (_, start, end) => {
    const both = await pair();
    await both.client.putBlob(both.place, blobOf(layer));
    const part = await read(both, digestOf(layer), end === undefined ? { start } : { start, end });
    expect(part.equals(layer.subarray(start, end))).toBe(true);
  });

  test("a blob in chunks", async () => {
    const both = await pair({}, undefined, { chunkBytes: 300_000 });
    expect(await both.client.putBlob(both.place, blobOf(layer))).toBe("uploaded");
    expect(both.log.filter((line) => line === "PATCH 202")).toHaveLength(4);
    expect((await read(both, digestOf(layer))).equals(layer)).toBe(true);
  });

  test("an empty blob", async () => {
    const both = await pair();
    expect(await both.client.putBlob(both.place, blobOf(Buffer.alloc(0)))).toBe("uploaded");
    expect((await read(both, digestOf(""))).byteLength).toBe(0);
  });

  test("a blob of other bytes than its digest is refused", async () => {
    const both = await pair();
    await expect(both.client.putBlob(both.place, { ...blobOf(layer), open: () => inPieces(Buffer.alloc(1_000_000)) })).rejects.toMatchObject({
      code: "registry-status",
      message: expect.stringMatching(/DIGEST_INVALID/),
    });
  });

  test("tags and referrers", async () => {
    const both = await pair();
    const { client, place } = both;
    const manifest = await pushImage(both, "v1");
    for (const tag of ["v3", "v2"]) await client.putManifest({ ...place, tag }, MEDIA_TYPE.ociManifest, manifest);
    expect(await client.tags(place)).toEqual(["v1", "v2", "v3"]);
    await expect(client.tags({ ...place, repository: "nobody" })).rejects.toMatchObject({ code: "registry-not-found" });

    const subject = descriptorOf(MEDIA_TYPE.ociManifest, manifest);
    const attached = ["application/sbom", "application/signature"].map((artifactType) => manifestOf({ subject, artifactType }));
    for (const bytes of attached) await client.putManifest({ ...place, digest: digestOf(bytes) }, MEDIA_TYPE.ociManifest, bytes);
    const found = await client.referrers(place, subject.digest);
    expect(found.map(({ digest }) => digest).sort()).toEqual(attached.map((bytes) => digestOf(bytes)).sort());
    expect((await client.referrers(place, subject.digest, { artifactType: "application/sbom" })).map(({ digest }) => digest)).toEqual([
      digestOf(attached[0] as Buffer),
    ]);
    expect(await client.tags(place)).toEqual(["v1", "v2", "v3"]);
  });

  test("many blobs at once", async () => {
    const both = await pair();
    const many = Array.from({ length: 30 }, () => randomBytes(50_000));
    await Promise.all(many.map((bytes) => both.client.putBlob(both.place, blobOf(bytes))));
    const back = await Promise.all(many.map((bytes) => read(both, digestOf(bytes))));
    expect(back.every((bytes, i) => bytes.equals(many[i] as Buffer))).toBe(true);
  });

  test("over TLS on loopback, found without being told", async () => {
    const both = await pair({ tls: { cert: TEST_CERTIFICATE, key: TEST_KEY } });
    expect(both.server.url).toMatch(/^https:/);
    const manifest = await pushImage(both, "v1");
    expect((await both.client.manifest({ ...both.place, tag: "v1" })).digest).toBe(digestOf(manifest));
  });
});

describe("a registry with users", () => {
  // htpasswd -nbs ada lovelace
  const htpasswd = { text: "ada:{SHA}MJgvYgf2tRctgBqviyzN0HpBdyY=\n" };
  const ada = { username: "ada", password: "lovelace" };

  test("lets the right one push and pull", async () => {
    const both = await pair({ htpasswd }, ada);
    await pushImage(both, "v1");
    expect((await read(both, digestOf(layer))).equals(layer)).toBe(true);
  });
  test.each([
    ["nobody", undefined, /docker login 127\.0\.0\.1:\d+, or/],
    ["a wrong password", { ...ada, password: "byron" }, /docker login 127\.0\.0\.1:\d+ again/],
  ])("refuses %s", async (_, credential, hint) => {
    const { client, place } = await pair({ htpasswd }, credential);
    const refused = { code: "registry-unauthorized", hint: expect.stringMatching(hint) };
    await expect(client.manifest({ ...place, tag: "v1" })).rejects.toMatchObject(refused);
    await expect(client.head({ ...place, tag: "v1" })).rejects.toMatchObject(refused);
    await expect(client.putBlob(place, blobOf(layer))).rejects.toMatchObject(refused);
    await expect(client.tags(place)).rejects.toMatchObject(refused);
  });
});
