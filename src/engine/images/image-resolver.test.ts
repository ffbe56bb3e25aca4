import { describe, expect, test } from "vitest";
import { memoryBlobStore } from "../../adapters/memory/blob-store.ts";
import { type Digest, digestOf } from "../../core/digest.ts";
import { MEDIA_TYPE } from "../../core/media-type.ts";
import { type Platform, parsePlatform } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import { formatReference, type Reference } from "../../core/reference.ts";
import { type BlobReader, type BlobStore, collect, putBytes } from "../../image/blob-store.ts";
import type { Layout } from "../../image/layout.ts";
import { imageResolver } from "./image-resolver.ts";

interface Put {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}

/** A registry with one repository, `127.0.0.1:5000/app`, that counts what it is asked for. */
class Shelf {
  readonly blobs = new Map<string, Uint8Array>();
  readonly manifests = new Map<string, { readonly mediaType: string; readonly bytes: Uint8Array }>();
  readonly asked: string[] = [];

  put(mediaType: string, value: unknown): Put {
    const bytes = Buffer.from(JSON.stringify(value));
    const digest = digestOf(bytes);
    this.blobs.set(digest, bytes);
    this.manifests.set(digest, { mediaType, bytes });
    return { mediaType, digest, size: bytes.length };
  }

  tag(name: string, { digest }: Put): void {
    this.manifests.set(name, this.manifests.get(digest) as { mediaType: string; bytes: Uint8Array });
  }

  image(platform: Partial<Platform>, { types = "oci", salt = "" } = {}): Put {
    const oci = types === "oci";
    const config = this.put(oci ? MEDIA_TYPE.ociConfig : MEDIA_TYPE.dockerConfig, {
      ...platform,
      rootfs: { type: "layers", diff_ids: [digestOf(`diff ${salt}`)] },
      config: { Env: [`SALT=${salt}`] },
    });
    return this.put(oci ? MEDIA_TYPE.ociManifest : MEDIA_TYPE.dockerManifest, {
      schemaVersion: 2,
      mediaType: oci ? MEDIA_TYPE.ociManifest : MEDIA_TYPE.dockerManifest,
      config,
      layers: [{ mediaType: oci ? MEDIA_TYPE.ociLayerGzip : MEDIA_TYPE.dockerLayerGzip, digest: digestOf(`layer ${salt}`), size: 7 }],
    });
  }

  index(entries: readonly object[], mediaType: string = MEDIA_TYPE.ociIndex): Put {
    return this.put(mediaType, { schemaVersion: 2, mediaType, manifests: entries });
  }

  readonly reader: BlobReader = {
    stat: async (digest) => this.blobs.get(digest)?.length,
    open: (digest) => this.#open(digest),
  };

  async *#open(digest: Digest): AsyncGenerator<Uint8Array> {
    this.asked.push(`blob ${digest.slice(7, 13)}`);
    const bytes = this.blobs.get(digest);
    if (bytes === undefined) throw new ProblemError("registry-not-found", { message: `no blob ${digest}` });
    yield bytes;
  }

  async manifest(reference: Reference) {
    this.asked.push(formatReference(reference));
    const found = this.manifests.get(reference.digest ?? (reference.tag as string));
    if (found === undefined) throw new ProblemError("registry-not-found", { message: `"${formatReference(reference)}" is not there` });
    return { ...found, digest: digestOf(found.bytes) };
  }

  resolver(layouts: Record<string, Layout> = {}, store?: BlobStore) {
    return imageResolver({
      ...(store === undefined ? {} : { store }),
      client: { manifest: (reference) => this.manifest(reference), blobs: () => this.reader },
      openLayout: async (folder) => {
        const layout = layouts[folder];
        if (layout === undefined) throw new ProblemError("layout-invalid", { message: `"${folder}" is no layout` });
        return layout;
      },
    });
  }
}

const AMD64 = parsePlatform("linux/amd64");
const ARM64 = parsePlatform("linux/arm64");
const app = (rest = ""): { kind: "registry"; reference: string } => ({ kind: "registry", reference: `127.0.0.1:5000/app${rest}` });

describe("an index", () => {
  const multi = (types: "oci" | "docker" = "oci") => {
    const shelf = new Shelf();
    const amd64 = shelf.image({ os: "linux", architecture: "amd64" }, { types, salt: "a" });
    const v7 = shelf.image({ os: "linux", architecture: "arm", variant: "v7" }, { types, salt: "v7" });
    const attestation = shelf.image({ os: "unknown", architecture: "unknown" }, { salt: "attestation" });
    const index = shelf.index(
      [
        { ...attestation, platform: { os: "unknown", architecture: "unknown" }, annotations: { "vnd.docker.reference.type": "attestation-manifest" } },
        { ...amd64, platform: { os: "linux", architecture: "amd64" } },
        { ...v7, platform: { os: "linux", architecture: "arm", variant: "v7" } },
      ],
      types === "oci" ? MEDIA_TYPE.ociIndex : MEDIA_TYPE.dockerIndex,
    );
    shelf.tag("v1", index);
    return { shelf, amd64, v7, index };
  };

  test.each(["oci", "docker"] as const)("of %s types gives the image of the platform, its config and itself", async (types) => {
    const { shelf, amd64, index } = multi(types);
    const found = await shelf.resolver().resolve(app(":v1"), AMD64);
    expect(found.reference).toBe(`127.0.0.1:5000/app:v1@${amd64.digest}`);
    expect(found.manifest.descriptor).toEqual(amd64);
    expect(found.config.config?.Env).toEqual(["SALT=a"]);
    expect(found.index?.descriptor.digest).toBe(index.digest);
  });

  test("a platform runs what it can: arm/v8 programs may be arm/v7", async () => {
    const { shelf, v7 } = multi();
    expect((await shelf.resolver().resolve(app(":v1"), ARM64)).manifest.descriptor.digest).toBe(v7.digest);
  });

  test("without the platform: the problem says which ones there are, attestations left out", async () => {
    const { shelf, index } = multi();
    await expect(shelf.resolver().resolve(app(":v1"), parsePlatform("linux/riscv64"))).rejects.toMatchObject({
      code: "platform-missing",
      message: `"127.0.0.1:5000/app:v1@${index.digest}" has no image for linux/riscv64; it has linux/amd64, linux/arm/v7`,
      facts: { wanted: "linux/riscv64", has: "linux/amd64,linux/arm/v7" },
    });
  });

  test("every document is read once in a run, also when two platforms ask at the same time", async () => {
    const { shelf } = multi();
    const resolver = shelf.resolver();
    await Promise.all([resolver.resolve(app(":v1"), AMD64), resolver.resolve(app(":v1"), AMD64), resolver.resolve(app(":v1"), parsePlatform("linux/arm/v7"))]);
    await resolver.resolve(app(":v1"), AMD64);
    expect(shelf.asked).toHaveLength(5);
    expect(new Set(shelf.asked).size).toBe(5);
  });

  test("a tag that moves during the run means what it meant first", async () => {
    const { shelf, amd64 } = multi();
    const resolver = shelf.resolver();
    await resolver.resolve(app(":v1"), AMD64);
    shelf.tag("v1", shelf.image({ os: "linux", architecture: "amd64" }, { salt: "later" }));
    expect((await resolver.resolve(app(":v1"), AMD64)).manifest.descriptor.digest).toBe(amd64.digest);
  });

  test("a failure is not remembered", async () => {
    const { shelf, index } = multi();
    const resolver = shelf.resolver();
    await expect(resolver.resolve(app(":v2"), AMD64)).rejects.toMatchObject({ code: "registry-not-found" });
    shelf.tag("v2", index);
    expect((await resolver.resolve(app(":v2"), AMD64)).index?.descriptor.digest).toBe(index.digest);
  });

  test("a digest is asked for by digest, and its tag is kept for people", async () => {
    const { shelf, amd64, index } = multi();
    const found = await shelf.resolver().resolve(app(`:gone@${index.digest}`), AMD64);
    expect(found.reference).toBe(`127.0.0.1:5000/app:gone@${amd64.digest}`);
    expect(shelf.asked[0]).toBe(`127.0.0.1:5000/app@${index.digest}`);
  });

  test("no tag means latest", async () => {
    const { shelf, index } = multi();
    shelf.tag("latest", index);
    await shelf.resolver().resolve(app(), AMD64);
    expect(shelf.asked[0]).toBe("127.0.0.1:5000/app:latest");
  });
});

describe("an index that is odd", () => {
  test("nested: the inner index is looked into", async () => {
    const shelf = new Shelf();
    const arm64 = shelf.image({ os: "linux", architecture: "arm64" });
    const inner = shelf.index([{ ...arm64, platform: { os: "linux", architecture: "arm64" } }]);
    shelf.tag("v1", shelf.index([inner]));
    expect((await shelf.resolver().resolve(app(":v1"), ARM64)).manifest.descriptor.digest).toBe(arm64.digest);
  });

  test("an entry without a platform is known by its config", async () => {
    const shelf = new Shelf();
    const arm64 = shelf.image({ os: "linux", architecture: "arm64" });
    shelf.tag("v1", shelf.index([arm64]));
    expect((await shelf.resolver().resolve(app(":v1"), ARM64)).manifest.descriptor.digest).toBe(arm64.digest);
    await expect(shelf.resolver().resolve(app(":v1"), AMD64)).rejects.toMatchObject({ code: "platform-missing", facts: { has: "linux/arm64" } });
  });

  test("nested too deep ends", async () => {
    const shelf = new Shelf();
    let inner = shelf.image({ os: "linux", architecture: "arm64" });
    for (let i = 0; i < 6; i++) inner = shelf.index([inner]);
    shelf.tag("v1", inner);
    await expect(shelf.resolver().resolve(app(":v1"), ARM64)).rejects.toMatchObject({
      code: "manifest-invalid",
      message: expect.stringContaining("nests indexes"),
    });
  });

  test("thousands of entries that tell no platform are not all read", async () => {
    const shelf = new Shelf();
    shelf.tag("v1", shelf.index(Array.from({ length: 100 }, (_, i) => shelf.image({ os: "linux", architecture: "arm64" }, { salt: `${i}` }))));
    await expect(shelf.resolver().resolve(app(":v1"), AMD64)).rejects.toMatchObject({ code: "limit-exceeded" });
    expect(shelf.asked.length).toBeLessThan(100);
  });

  test("empty: there is nothing for any platform", async () => {
    const shelf = new Shelf();
    shelf.tag("v1", shelf.index([]));
    await expect(shelf.resolver().resolve(app(":v1"), AMD64)).rejects.toMatchObject({
      code: "platform-missing",
      message: expect.stringContaining("none for any platform"),
    });
  });

  test("a config that contradicts the index is refused, both sides told", async () => {
    const shelf = new Shelf();
    const liar = shelf.image({ os: "linux", architecture: "amd64" });
    shelf.tag("v1", shelf.index([{ ...liar, platform: { os: "linux", architecture: "arm64" } }]));
    await expect(shelf.resolver().resolve(app(":v1"), ARM64)).rejects.toMatchObject({
      code: "platform-conflict",
      facts: { index: "linux/arm64", config: "linux/amd64" },
    });
  });

  test.each([
    ["a variant that only the index tells", { os: "linux", architecture: "arm" }, { os: "linux", architecture: "arm", variant: "v6" }],
    ["a platform that only the index tells", { os: "", architecture: "" }, { os: "linux", architecture: "arm", variant: "v6" }],
  ])("%s is no contradiction", async (_, config, platform) => {
    const shelf = new Shelf();
    const image = shelf.image(config);
    shelf.tag("v1", shelf.index([{ ...image, platform }]));
    expect((await shelf.resolver().resolve(app(":v1"), parsePlatform("linux/arm/v6"))).manifest.descriptor.digest).toBe(image.digest);
  });
});

describe("an image without an index", () => {
  test("comes back whatever platform is asked for: its config tells", async () => {
    const shelf = new Shelf();
    shelf.tag("v1", shelf.image({ os: "linux", architecture: "arm64" }));
    const found = await shelf.resolver().resolve(app(":v1"), AMD64);
    expect(found.config.architecture).toBe("arm64");
    expect(found.index).toBeUndefined();
  });

  test("whose config is larger than its descriptor says is refused without reading on", async () => {
    const shelf = new Shelf();
    const image = shelf.image({ os: "linux", architecture: "arm64" });
    const config = JSON.parse(Buffer.from(shelf.blobs.get(image.digest) as Uint8Array).toString()).config as Put;
    shelf.blobs.set(config.digest, Buffer.alloc(1 << 20));
    shelf.tag("v1", image);
    await expect(shelf.resolver().resolve(app(":v1"), ARM64)).rejects.toMatchObject({
      code: "size-mismatch",
      message: expect.stringContaining("has more bytes"),
    });
  });

  test("whose config claims to be huge is refused before it is asked for", async () => {
    const shelf = new Shelf();
    const config = { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf("huge"), size: 1 << 30 };
    shelf.tag("v1", shelf.put(MEDIA_TYPE.ociManifest, { schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers: [] }));
    await expect(shelf.resolver().resolve(app(":v1"), ARM64)).rejects.toMatchObject({ code: "limit-exceeded" });
    expect(shelf.asked).toEqual(["127.0.0.1:5000/app:v1"]);
  });
});

describe("a layout", () => {
  const filled = () => {
    const shelf = new Shelf();
    const arm64 = shelf.image({ os: "linux", architecture: "arm64" });
    const root = shelf.index([{ ...arm64, platform: { os: "linux", architecture: "arm64" } }]);
    const layout: Layout = {
      index: {
        schemaVersion: 2,
        mediaType: MEDIA_TYPE.ociIndex,
        manifests: [{ ...root, annotations: { "org.opencontainers.image.ref.name": "v1" } }],
      },
      blobs: shelf.reader,
    };
    return { shelf, arm64, root, layout };
  };

  test("by tag, by digest, or the only one", async () => {
    const { shelf, arm64, root, layout } = filled();
    const resolver = shelf.resolver({ "./base": layout });
    for (const wanted of [{ tag: "v1" }, { digest: root.digest }, {}]) {
      const found = await resolver.resolve({ kind: "layout", folder: "./base", ...wanted }, ARM64);
      expect(found.reference).toBe(`oci-layout://./base@${arm64.digest}`);
    }
  });

  test.each([
    ["a folder that is none", { folder: "./none" }, "layout-invalid"],
    ["a tag that it does not have", { folder: "./base", tag: "v2" }, "layout-invalid"],
    ["a digest that is none", { folder: "./base", digest: "v1" }, "digest-malformed"],
  ])("%s is refused", async (_, wanted, code) => {
    const { shelf, layout } = filled();
    await expect(shelf.resolver({ "./base": layout }).resolve({ kind: "layout", ...wanted }, ARM64)).rejects.toMatchObject({ code });
  });
});

describe("with a store", () => {
  const filled = () => {
    const shelf = new Shelf();
    const amd64 = shelf.image({ os: "linux", architecture: "amd64" });
    shelf.tag("v1", shelf.index([{ ...amd64, platform: { os: "linux", architecture: "amd64" } }]));
    return { shelf, amd64, store: memoryBlobStore() };
  };

  test("a later run asks what the tag means, and for nothing that it knows by digest", async () => {
    const { shelf, store } = filled();
    const first = await shelf.resolver({}, store).resolve(app(":v1"), AMD64);
    expect(shelf.asked).toHaveLength(3);
    shelf.asked.length = 0;
    expect(await shelf.resolver({}, store).resolve(app(":v1"), AMD64)).toEqual(first);
    expect(shelf.asked).toEqual(["127.0.0.1:5000/app:v1"]);
  });

  test("a tag that moved between runs means what it means now", async () => {
    const { shelf, store } = filled();
    await shelf.resolver({}, store).resolve(app(":v1"), AMD64);
    const other = shelf.image({ os: "linux", architecture: "amd64" }, { salt: "later" });
    shelf.tag("v1", shelf.index([{ ...other, platform: { os: "linux", architecture: "amd64" } }]));
    expect((await shelf.resolver({}, store).resolve(app(":v1"), AMD64)).manifest.descriptor).toEqual(other);
  });

  test("an image that is gone from its registry is not found, though its parts are known", async () => {
    const { shelf, amd64, store } = filled();
    await shelf.resolver({}, store).resolve(app(`@${amd64.digest}`), AMD64);
    shelf.manifests.clear();
    await expect(shelf.resolver({}, store).resolve(app(`@${amd64.digest}`), AMD64)).rejects.toMatchObject({ code: "registry-not-found" });
  });

  test.each(["other bytes of the same length", "a failure"])("%s in the store: the registry is asked", async (what) => {
    const { shelf, amd64, store } = filled();
    await putBytes(store, await collect(shelf.reader.open(amd64.digest)));
    const damaged: BlobStore = {
      ...store,
      stat: (digest) => store.stat(digest),
      create: () => store.create(),
      delete: (digest) => store.delete(digest),
      async *open() {
        if (what === "a failure") throw new ProblemError("store-unusable", { message: "damaged" });
        yield Buffer.alloc(amd64.size);
      },
    };
    expect((await shelf.resolver({}, damaged).resolve(app(":v1"), AMD64)).manifest.descriptor).toEqual(amd64);
  });
});
