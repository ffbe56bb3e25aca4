import { describe, expect, test } from "vitest";
import { digestOf } from "../core/digest.ts";
import { MEDIA_TYPE } from "../core/media-type.ts";
import { isProblem } from "../core/problem.ts";
import { encodeConfig, encodeIndex, encodeManifest } from "./encode.ts";
import { parseConfig, parseDocument, parseIndex, parseManifest } from "./parse.ts";

const digest = digestOf("content");
const config = { mediaType: MEDIA_TYPE.ociConfig, digest, size: 7 };
const layer = { mediaType: MEDIA_TYPE.ociLayerGzip, digest, size: 9 };
const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function problemOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isProblem(error)) return `${error.code}: ${error.message.replace(/sha256:[a-f0-9]{64}/g, "…")}`;
    throw error;
  }
  return "none";
}

describe("reading manifests", () => {
  test("an OCI manifest, its bytes kept", () => {
    const bytes = bytesOf({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers: [layer], unknown: { kept: true }, annotations: { a: "b" } });
    const document = parseManifest(bytes);
    expect(document.bytes).toBe(bytes);
    expect(document.descriptor).toEqual({ mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(bytes), size: bytes.length });
    expect(document.value).toEqual({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers: [layer], annotations: { a: "b" } });
  });
  test("a missing media type comes from the registry", () =>
    expect(parseManifest(bytesOf({ schemaVersion: 2, config, layers: [] }), MEDIA_TYPE.dockerManifest).descriptor.mediaType).toBe(MEDIA_TYPE.dockerManifest));
  test("a missing media type comes from the config's", () => {
    expect(parseManifest(bytesOf({ schemaVersion: 2, config, layers: [] }), "application/json").value.mediaType).toBe(MEDIA_TYPE.ociManifest);
    expect(parseManifest(bytesOf({ schemaVersion: 2, config: { ...config, mediaType: MEDIA_TYPE.dockerConfig }, layers: [] })).value.mediaType).toBe(
      MEDIA_TYPE.dockerManifest,
    );
  });
  test("null is absent, as Go writes it", () =>
    expect(parseManifest(bytesOf({ schemaVersion: 2, config: { ...config, annotations: null }, layers: null, annotations: null })).value).toEqual({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      config,
      layers: [],
    }));
  test("a Docker manifest list, platforms normalized", () => {
    const child = { mediaType: MEDIA_TYPE.dockerManifest, digest, size: 5, platform: { os: "linux", architecture: "arm64", variant: "v8" } };
    const index = parseIndex(bytesOf({ schemaVersion: 2, mediaType: MEDIA_TYPE.dockerIndex, manifests: [child] }));
    expect(index.value.manifests[0]?.platform).toEqual({ os: "linux", architecture: "arm64" });
  });
  test("either kind is told by its content", () => {
    expect(parseDocument(bytesOf({ schemaVersion: 2, manifests: [] })).kind).toBe("index");
    expect(parseDocument(bytesOf({ schemaVersion: 2, config, layers: [] })).kind).toBe("manifest");
  });

  const deep = `${'{"a":'.repeat(100)}1${"}".repeat(100)}`;
  const bad: Record<string, { bytes: Uint8Array; says: string; type?: string }> = {
    "no JSON": { bytes: Buffer.from("<html>"), says: "manifest-invalid: manifest … is not JSON" },
    truncated: { bytes: bytesOf({ schemaVersion: 2, config, layers: [layer] }).subarray(0, -20), says: "manifest-invalid: manifest … is not JSON" },
    "a list": { bytes: bytesOf([]), says: "manifest-invalid: manifest … is a list, wanted an object" },
    "more than 4 MiB": { bytes: Buffer.alloc(4 * 1024 * 1024 + 1, " "), says: "limit-exceeded: manifest … has 4194305 bytes, at most 4194304" },
    "nested too deep": { bytes: Buffer.from(deep), says: "limit-exceeded: manifest … is nested deeper than 64" },
    "brackets in strings are not depth": {
      bytes: bytesOf({ schemaVersion: 3, x: `\\"${"[".repeat(500)}` }),
      says: 'manifest-invalid: manifest …: "schemaVersion" is 3, wanted 2',
    },
    "schema 1": { bytes: bytesOf({ schemaVersion: 1, fsLayers: [] }), says: "manifest-invalid: manifest … is of Docker's schema 1" },
    "schema 1 by its type": {
      bytes: bytesOf({ schemaVersion: 2, mediaType: "application/vnd.docker.distribution.manifest.v1+prettyjws" }),
      says: "manifest-invalid: manifest … is of Docker's schema 1",
    },
    "no schema": { bytes: bytesOf({ config, layers: [] }), says: 'manifest-invalid: manifest …: "schemaVersion" is missing, wanted 2' },
    "an unknown type": {
      bytes: bytesOf({ schemaVersion: 2, mediaType: "text/html", config, layers: [] }),
      says: 'manifest-invalid: manifest …: "mediaType" is "text/html"',
    },
    "both kinds at once": {
      bytes: bytesOf({ schemaVersion: 2, manifests: [], config, layers: [] }),
      says: 'manifest-invalid: manifest … has both "manifests" and "layers"',
    },
    "neither kind": { bytes: bytesOf({ schemaVersion: 2 }), says: "manifest-invalid: manifest … has neither" },
    "an index that says it is a manifest": {
      bytes: bytesOf({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, manifests: [] }),
      says: "manifest-invalid: manifest … is told to be application/vnd.oci.image.manifest.v1+json, its content is an index",
    },
    "a manifest that the registry calls an index": {
      bytes: bytesOf({ schemaVersion: 2, config, layers: [] }),
      type: MEDIA_TYPE.ociIndex,
      says: "manifest-invalid: manifest … is told to be application/vnd.oci.image.index.v1+json, its content is an image manifest",
    },
    "layers that are no list": {
      bytes: bytesOf({ schemaVersion: 2, config, layers: {} }),
      says: 'manifest-invalid: manifest …: "layers" is an object, wanted a list',
    },
    "a layer that is no object": {
      bytes: bytesOf({ schemaVersion: 2, config, layers: ["x"] }),
      says: "manifest-invalid: manifest … layers[0] is a string, wanted a descriptor",
    },
    "a digest of another form": {
      bytes: bytesOf({ schemaVersion: 2, config, layers: [layer, { ...layer, digest: "../../etc/passwd" }] }),
      says: 'manifest-invalid: manifest … layers[1]: "digest" is "../../etc/passwd"',
    },
    "a negative size": {
      bytes: bytesOf({ schemaVersion: 2, config: { ...config, size: -1 }, layers: [] }),
      says: 'manifest-invalid: manifest … config: "size" is -1',
    },
    "a size with a fraction": {
      bytes: bytesOf({ schemaVersion: 2, config: { ...config, size: 1.5 }, layers: [] }),
      says: 'manifest-invalid: manifest … config: "size" is 1.5',
    },
    "a size beyond counting": {
      bytes: bytesOf({ schemaVersion: 2, config: { ...config, size: 1e300 }, layers: [] }),
      says: 'manifest-invalid: manifest … config: "size" is 1e+300',
    },
    "no size": {
      bytes: bytesOf({ schemaVersion: 2, config: { ...config, size: undefined }, layers: [] }),
      says: 'manifest-invalid: manifest … config: "size" is missing',
    },
    "annotations that are numbers": {
      bytes: bytesOf({ schemaVersion: 2, config, layers: [], annotations: { a: 1 } }),
      says: 'manifest-invalid: manifest …: "annotations" is an object, wanted an object of strings',
    },
    "too many layers": {
      bytes: bytesOf({ schemaVersion: 2, config, layers: Array.from({ length: 1001 }, () => layer) }),
      says: 'limit-exceeded: manifest …: "layers" has 1001 members, at most 1000',
    },
  };
  for (const [what, { bytes, says, type }] of Object.entries(bad))
    test(`refused: ${what}`, () => expect(problemOf(() => parseDocument(bytes, type))).toContain(says));
  test("an index where a manifest is wanted, and the other way", () => {
    expect(problemOf(() => parseManifest(bytesOf({ schemaVersion: 2, manifests: [] })))).toContain("is an index, wanted an image manifest");
    expect(problemOf(() => parseIndex(bytesOf({ schemaVersion: 2, config, layers: [] })))).toContain("is an image manifest, wanted an index");
  });
});

describe("reading configs", () => {
  const image = { architecture: "arm64", os: "linux", rootfs: { type: "layers", diff_ids: [digest] } };
  test("nulls are absent, unknown fields are kept", () => {
    expect(parseConfig(bytesOf({ ...image, history: null, container: "abc", config: { Cmd: ["sh"], Entrypoint: null, Domainname: "" } }))).toEqual({
      ...image,
      container: "abc",
      config: { Cmd: ["sh"], Domainname: "" },
    });
  });
  test("diff_ids that are null are none", () =>
    expect(parseConfig(bytesOf({ ...image, rootfs: { type: "layers", diff_ids: null } })).rootfs.diff_ids).toEqual([]));

  const bad: Record<string, { value: unknown; says: string }> = {
    "no architecture": { value: { ...image, architecture: undefined }, says: '"architecture" is missing, wanted a string' },
    "no rootfs": { value: { ...image, rootfs: undefined }, says: '"rootfs" is missing' },
    "a diff_id of another form": {
      value: { ...image, rootfs: { type: "layers", diff_ids: ["sha256:12"] } },
      says: '"diff_ids" is a list, wanted a list of digests',
    },
    "another rootfs": { value: { ...image, rootfs: { type: "zip" } }, says: '"type" is "zip", wanted "layers"' },
    "a command that is a string": { value: { ...image, config: { Cmd: "sh" } }, says: '"Cmd" is "sh", wanted a list' },
    "a variable that is a number": { value: { ...image, config: { Env: [1] } }, says: '"Env" is a list, wanted a list of strings' },
    "labels that are a list": { value: { ...image, config: { Labels: ["a"] } }, says: '"Labels" is a list, wanted an object' },
    "a history of strings": { value: { ...image, history: ["a"] }, says: '"history[0]" is "a", wanted an object' },
    "an empty_layer that is a string": { value: { ...image, history: [{ empty_layer: "yes" }] }, says: '"empty_layer" is "yes", wanted true or false' },
    "an interval that is a string": { value: { ...image, config: { Healthcheck: { Interval: "3s" } } }, says: '"Interval" is "3s", wanted a number' },
  };
  for (const [what, { value, says }] of Object.entries(bad))
    test(`refused: ${what}`, () => expect(problemOf(() => parseConfig(bytesOf(value)))).toContain(says));
});

describe("writing", () => {
  test("a manifest has BuildKit's fields, order and indent", () => {
    const { bytes, descriptor } = encodeManifest({
      annotations: { b: "<2>", a: "1" },
      layers: [{ size: 9, digest, mediaType: MEDIA_TYPE.ociLayerGzip, annotations: {} }],
      config,
      mediaType: MEDIA_TYPE.ociManifest,
      schemaVersion: 2,
    });
    expect(Buffer.from(bytes).toString()).toBe(`{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "config": {
    "mediaType": "application/vnd.oci.image.config.v1+json",
    "digest": "${digest}",
    "size": 7
  },
  "layers": [
    {
      "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
      "digest": "${digest}",
      "size": 9
    }
  ],
  "annotations": {
    "a": "1",
    "b": "\\u003c2\\u003e"
  }
}`);
    expect(descriptor).toEqual({ mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(bytes), size: bytes.length });
  });

  test("an index tells a platform's architecture first", () => {
    const { bytes } = encodeIndex({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociIndex,
      manifests: [{ mediaType: MEDIA_TYPE.ociManifest, digest, size: 5, platform: { os: "linux", architecture: "arm", variant: "v7" } }],
    });
    expect(Buffer.from(bytes).toString().replace(/\s+/g, "")).toContain('"platform":{"architecture":"arm","os":"linux","variant":"v7"}');
  });

  test("a config is compact, its top sorted, its parts in Go's order, empty ones left out", () => {
    const bytes = encodeConfig({
      rootfs: { type: "layers", diff_ids: [digest] },
      os: "linux",
      history: [{ comment: "c", created_by: "RUN a && b", created: "2020-01-01T00:00:00Z", empty_layer: false }],
      created: "2020-01-01T00:00:00Z",
      config: {
        Shell: [],
        Labels: { z: "1", a: "2" },
        WorkingDir: "/",
        Env: ["A=1"],
        Cmd: null,
        User: "",
        Healthcheck: { Retries: 3, Test: ["NONE"], Interval: 0 },
      },
      architecture: "amd64",
    });
    expect(Buffer.from(bytes).toString()).toBe(
      `{"architecture":"amd64","config":{"Env":["A=1"],"WorkingDir":"/","Labels":{"a":"2","z":"1"},"Healthcheck":{"Test":["NONE"],"Retries":3}},` +
        `"created":"2020-01-01T00:00:00Z","history":[{"created":"2020-01-01T00:00:00Z","created_by":"RUN a \\u0026\\u0026 b","comment":"c"}],` +
        `"os":"linux","rootfs":{"type":"layers","diff_ids":["${digest}"]}}`,
    );
    expect(parseConfig(bytes).config).toEqual({ Env: ["A=1"], WorkingDir: "/", Labels: { a: "2", z: "1" }, Healthcheck: { Test: ["NONE"], Retries: 3 } });
  });

  test("what is written is read back", () => {
    const index = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.dockerIndex,
      manifests: [{ mediaType: MEDIA_TYPE.dockerManifest, digest, size: 5, platform: { os: "linux", architecture: "amd64" } }],
    } as const;
    expect(parseIndex(encodeIndex(index).bytes).value).toEqual(index);
    const manifest = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      artifactType: "a/b",
      config,
      layers: [layer],
      subject: layer,
      annotations: { k: "<&>\u2028" },
    } as const;
    expect(parseManifest(encodeManifest(manifest).bytes).value).toEqual(manifest);
  });
});
