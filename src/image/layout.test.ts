import { execFileSync, spawnSync } from "node:child_process";
import { extract } from "tar-stream";
import { describe, expect, test } from "vitest";
import { memoryBlobStore } from "../adapters/memory/blob-store.ts";
import { type Digest, digestOf } from "../core/digest.ts";
import { MEDIA_TYPE } from "../core/media-type.ts";
import { isProblem } from "../core/problem.ts";
import { dockerArchive, ociArchive, openArchive, type RandomAccess } from "./archive.ts";
import { type BlobStore, type ByteStream, putBytes, readBytes } from "./blob-store.ts";
import type { Descriptor } from "./descriptor.ts";
import { encodeConfig, encodeIndex, encodeManifest } from "./encode.ts";
import { invariantsOf } from "./invariants.ts";
import { blobPath, type Folder, type Layout, type NamedImage, openLayout, pickImage, writeLayout } from "./layout.ts";
import { packLayer } from "./pack.ts";
import { TAR_END, tarHeader, tarPad } from "./tar/writer.ts";
import { descriptorsOf } from "./walk.ts";

type MemoryFolder = Folder & { readonly files: Map<string, Buffer>; readonly written: string[]; readonly others: Set<string> };

function memoryFolder(): MemoryFolder {
  const files = new Map<string, Buffer>();
  const others = new Set<string>();
  const written: string[] = [];
  return {
    files,
    others,
    written,
    async stat(path) {
      if (others.has(path)) return { type: "other", size: 0 };
      const found = files.get(path);
      return found && { type: "file", size: found.length };
    },
    async *open(path, range) {
      const found = files.get(path);
      if (found === undefined) throw new Error(`${path} opened, absent`);
      const part = found.subarray(range?.start ?? 0, range?.end);
      for (let at = 0; at < part.length; at += 1000) yield part.subarray(at, at + 1000);
    },
    async write(path, content) {
      files.set(path, content instanceof Uint8Array ? Buffer.from(content) : await gather(content));
      written.push(path);
    },
  };
}

async function gather(stream: ByteStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

const inMemory = (bytes: Buffer): RandomAccess => ({
  size: bytes.length,
  async *read(start, end) {
    for (let at = start; at < end; at += 5000) yield bytes.subarray(at, Math.min(at + 5000, end));
  },
});

const file = (path: string, content: string | Uint8Array, size = content.length): Buffer =>
  Buffer.concat([tarHeader({ path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size }), Buffer.from(content), tarPad(content.length)]);
const link = (path: string, target: string): Buffer =>
  Buffer.from(tarHeader({ path, type: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: 0, size: 0, link: target }));

interface Made extends NamedImage {
  readonly store: BlobStore;
  readonly manifest: Descriptor;
  readonly layer: Descriptor;
  readonly config: Uint8Array;
  readonly layerTar: Buffer;
}

/** One platform's image with one layer, in a store of its own. */
async function image(
  content: string,
  options: { names?: readonly string[]; compression?: "gzip" | "uncompressed"; asIndex?: boolean; architecture?: string; diffId?: Digest } = {},
): Promise<Made> {
  const store = memoryBlobStore();
  const layerTar = Buffer.concat([file("f", content), TAR_END]);
  const packed = await packLayer(await store.create(), { compression: options.compression ?? "gzip" }, async (write) => write(layerTar));
  const layer = { mediaType: packed.compression === "gzip" ? MEDIA_TYPE.ociLayerGzip : MEDIA_TYPE.ociLayer, digest: packed.digest, size: packed.size };
  const config = encodeConfig({
    architecture: options.architecture ?? "arm64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: [options.diffId ?? packed.diffId] },
  });
  const configDescriptor = { mediaType: MEDIA_TYPE.ociConfig, digest: await putBytes(store, config), size: config.length };
  const manifest = encodeManifest({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: configDescriptor, layers: [layer] });
  await putBytes(store, manifest.bytes);
  let root = manifest.descriptor;
  if (options.asIndex === true) {
    const index = encodeIndex({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [{ ...root, platform: { os: "linux", architecture: "arm64" } }] });
    await putBytes(store, index.bytes);
    root = index.descriptor;
  }
  return { root, names: options.names ?? [], blobs: store, store, manifest: manifest.descriptor, layer, config, layerTar };
}

async function problemOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (isProblem(error)) return `${error.code}: ${error.message}${error.hint === undefined ? "" : ` (${error.hint})`}`.replace(/sha256:[a-f0-9]{64}/g, "…");
    throw error;
  }
  return "none";
}

const namesIn = (layout: Layout): (string | undefined)[] => layout.index.manifests.map(({ annotations }) => annotations?.["io.containerd.image.name"]);

describe("an OCI layout", () => {
  test("holds what was written, blobs before the index", async () => {
    const folder = memoryFolder();
    const made = await image("one", { names: ["docker.io/library/app:v1"], asIndex: true });
    await writeLayout(folder, [made]);
    expect(folder.written.at(-1)).toBe("index.json");
    expect(folder.written.indexOf(blobPath(made.layer.digest))).toBeLessThan(folder.written.indexOf(blobPath(made.manifest.digest)));
    expect(folder.written.indexOf(blobPath(made.manifest.digest))).toBeLessThan(folder.written.indexOf(blobPath(made.root.digest)));
    const layout = await openLayout(folder, "dir");
    expect(pickImage(layout, { tag: "v1" }, "dir")).toMatchObject({ digest: made.root.digest, mediaType: MEDIA_TYPE.ociIndex });
    expect(await invariantsOf(layout.blobs, made.root)).toEqual([]);
    expect((await readBytes(layout.blobs, made.layer.digest)).length).toBe(made.layer.size);
    expect(await gather(layout.blobs.open(made.layer.digest, { start: 0, end: 2 }))).toEqual(Buffer.from([0x1f, 0x8b]));
  });

  test("keeps its other images; the same name is replaced, blobs that are there are not written again", async () => {
    const folder = memoryFolder();
    const a = await image("a", { names: ["docker.io/library/app:v1"] });
    const b = await image("b", { names: ["docker.io/library/app:v2", "ghcr.io/o/app:v2"] });
    const c = await image("c", { names: ["docker.io/library/app:v1"] });
    await writeLayout(folder, [a]);
    await writeLayout(folder, [b]);
    folder.written.length = 0;
    await writeLayout(folder, [b, c]);
    expect(folder.written).not.toContain(blobPath(b.layer.digest));
    expect(namesIn(await openLayout(folder, "dir"))).toEqual(["docker.io/library/app:v2", "ghcr.io/o/app:v2", "docker.io/library/app:v1"]);
    expect(pickImage(await openLayout(folder, "dir"), { tag: "docker.io/library/app:v1" }, "dir").digest).toBe(c.root.digest);
  });

  test("an unnamed image is listed once", async () => {
    const folder = memoryFolder();
    const a = await image("a");
    await writeLayout(folder, [a]);
    await writeLayout(folder, [a]);
    expect((await openLayout(folder, "dir")).index.manifests.length).toBe(1);
  });

  const bad: Record<string, { change: (folder: MemoryFolder, made: Made) => void; says: string }> = {
    "no oci-layout": { change: ({ files }) => files.delete("oci-layout"), says: 'layout-invalid: "dir" is not an OCI layout: it has no file "oci-layout"' },
    "another version": {
      change: ({ files }) => files.set("oci-layout", Buffer.from('{"imageLayoutVersion":"2.0.0"}')),
      says: 'is of version "2.0.0", wanted "1.0.0"',
    },
    "a mark that is no JSON": { change: ({ files }) => files.set("oci-layout", Buffer.from("1.0.0")), says: "layout-invalid:" },
    "an index.json that is no JSON": {
      change: ({ files }) => files.set("index.json", Buffer.from("{")),
      says: '"index.json" of "dir" is not JSON',
    },
    "no index.json": { change: ({ files }) => files.delete("index.json"), says: 'has no file "index.json"' },
    "an index.json that is a manifest": {
      change: ({ files }, made) => files.set("index.json", files.get(blobPath(made.manifest.digest)) as Buffer),
      says: "manifest-invalid",
    },
    "an index.json of 5 MiB": { change: ({ files }) => files.set("index.json", Buffer.alloc(5 << 20, " ")), says: "limit-exceeded" },
    "an index.json that is a symlink": { change: ({ others }) => others.add("index.json"), says: '"index.json" of the OCI layout "dir" is not a regular file' },
    "a blob that is a symlink": {
      change: ({ others }, made) => others.add(blobPath(made.layer.digest)),
      says: 'the blob … of the OCI layout "dir" is not a regular file',
    },
    "a blob that is missing": {
      change: ({ files }, made) => files.delete(blobPath(made.layer.digest)),
      says: 'layout-invalid: "dir" does not hold the blob …, which it names',
    },
    "a manifest that is missing": {
      change: ({ files }, made) => files.delete(blobPath(made.manifest.digest)),
      says: 'layout-invalid: "dir" does not hold the blob …',
    },
    "a blob with other content": {
      change: ({ files }, made) => files.get(blobPath(made.layer.digest))?.fill(1, 5, 9),
      says: 'digest-mismatch: a blob of the OCI layout "dir" has the digest …, wanted …',
    },
    "an index that names itself": {
      change: ({ files }, made) => {
        const self = digestOf("self");
        const child = { mediaType: MEDIA_TYPE.ociIndex, digest: self, size: 0 };
        const bytes = Buffer.from(encodeIndex({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [child] }).bytes);
        files.set(blobPath(self), bytes);
        files.set("index.json", Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ ...child, size: bytes.length }, made.root] })));
      },
      says: "digest-mismatch",
    },
    "a manifest of another size": {
      change: ({ files }, made) =>
        files.set("index.json", Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ ...made.root, size: made.root.size - 1 }] }))),
      says: "size-mismatch",
    },
  };
  for (const [what, { change, says }] of Object.entries(bad)) {
    test(`refused: ${what}`, async () => {
      const folder = memoryFolder();
      const made = await image("one");
      await writeLayout(folder, [made]);
      change(folder, made);
      const said = await problemOf(async () => {
        const layout = await openLayout(folder, "dir");
        for (const root of layout.index.manifests) for (const { digest } of await descriptorsOf(layout.blobs, root)) await readBytes(layout.blobs, digest);
      });
      expect(said).toContain(says);
    });
  }
});

describe("an index within indexes", () => {
  test("is followed to a depth and no deeper, even where digests lie", async () => {
    const descriptor = { mediaType: MEDIA_TYPE.ociIndex, digest: digestOf("0"), size: 0 };
    // A source that checks nothing: each index names another one for ever.
    let n = 0;
    const size = encodeIndex({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [{ ...descriptor, size: 300 }] }).bytes.length;
    const liar = {
      stat: async () => size,
      async *open() {
        yield encodeIndex({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [{ ...descriptor, digest: digestOf(String(++n)), size }] }).bytes;
      },
    };
    expect(await problemOf(() => descriptorsOf(liar, { ...descriptor, size }))).toContain("limit-exceeded");
    const circle = {
      ...liar,
      async *open() {
        yield encodeIndex({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [{ ...descriptor, size }] }).bytes;
      },
    };
    expect(await problemOf(() => descriptorsOf(circle, { ...descriptor, size }))).toContain("holds itself");
  });
});

describe("picking an image", () => {
  const a = { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf("a"), size: 1, annotations: { "org.opencontainers.image.ref.name": "v1" } };
  const b = { ...a, digest: digestOf("b"), annotations: { "org.opencontainers.image.ref.name": "ghcr.io/o/app:v2" } };
  const latest = { ...a, digest: digestOf("c"), annotations: { "org.opencontainers.image.ref.name": "latest" } };
  const layout = (...manifests: Descriptor[]): Layout => ({ index: { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests }, blobs: memoryBlobStore() });
  test("by tag, by full name's tag, by digest", () => {
    expect(pickImage(layout(a, b), { tag: "v1" }, "x")).toBe(a);
    expect(pickImage(layout(a, b), { tag: "v2" }, "x")).toBe(b);
    expect(pickImage(layout(a, b), { digest: b.digest }, "x")).toBe(b);
  });
  test("the last of the same tag", () => expect(pickImage(layout(a, { ...b, annotations: a.annotations }), { tag: "v1" }, "x").digest).toBe(b.digest));
  test("the only one; the same one under two names; the latest", () => {
    expect(pickImage(layout(a), {}, "x")).toBe(a);
    expect(pickImage(layout(a, { ...a, annotations: latest.annotations }), {}, "x").digest).toBe(a.digest);
    expect(pickImage(layout(a, latest, b), {}, "x")).toBe(latest);
  });
  test("what is not there is told with what is", async () => {
    const says = (...given: Parameters<typeof pickImage>): Promise<string> => problemOf(async () => pickImage(...given));
    expect(await says(layout(a, b), { tag: "v9" }, "x")).toBe('layout-invalid: "x" has no image with the tag "v9" (its tags are ghcr.io/o/app:v2, v1)');
    expect(await says(layout(a, b), {}, "x")).toContain("holds 2 images and no tag says which");
    expect(await says(layout(), {}, "x")).toBe('layout-invalid: "x" holds no image');
    expect(await says(layout(a), { digest: b.digest }, "x")).toContain("has no image with the digest …");
  });
});

describe("archives", () => {
  test("an OCI archive holds a layout, and is the same every time", async () => {
    const made = await image("one", { names: ["docker.io/library/app:v1"], asIndex: true });
    const bytes = await gather(ociArchive([made]));
    expect((await gather(ociArchive([{ ...made, blobs: (await image("one", { asIndex: true })).blobs }]))).equals(bytes)).toBe(true);
    const layout = await openArchive(inMemory(bytes), "a.tar");
    expect(namesIn(layout)).toEqual(["docker.io/library/app:v1"]);
    expect(await invariantsOf(layout.blobs, pickImage(layout, {}, "a.tar"))).toEqual([]);
    expect(await layout.blobs.stat(made.layer.digest)).toBe(made.layer.size);
    expect(await layout.blobs.stat(digestOf("no"))).toBeUndefined();
    expect(await gather(layout.blobs.open(made.layer.digest, { start: 0, end: 2 }))).toEqual(Buffer.from([0x1f, 0x8b]));
  });

  test("its entries are sorted, folders first, as containerd writes them", async () => {
    const made = await image("one");
    const reader = extract();
    reader.end(await gather(dockerArchive([made])));
    const entries: string[] = [];
    for await (const entry of reader) {
      entry.resume();
      entries.push(`${entry.header.name} ${entry.header.mode?.toString(8)}`);
    }
    const blobs = entries.slice(2, -3);
    expect([...entries.slice(0, 2), ...entries.slice(-3)]).toEqual([
      "blobs/ 755",
      "blobs/sha256/ 755",
      "index.json 644",
      "manifest.json 644",
      "oci-layout 444",
    ]);
    expect(blobs.length).toBe(3);
    expect(blobs).toEqual([...blobs].sort());
  });

  test("a Docker archive names config, tags and layers", async () => {
    const made = await image("one", { names: ["docker.io/library/app:v1", "ghcr.io/o/app:v2"] });
    const bytes = await gather(dockerArchive([made]));
    const reader = extract();
    reader.end(bytes);
    let list: unknown;
    for await (const entry of reader) {
      if (entry.header.name === "manifest.json") list = JSON.parse((await gather(entry as ByteStream)).toString());
      else entry.resume();
    }
    expect(list).toEqual([{ Config: blobPath(digestOf(made.config)), RepoTags: ["app:v1", "ghcr.io/o/app:v2"], Layers: [blobPath(made.layer.digest)] }]);
  });

  test("a Docker archive of an index is refused", async () => {
    const made = await image("one", { asIndex: true });
    expect(await problemOf(() => gather(dockerArchive([made])))).toContain("output-conflict: a Docker archive holds one platform");
  });

  test("a blob that is shorter than its descriptor says ends the archive", async () => {
    const made = await image("one");
    const short: BlobStore = { ...made.store, open: (digest) => (digest === made.layer.digest ? memoryStream(Buffer.from("short")) : made.store.open(digest)) };
    expect(await problemOf(() => gather(ociArchive([{ ...made, blobs: short }])))).toContain("size-mismatch");
  });

  test.skipIf(spawnSync("tar", ["--version"]).status !== 0)("tar (skipped where it is not installed) lists them", async () => {
    const bytes = await gather(ociArchive([await image("one")]));
    expect(execFileSync("tar", ["-tf", "-"], { input: bytes, encoding: "utf8" }).trimEnd().split("\n").length).toBe(2 + 3 + 2);
  });
});

async function* memoryStream(bytes: Buffer): ByteStream {
  yield bytes;
}

describe("old Docker archives", () => {
  async function oldArchive(more: { layers?: (made: Made) => Buffer[]; names?: string[]; config?: Uint8Array } = {}): Promise<{ made: Made; bytes: Buffer }> {
    const made = await image("one", { compression: "uncompressed" });
    const config = more.config ?? made.config;
    const list = [{ Config: "abc.json", RepoTags: more.names ?? ["app:v1", "strange name"], Layers: ["abc/layer.tar"] }];
    const layers = more.layers?.(made) ?? [file("abc/layer.tar", made.layerTar)];
    return {
      made,
      bytes: Buffer.concat([file("abc.json", config), ...layers, file("manifest.json", JSON.stringify(list)), file("repositories", "{}"), TAR_END]),
    };
  }

  test("come as manifests that we make", async () => {
    const { made, bytes } = await oldArchive();
    const layout = await openArchive(inMemory(bytes), "old.tar");
    const root = pickImage(layout, { tag: "v1" }, "old.tar");
    expect(root).toMatchObject({
      digest: made.manifest.digest,
      platform: { os: "linux", architecture: "arm64" },
      annotations: { "io.containerd.image.name": "docker.io/library/app:v1" },
    });
    expect(pickImage(layout, { tag: "strange name" }, "old.tar").digest).toBe(root.digest);
    expect(await invariantsOf(layout.blobs, root)).toEqual([]);
    expect((await gather(layout.blobs.open(made.manifest.digest, { start: 1, end: 3 }))).length).toBe(2);
  });
  test("without tags", async () => {
    const { made, bytes } = await oldArchive({ names: [] });
    expect((await openArchive(inMemory(bytes), "old.tar")).index.manifests.map(({ digest }) => digest)).toEqual([made.manifest.digest]);
  });
  test("layers that are links to others", async () => {
    const { made, bytes } = await oldArchive({ layers: (m) => [file("real/layer.tar", m.layerTar), link("abc/layer.tar", "../real/layer.tar")] });
    expect((await openArchive(inMemory(bytes), "old.tar")).index.manifests[0]?.digest).toBe(made.manifest.digest);
  });
  test("compressed layers get the digest of their bytes", async () => {
    const gz = await image("one");
    const blob = await readBytes(gz.store, gz.layer.digest);
    const { bytes } = await oldArchive({ layers: () => [file("abc/layer.tar", blob)] });
    const layout = await openArchive(inMemory(bytes), "old.tar");
    expect((await descriptorsOf(layout.blobs, layout.index.manifests[0] as Descriptor)).map(({ digest }) => digest)).toContain(gz.layer.digest);
  });
  test("a layer that is not what the config names is seen when it is read", async () => {
    const { bytes } = await oldArchive({ layers: (m) => [file("abc/layer.tar", Buffer.from(m.layerTar).fill("x", 512, 513))] });
    const layout = await openArchive(inMemory(bytes), "old.tar");
    const breaches = await invariantsOf(layout.blobs, layout.index.manifests[0] as Descriptor);
    expect(breaches.map(({ where, message }) => `${where}: ${message.replace(/sha256:[a-f0-9]{64}/g, "…")}`)).toEqual([
      'layers[0]: a blob of the archive "old.tar" has the digest …, wanted …',
    ]);
  });

  const bad: Record<string, { bytes: () => Promise<Buffer>; says: string }> = {
    "neither kind": { bytes: async () => Buffer.concat([file("x", "y"), TAR_END]), says: "neither an OCI archive nor a Docker archive" },
    "no archive": { bytes: async () => Buffer.alloc(2000, "text "), says: 'layout-invalid: "old.tar" is not a sound archive: this is not a tar archive' },
    "a compressed one": {
      bytes: async () => Buffer.from([0x1f, 0x8b, 8, 0]),
      says: "is compressed as a whole, its parts cannot be reached (unpack it first: gunzip --keep FILE)",
    },
    "cut short": { bytes: async () => (await oldArchive()).bytes.subarray(0, 1200), says: "layout-invalid:" },
    "a name that leads out": { bytes: async () => Buffer.concat([file("../../x", "y"), TAR_END]), says: "leads out of the layer" },
    "a layer that is missing": {
      bytes: async () => (await oldArchive({ layers: () => [] })).bytes,
      says: 'names "abc/layer.tar", which the archive does not hold',
    },
    "a layer that links to itself": {
      bytes: async () => (await oldArchive({ layers: () => [link("abc/layer.tar", "layer.tar")] })).bytes,
      says: "is not a regular file",
    },
    "a layer that links out": {
      bytes: async () => (await oldArchive({ layers: () => [link("abc/layer.tar", "../../../etc/passwd")] })).bytes,
      says: "which the archive does not hold",
    },
    "a config that is no JSON": { bytes: async () => (await oldArchive({ config: Buffer.from("?") })).bytes, says: "manifest-invalid" },
    "fewer layers than diff_ids": {
      bytes: async () => Buffer.concat([file("c", (await image("one")).config), file("manifest.json", '[{"Config":"c","Layers":[]}]'), TAR_END]),
      says: "names 0 layers, its config 1",
    },
    "a list that is an object": { bytes: async () => Buffer.concat([file("manifest.json", "{}"), TAR_END]), says: '"images" is an object, wanted a list' },
    "a list that is no JSON": { bytes: async () => Buffer.concat([file("manifest.json", "["), TAR_END]), says: "is not JSON" },
  };
  for (const [what, { bytes, says }] of Object.entries(bad)) {
    test(`refused: ${what}`, async () => {
      const given = inMemory(await bytes());
      expect(await problemOf(() => openArchive(given, "old.tar"))).toContain(says);
    });
  }

  test("large blobs are jumped over, not read", async () => {
    const bytes = Buffer.concat([file("blobs/sha256/x", Buffer.alloc(3 << 20)), (await oldArchive()).bytes]);
    let read = 0;
    const counting: RandomAccess = {
      size: bytes.length,
      async *read(start, end) {
        read += end - start;
        yield bytes.subarray(start, end);
      },
    };
    await openArchive(counting, "old.tar");
    expect(read).toBeLessThan(200_000);
  });
});

describe("invariants", () => {
  const tell = async (made: Made, root = made.root): Promise<string[]> =>
    (await invariantsOf(made.blobs, root)).map(({ where, message }) => `${where}: ${message.replace(/sha256:[a-f0-9]{64}/g, "…")}`);

  test("a sound image has no breach", async () => expect(await tell(await image("one", { asIndex: true }))).toEqual([]));
  test("a wrong diff_id", async () =>
    expect(await tell(await image("one", { diffId: digestOf("x") }))).toEqual(["layers[0]: the config's diff_id is …, the unpacked content has …"]));
  test("another platform than the index says", async () =>
    expect(await tell(await image("one", { asIndex: true, architecture: "amd64" }))).toEqual([
      "manifests[0] linux/arm64 config: the config is of linux/amd64, the index says linux/arm64",
    ]));
  test("a missing layer and a missing config, both told", async () => {
    const made = await image("one", { asIndex: true });
    await made.store.delete(made.layer.digest);
    await made.store.delete(digestOf(made.config));
    expect(await tell(made)).toEqual([
      "manifests[0] linux/arm64 config: blob … is not in the store",
      "manifests[0] linux/arm64 layers[0]: blob … is not in the store",
    ]);
  });
  test("a layer of another size", async () => {
    const made = await image("one");
    const manifest = encodeManifest({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      config: { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf(made.config), size: made.config.length },
      layers: [{ ...made.layer, size: 5 }],
    });
    await putBytes(made.store, manifest.bytes);
    expect(await tell(made, manifest.descriptor)).toEqual(["layers[0]: … has more than 5 bytes, its descriptor says 5"]);
  });
  test("more layers than diff_ids", async () => {
    const made = await image("one");
    const manifest = encodeManifest({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      config: { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf(made.config), size: made.config.length },
      layers: [made.layer, made.layer],
    });
    await putBytes(made.store, manifest.bytes);
    expect(await tell(made, manifest.descriptor)).toEqual(["config: rootfs.diff_ids has 1 members, the manifest has 2 layers"]);
  });
  test("a root that is not there", async () =>
    expect(await tell(await image("one"), { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf("no"), size: 1 })).toEqual([": blob … is not in the store"]));
  test("attestations are documents, not archives", async () => {
    const made = await image("one");
    const statement = Buffer.from("{}");
    const layer = { mediaType: "application/vnd.in-toto+json", digest: await putBytes(made.store, statement), size: 2 };
    const config = encodeConfig({ architecture: "unknown", os: "unknown", rootfs: { type: "layers", diff_ids: [layer.digest] } });
    const manifest = encodeManifest({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      config: { mediaType: MEDIA_TYPE.ociConfig, digest: await putBytes(made.store, config), size: config.length },
      layers: [layer],
    });
    await putBytes(made.store, manifest.bytes);
    expect(await tell(made, { ...manifest.descriptor, platform: { os: "unknown", architecture: "unknown" } })).toEqual([]);
  });
  test("a bug of the source is not a breach", async () => {
    const made = await image("one");
    const broken: BlobStore = {
      ...made.store,
      open: () => {
        throw new TypeError("bug");
      },
    };
    await expect(invariantsOf(broken, made.root)).rejects.toThrow("bug");
  });
});
