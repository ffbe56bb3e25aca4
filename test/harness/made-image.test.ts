import { describe, expect, test } from "vitest";
import { MEDIA_TYPE } from "../../src/core/media-type.ts";
import { invariantsOf } from "../../src/image/invariants.ts";
import { indexLayer } from "../../src/image/layer.ts";
import { readDocument } from "../../src/image/walk.ts";
import { makeImage } from "./made-image.ts";
import type { MadeFile, MadeImage } from "./made-image-spec.ts";

const FILES: Readonly<Record<string, MadeFile>> = {
  app: { elf: { machine: "amd64", interpreter: "/lib64/ld-linux-x86-64.so.2", needed: ["libc.so.6"] } },
  "etc/os-release": "ID=debian\n",
  bin: { link: "usr/bin" },
  twin: { hardlink: "app" },
  old: { whiteout: true },
  opt: { opaque: true },
  tmp: { folder: true, mode: 0o1777 },
  null: { char: [1, 3] },
  pipe: { fifo: true },
  "a.jar": { zip: { "META-INF/x": "y", "z.so": { elf: { machine: "arm64" } } } },
  "a.tgz": { tgz: { a: "b" } },
  large: { size: 300_000 },
  noise: { noise: 1000, xattrs: { "user.a": "AAEC" }, uid: 5, gid: 6, mtime: 7 },
};
const of = (more: Partial<MadeImage> = {}, compression: "none" | "gzip" | "gzip-members" | "zstd" = "none"): MadeImage => ({
  platforms: { "linux/amd64": { layers: [{ files: FILES, compression }], attestation: true }, "linux/arm64": { layers: [{ files: FILES, compression }] } },
  ...more,
});
const breaches = async (spec: MadeImage): Promise<readonly string[]> => {
  const made = await makeImage(spec);
  return (await invariantsOf(made.blobs, made.root)).map(({ where }) => where);
};

describe("a made image is sound", () => {
  test.for([
    ["as it comes", of()],
    ["Docker's form", of({ form: "docker" }, "gzip")],
    ["gzip of several members", of({}, "gzip-members")],
    ["zstd", of({}, "zstd")],
    ["without an index", { platforms: { "linux/amd64": { layers: [{ files: FILES }] } }, bare: true }],
    ["an index in an index", of({ nested: ["linux/arm64"] })],
    [
      "an artifact beside it",
      of({ artifacts: [{ artifactType: "application/x", subject: "linux/amd64", layers: [{ mediaType: "text/plain", text: "hello" }] }] }),
    ],
    ["without layers", { platforms: { "linux/amd64": {} } }],
    ["edited throughout", of({ edits: [{ document: "linux/amd64 config", set: { author: "me" }, remove: ["history"] }] })],
    ["with more bytes", of({ edits: [{ document: "index", append: "\n" }] })],
  ] as const)("%s", async ([, spec]) => {
    expect(await breaches(spec)).toEqual([]);
  });
});

describe("a made image is broken where that is told, and nowhere else", () => {
  test.for([
    ["a size", of({ edits: [{ document: "linux/amd64 manifest", set: { "layers.0.size": 5 } }] }), ["manifests[0] linux/amd64 layers[0]"]],
    ["a platform", of({ edits: [{ document: "linux/arm64 config", set: { "/architecture": "amd64" } }] }), ["manifests[1] linux/arm64 config"]],
    ["a byte", of({ damage: [{ blob: "linux/amd64 config", flip: 3 }] }), ["manifests[0] linux/amd64 config"]],
    ["an end", of({ damage: [{ blob: "index", truncate: 9 }] }), [""]],
    ["a blob", of({ damage: [{ blob: "linux/amd64 attestation", remove: true }] }), ["manifests[2] unknown/unknown"]],
    ["no JSON", of({ edits: [{ document: "linux/arm64 manifest", text: "no JSON" }] }), ["manifests[1] linux/arm64"]],
    ["a diff_id", { platforms: { "linux/amd64": { layers: [{ files: FILES, diffId: `sha256:${"0".repeat(64)}` }] } } }, ["manifests[0] linux/amd64 layers[0]"]],
    ["no archive", { platforms: { "linux/amd64": { layers: [{ raw: { text: "no tar" } }] } } }, ["manifests[0] linux/amd64 layers[0]"]],
    ["no layer", { platforms: { "linux/amd64": { layers: [{ files: FILES, absent: true }] } } }, ["manifests[0] linux/amd64 layers[0]"]],
  ] as const)("%s", async ([, spec, wanted]) => {
    expect(await breaches(spec)).toEqual(wanted);
  });
});

test("layers hold what is told", async () => {
  const made = await makeImage(of());
  const { entries } = await indexLayer(made.blobs, made.of["linux/amd64"]?.layers[0] as NonNullable<typeof made.root>);
  const shown = entries.map(({ path, type, mode, uid, gid, mtime, link, device }) =>
    [path, type, mode.toString(8), uid, gid, mtime, link ?? "", device?.minor ?? ""].join(" "),
  );
  expect(shown.map((line) => line.replace(" 1767225600", "").replace(" 0 0", "").trim())).toEqual([
    "app file 755",
    "etc/os-release file 644",
    "bin symlink 777 usr/bin",
    "twin hardlink 644 app",
    ".wh.old file 644",
    "opt/.wh..wh..opq file 644",
    "tmp directory 1777",
    "null char 644  3",
    "pipe fifo 644",
    "a.jar file 644",
    "a.tgz file 644",
    "large file 644",
    "noise file 644 5 6 7",
  ]);
});

test("an index's entries, annotations and the root are as told", async () => {
  const made = await makeImage({
    platforms: { "linux/arm/v7": { entry: { annotations: { a: "b" }, platform: null } }, "linux/arm/v7#2": {} },
    annotations: { c: "d" },
    edits: [{ document: "root", set: { mediaType: MEDIA_TYPE.dockerIndex } }],
  });
  expect(made.root.mediaType).toBe(MEDIA_TYPE.dockerIndex);
  expect((await readDocument(made.blobs, { ...made.root, mediaType: MEDIA_TYPE.ociIndex })).value).toMatchObject({
    annotations: { c: "d" },
    manifests: [{ annotations: { a: "b" } }, { platform: { architecture: "arm", variant: "v7" } }],
  });
});

describe("what would test nothing is refused", () => {
  test.for([
    ["an unknown key of a layer", { platforms: { "linux/amd64": { layers: [{ file: {} }] } } }, "the image, linux/amd64, layer 1: file means nothing here"],
    ["an unknown key of a file", { platforms: { "linux/amd64": { layers: [{ files: { a: { txt: "x" } } }] } } }, "layer 1, a: txt means nothing here"],
    ["an edit of nothing", of({ edits: [{ document: "linux/s390x config" }] }), "edits: there is no linux/s390x config"],
    ["damage of nothing", of({ damage: [{ blob: "linux/amd64 layer 2", flip: 0 }] }), "damage: there is no linux/amd64 layer 2"],
    ["damage without a kind", of({ damage: [{ blob: "index" }] }), "damage: say which byte to flip"],
    ["a bare image of two platforms", of({ bare: true }), "a bare image is of one platform"],
  ] as const)("%s", async ([, spec, said]) => {
    await expect(makeImage(spec as MadeImage)).rejects.toThrow(said);
  });
});
