import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeImage } from "../../../test/harness/made-image.ts";
import type { MadeImage } from "../../../test/harness/made-image-spec.ts";
import { digestOf } from "../../core/digest.ts";
import { MEDIA_TYPE } from "../../core/media-type.ts";
import { parsePlatform } from "../../core/platform.ts";
import { type ProblemCode, ProblemError } from "../../core/problem.ts";
import type { BlobReader } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { checkImage } from "../check.ts";
import { IMAGE_RULES } from "../registry.ts";
import { scanLayer } from "../scan/scan-layer.ts";
import { type ReadOptions, type ReadSubject, readImage } from "./read-image.ts";

const DEPTH = { hashes: false, nested: false };

interface Watched {
  readonly subject: ReadSubject;
  /** Digests of the layers that were scanned. */
  readonly scanned: readonly string[];
}

async function read(spec: MadeImage, options: Omit<ReadOptions, "scan"> = {}, change: (blobs: BlobReader) => BlobReader = (blobs) => blobs): Promise<Watched> {
  const made = await makeImage(spec);
  const blobs = change(made.blobs);
  const scanned: string[] = [];
  const scan = (layer: Descriptor): ReturnType<typeof scanLayer> => {
    scanned.push(layer.digest);
    return scanLayer(blobs, layer, DEPTH);
  };
  return { subject: await readImage({ name: "made", root: { descriptor: made.root }, blobs }, { scan, ...options }), scanned };
}

const common = { files: { "etc/motd": "hello" } };
const two: MadeImage = {
  platforms: {
    "linux/amd64": { layers: [common, { files: { app: "amd64" } }], attestation: true },
    "linux/arm64": { layers: [common, { files: { app: "arm64" } }], attestation: true },
  },
};

describe("an image is read", () => {
  test("platforms in the index's order, attestations apart, each document at its place", async () => {
    const { subject } = await read(two);
    expect(subject.images.map(({ name }) => name)).toEqual(["linux/amd64", "linux/arm64"]);
    expect(subject.documents.map(({ where, kind }) => `${where} ${kind}`)).toEqual([
      " index",
      "manifests[0] manifest",
      "manifests[1] manifest",
      "manifests[2] manifest",
      "manifests[3] manifest",
    ]);
    expect(subject.attestations.map(({ of }) => of)).toEqual(subject.images.map(({ manifest }) => manifest.descriptor.digest));
    expect(subject.images.map(({ files }) => files?.children(""))).toEqual([
      ["app", "etc"],
      ["app", "etc"],
    ]);
  });

  test("a layer that platforms share is scanned once and is one object, and so are the files up to it", async () => {
    const { subject, scanned } = await read(two);
    const [amd64, arm64] = subject.images;
    expect(new Set(scanned).size).toBe(scanned.length);
    expect(scanned).toHaveLength(3);
    expect(arm64?.layers[0]).toBe(amd64?.layers[0]);
    expect(arm64?.files?.get("etc/motd")).toBe(amd64?.files?.get("etc/motd"));
    expect(arm64?.files?.get("app")?.source).toBe(arm64?.layers[1]);
  });

  test("one manifest without an index is one platform, its config's", async () => {
    const { subject } = await read({ platforms: { "linux/arm64": { layers: [common] } }, bare: true });
    expect(subject.images.map(({ name, entry, manifest }) => [name, entry, manifest.where])).toEqual([["linux/arm64", undefined, ""]]);
  });

  test("bytes with the type that a registry told", async () => {
    const made = await makeImage(two);
    const bytes = made.all.get(made.root.digest) as Uint8Array;
    const source = { name: "made", root: { bytes, mediaType: undefined }, blobs: made.blobs };
    const subject = await readImage(source, { scan: (layer) => scanLayer(made.blobs, layer, DEPTH) });
    expect(subject.root.descriptor).toEqual({ mediaType: made.root.mediaType, digest: made.root.digest, size: made.root.size });
    expect(subject.images).toHaveLength(2);
  });

  test("documents from where manifests are, which need not be blobs", async () => {
    const made = await makeImage(two);
    const asked: string[] = [];
    const readDocument = async ({ digest }: Descriptor): Promise<Uint8Array> => {
      asked.push(digest);
      return made.all.get(digest) as Uint8Array;
    };
    await readImage(
      { name: "made", root: { descriptor: made.root }, blobs: made.blobs, readDocument },
      { scan: (layer) => scanLayer(made.blobs, layer, DEPTH) },
    );
    expect(asked).toHaveLength(5);
  });

  test("in full only what is asked for; the others are listed", async () => {
    const { subject, scanned } = await read(two, { platforms: [parsePlatform("linux/arm64/v8")] });
    expect(scanned).toHaveLength(2);
    expect(subject.images.map(({ files }) => files !== undefined)).toEqual([false, true]);
    expect(subject.images[0]?.layers.map(({ problem }) => problem)).toEqual([undefined, undefined]);
  });

  test("history's lines are the layers' when they fit", async () => {
    const layers = [{ files: { a: "" } }, { files: { b: "" } }];
    const history = [{ created_by: "FROM x" }, { created_by: "ENV A=1", empty_layer: true }, { created_by: "COPY b" }];
    const lines = async (spec: MadeImage["platforms"][string]): Promise<unknown> =>
      (await read({ platforms: { "linux/amd64": spec } })).subject.images[0]?.layers.map(({ createdBy }) => createdBy);
    expect(await lines({ layers, history })).toEqual(["FROM x", "COPY b"]);
    expect(await lines({ layers, history: [{ created_by: "FROM x" }] })).toEqual([undefined, undefined]);
  });

  test("two images of one platform are told apart", async () => {
    const { subject } = await read({
      platforms: { "linux/amd64": { layers: [common] }, "linux/amd64#2": { layers: [{ files: { x: "" } }] }, "linux/amd64#3": { layers: [common] } },
    });
    const names = subject.images.map(({ name }) => name);
    expect(new Set(names).size).toBe(3);
    expect(names.every((name) => /^linux\/amd64 \([0-9a-f]{12}\)(?: #2)?$/.test(name))).toBe(true);
  });

  test("indexes within indexes, up to a depth", async () => {
    const { subject } = await read({ ...two, nested: ["linux/arm64"] });
    expect(subject.images.map(({ name, manifest }) => `${name} ${manifest.where}`)).toEqual([
      "linux/amd64 manifests[0]",
      expect.stringMatching(/^linux\/arm64 manifests\[\d\] manifests\[0\]$/),
    ]);
    const deep = await nestedDeep(12);
    expect(deep.documents.at(-1)?.problem?.code).toBe("limit-exceeded");
    expect(deep.documents.length).toBeLessThan(12);
  });
});

/** An index in an index in an index … */
async function nestedDeep(depth: number): Promise<ReadSubject> {
  const all = new Map<string, Uint8Array>();
  const mediaType = "application/vnd.oci.image.index.v1+json";
  let manifests: readonly Descriptor[] = [];
  for (let i = 0; i < depth; i++) {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
    all.set(digestOf(bytes), bytes);
    manifests = [{ mediaType, digest: digestOf(bytes), size: bytes.length }];
  }
  const readDocument = async ({ digest }: Descriptor): Promise<Uint8Array> => all.get(digest) as Uint8Array;
  return await readImage(
    { name: "deep", root: { descriptor: manifests[0] as Descriptor }, blobs: (await makeImage(two)).blobs, readDocument },
    { scan: never },
  );
}

test("an index that names a large manifest again and again is read up to a limit", async () => {
  const all = new Map<string, Uint8Array>();
  const put = (mediaType: string, value: object): Descriptor => {
    const bytes = Buffer.from(JSON.stringify(value));
    all.set(digestOf(bytes), bytes);
    return { mediaType, digest: digestOf(bytes), size: bytes.length };
  };
  const config = put(MEDIA_TYPE.ociConfig, { os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [] } });
  const layers = Array.from({ length: 1000 }, () => ({ ...config, mediaType: MEDIA_TYPE.ociLayer }));
  const manifest = put(MEDIA_TYPE.ociManifest, { schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers });
  const index = put(MEDIA_TYPE.ociIndex, { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: Array.from({ length: 5000 }, () => manifest) });
  const blobs: BlobReader = {
    stat: async (digest) => all.get(digest)?.length,
    async *open(digest) {
      yield all.get(digest) as Uint8Array;
    },
  };
  const scan = async (): Promise<never> => {
    throw new ProblemError("layer-invalid", { message: "it is no archive" });
  };
  const subject = await readImage({ name: "large", root: { descriptor: index }, blobs }, { scan });
  expect(subject.documents.at(-1)?.problem?.code).toBe("limit-exceeded");
  expect(subject.documents).toHaveLength(101);
});

const never = (): never => {
  throw new Error("there is no layer to scan");
};

describe("what is wrong with an image is in the result", () => {
  const cases: readonly (readonly [string, MadeImage, (subject: ReadSubject) => unknown, unknown])[] = [
    [
      "an absent layer",
      { platforms: { "linux/amd64": { layers: [{ ...common, absent: true }] } } },
      (s) => s.images[0]?.layers[0]?.problem?.code,
      "registry-not-found",
    ],
    ["… and no files", { platforms: { "linux/amd64": { layers: [{ ...common, absent: true }] } } }, (s) => s.images[0]?.files, undefined],
    [
      "an absent manifest is still a platform",
      { ...two, damage: [{ blob: "linux/arm64 manifest", remove: true }] },
      (s) => s.images.map(({ name, files }) => [name, files === undefined]),
      [
        ["linux/amd64", false],
        ["linux/arm64", true],
      ],
    ],
    [
      "a layer that is elsewhere",
      { platforms: { "linux/amd64": { layers: [{ ...common, absent: true, descriptor: { urls: ["https://example.com/x"] } }] } } },
      (s) => s.images[0]?.layers.map(({ foreign, problem }) => [foreign, problem]),
      [[true, undefined]],
    ],
    [
      "a config without a platform has its settings",
      { platforms: { "linux/amd64": { image: { os: null }, config: { User: "me" }, layers: [common] } } },
      (s) => [s.images[0]?.config.problem?.code, s.images[0]?.config.value?.config?.User],
      ["manifest-invalid", "me"],
    ],
    [
      "a manifest with a number among its annotations is read on",
      { platforms: { "linux/amd64": { layers: [common] } }, edits: [{ document: "linux/amd64 manifest", set: { annotations: { a: 1 } } }] },
      (s) => [s.images[0]?.manifest.problem?.code, s.images[0]?.files?.children("")],
      ["manifest-invalid", ["etc"]],
    ],
    [
      "layers that do not fit",
      { platforms: { "linux/amd64": { layers: [{ files: { twin: { hardlink: "nothing" } } }] } } },
      (s) => [s.images[0]?.filesProblem?.code, s.images[0]?.files],
      ["layer-invalid", undefined],
    ],
    [
      "an index that is no JSON",
      { ...two, edits: [{ document: "index", text: "<html>" }] },
      (s) => [s.root.problem?.code, s.images.length, s.root.bytes?.length],
      ["manifest-invalid", 0, 6],
    ],
    [
      "more layers than diff_ids",
      { platforms: { "linux/amd64": { layers: [common, { files: { x: "" }, diffId: null }] } } },
      (s) => s.images[0]?.layers.map(({ diffId }) => diffId === undefined),
      [false, true],
    ],
  ];
  test.each(cases)("%s", async (_, spec, seen, expected) => {
    expect(seen((await read(spec)).subject)).toEqual(expected);
  });
});

async function* failingStream(code: ProblemCode): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
  throw new ProblemError(code, { message: "it failed" });
}

test.each(["registry-unreachable", "registry-unauthorized", "interrupted", "disk-full"] as const)(
  "%s is no fault of the image: it ends the reading",
  async (code) => {
    const failing = (blobs: BlobReader): BlobReader => ({
      stat: (digest) => blobs.stat(digest),
      open: () => failingStream(code),
    });
    await expect(read(two, {}, failing)).rejects.toMatchObject({ code });
  },
);

test("whatever is changed in documents, reading and every rule end without a failure", async () => {
  const ways = [
    "schemaVersion",
    "mediaType",
    "manifests",
    "manifests.0",
    "manifests.0.platform",
    "manifests.0.digest",
    "layers",
    "layers.0",
    "layers.0.mediaType",
    "layers.0.size",
    "config",
    "annotations",
    "subject",
    "rootfs",
    "rootfs.diff_ids",
    "history",
    "config.Env",
    "config.Labels",
    "os",
    "created",
  ];
  const edit = fc.record({
    document: fc.constantFrom("index", "linux/amd64 manifest", "linux/amd64 config", "linux/arm64 attestation", "root"),
    set: fc.dictionary(fc.constantFrom(...ways), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1, maxKeys: 3 }),
  });
  const text = fc.record({ document: fc.constantFrom("index", "linux/amd64 manifest", "linux/amd64 config"), append: fc.string({ maxLength: 5 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(edit, text), { minLength: 1, maxLength: 3 }), async (edits) => {
      // A root without a digest is no root; sources check theirs.
      const sound = edits.filter((one) => one.document !== "root" || ("set" in one && Object.keys(one.set).every((way) => way === "annotations")));
      const { subject } = await read({ ...two, edits: sound });
      for (const finding of checkImage({ ...subject, against: undefined, smoke: undefined }, IMAGE_RULES)) expect(finding.message).not.toBe("");
    }),
    { numRuns: 40 },
  );
});
