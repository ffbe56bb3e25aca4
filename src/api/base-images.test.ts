import { describe, expect, test } from "vitest";
import { madeStudy, textsOf, withBuild } from "../../test/harness/made-study.ts";
import { memoryFiles } from "../adapters/memory/repository-files.ts";
import { digestOf } from "../core/digest.ts";
import { MEDIA_TYPE } from "../core/media-type.ts";
import { formatPlatform } from "../core/platform.ts";
import { ProblemError } from "../core/problem.ts";
import { formatReference } from "../core/reference.ts";
import { stableJson } from "../core/stable-json.ts";
import type { BlobReader } from "../image/blob-store.ts";
import { describe as descriptorOf } from "../image/descriptor.ts";
import type { RegistryClient } from "../registry/client/client.ts";
import { dockerfileUses } from "../rules/dockerfile-use.ts";
import { createReaders } from "../simulate/create-readers.ts";
import { lookUpBaseImages } from "./base-images.ts";

const json = (value: object): Uint8Array => Buffer.from(stableJson(value));
const configOf = (architecture: string, os = "linux"): Uint8Array => json({ architecture, os, rootfs: { type: "layers", diff_ids: [] } });
const manifestOf = (config: Uint8Array, mediaType: string = MEDIA_TYPE.ociConfig): Uint8Array =>
  json({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: descriptorOf(mediaType, config), layers: [] });
const AMD64 = manifestOf(configOf("amd64"));
const ARM64 = manifestOf(configOf("arm64"));
const entry = (bytes: Uint8Array, more: object = {}): object => ({ ...descriptorOf(MEDIA_TYPE.ociManifest, bytes), ...more });
const indexOf = (...manifests: readonly object[]): Uint8Array => json({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests });
const linux = (architecture: string): object => ({ platform: { os: "linux", architecture } });
const BOTH = indexOf(entry(AMD64, linux("amd64")), entry(ARM64, linux("arm64")));

type Answer = Uint8Array | "never" | ProblemError;

/** A registry that has these, by full name. */
function clientOf(images: Readonly<Record<string, Answer>>): Pick<RegistryClient, "manifest" | "blobs"> & { readonly asked: string[] } {
  const configs = new Map([configOf("amd64"), configOf("arm64"), json({})].map((config) => [digestOf(config), config]));
  const blobs: BlobReader = {
    stat: async (digest) => configs.get(digest)?.byteLength,
    async *open(digest) {
      yield configs.get(digest) as Uint8Array;
    },
  };
  const asked: string[] = [];
  return {
    asked,
    blobs: () => blobs,
    async manifest(reference, options) {
      const name = formatReference(reference);
      asked.push(name);
      const { [name]: answer = new ProblemError("registry-not-found", { message: `"${name}" is not there` }) } = images;
      if (answer === "never") {
        return await new Promise((_, reject) => {
          options?.signal?.addEventListener("abort", () => reject(options.signal?.reason), { once: true });
        });
      }
      if (answer instanceof ProblemError) throw answer;
      const { mediaType } = JSON.parse(Buffer.from(answer).toString()) as { mediaType: string };
      return { mediaType, digest: digestOf(answer), bytes: answer };
    },
  };
}

function surveyOf(dockerfile: string, tags = textsOf("team/app:1")) {
  const workflow = "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo\n";
  const study = withBuild(madeStudy(workflow, { build: [{ scenario: "push main" }] }), { platforms: textsOf("linux/amd64", "linux/arm64"), tags });
  return { study, uses: dockerfileUses(study, createReaders(memoryFiles({ Dockerfile: dockerfile }))) };
}

describe("what a name means", () => {
  const base = "docker.io/team/base:1";
  const pinned = (bytes: Uint8Array): string => `${base}@${digestOf(bytes)}`;
  const cases: Record<string, { from?: string; has: Readonly<Record<string, Answer>>; is: Readonly<Record<string, string>> }> = {
    "an index": { has: { [base]: BOTH }, is: { [base]: "index linux/amd64 linux/arm64" } },
    "an index with attestations": {
      has: {
        [base]: indexOf(
          entry(AMD64, linux("amd64")),
          entry(ARM64, { platform: { os: "unknown", architecture: "unknown" } }),
          entry(ARM64, { annotations: { "vnd.docker.reference.type": "attestation-manifest" } }),
        ),
      },
      is: { [base]: "index linux/amd64" },
    },
    "an index with an entry that tells nothing": {
      has: { [base]: indexOf(entry(AMD64, linux("amd64")), entry(ARM64)) },
      is: { [base]: "index linux/amd64 open" },
    },
    "an index within an index": {
      has: { [base]: indexOf({ ...descriptorOf(MEDIA_TYPE.ociIndex, BOTH), ...linux("arm64") }) },
      is: { [base]: "index linux/arm64" },
    },
    "an image": { has: { [base]: ARM64 }, is: { [base]: "image linux/arm64" } },
    "an image whose config tells nothing": { has: { [base]: manifestOf(json({}), MEDIA_TYPE.ociConfig) }, is: {} },
    "what is not there": { has: {}, is: {} },
    "the digest of an index": { from: pinned(BOTH), has: { [pinned(BOTH)]: BOTH }, is: { [pinned(BOTH)]: "index linux/amd64 linux/arm64" } },
    "a digest without a tag": {
      from: `team/base@${digestOf(AMD64)}`,
      has: { [`docker.io/team/base@${digestOf(AMD64)}`]: AMD64 },
      is: { [`docker.io/team/base@${digestOf(AMD64)}`]: "image linux/amd64" },
    },
    "the digest of an image that the tag's index holds": {
      from: pinned(AMD64),
      has: { [pinned(AMD64)]: AMD64, [base]: BOTH },
      is: { [pinned(AMD64)]: `image linux/amd64, tag has it`, [pinned(BOTH)]: "index linux/amd64 linux/arm64" },
    },
    "the digest of an image that the tag has left": {
      from: pinned(AMD64),
      has: { [pinned(AMD64)]: AMD64, [base]: indexOf(entry(ARM64, linux("arm64"))) },
      is: { [pinned(AMD64)]: "image linux/amd64, tag has another", [pinned(indexOf(entry(ARM64, linux("arm64"))))]: "index linux/arm64" },
    },
    "the digest of an image that the tag names itself": {
      from: pinned(AMD64),
      has: { [pinned(AMD64)]: AMD64, [base]: AMD64 },
      is: { [pinned(AMD64)]: "image linux/amd64" },
    },
    "the digest of an image whose tag is gone": { from: pinned(AMD64), has: { [pinned(AMD64)]: AMD64 }, is: { [pinned(AMD64)]: "image linux/amd64" } },
  };
  for (const [name, { from = "team/base:1", has, is }] of Object.entries(cases)) {
    test(name, async () => {
      const { images } = await lookUpBaseImages(surveyOf(`FROM ${from}\n`), clientOf(has));
      const shown = [...images].map(([key, image]): [string, string] => {
        if (image.kind === "index") return [key, `index ${image.platforms.map(formatPlatform).join(" ")}${image.open ? " open" : ""}`];
        const tag = image.tagged === undefined ? "" : `, tag has ${image.tagged.holdsIt ? "it" : "another"}`;
        return [key, `image ${formatPlatform(image.platform)}${tag}`];
      });
      expect(Object.fromEntries(shown)).toEqual(is);
    });
  }
});

describe("what is asked", () => {
  const asked = async (dockerfile: string, tags?: ReturnType<typeof textsOf>): Promise<readonly string[]> => {
    const client = clientOf({});
    await lookUpBaseImages(surveyOf(dockerfile, tags), client);
    return client.asked;
  };
  test("each image once", async () =>
    expect(await asked("FROM a AS x\nFROM a\nCOPY --from=x / /\nCOPY --from=b / /\n")).toEqual(["docker.io/library/a:latest", "docker.io/library/b:latest"]));
  test("not what the repository makes", async () => expect(await asked("FROM team/base:1\n", textsOf("team/base:1"))).toEqual([]));
  test("not the runner's own registry", async () => expect(await asked("FROM localhost:5000/base\n")).toEqual([]));
});

describe("what cannot be had is told, and the rest is there", () => {
  const FILE = "FROM a\nCOPY --from=b / /\n";
  const [a, b] = ["docker.io/library/a:latest", "docker.io/library/b:latest"];
  test("what the registry says", async () => {
    const { images, unreached } = await lookUpBaseImages(surveyOf(FILE), clientOf({ [a]: BOTH }));
    expect([[...images.keys()], unreached]).toEqual([[a], [{ image: b, why: `"${b}" is not there` }]]);
  });
  test("a registry on loopback", async () => {
    const { unreached } = await lookUpBaseImages(surveyOf("FROM localhost:5000/base\n"), clientOf({}));
    expect(unreached).toEqual([{ image: "localhost:5000/base:latest", why: '"localhost:5000" is the runner\'s own registry' }]);
  });
  test("one that never answers", async () => {
    const { images, unreached } = await lookUpBaseImages(surveyOf(FILE), clientOf({ [a]: BOTH, [b]: "never" }), { longestMs: 50 });
    expect([[...images.keys()], unreached]).toEqual([[a], [{ image: b, why: "there was no answer within 0.05 s" }]]);
  });
  test("but not that somebody stopped us", async () => {
    const stop = new AbortController();
    const looking = lookUpBaseImages(surveyOf(FILE), clientOf({ [a]: "never", [b]: "never" }), { signal: stop.signal });
    stop.abort(new ProblemError("interrupted", { message: "stopped" }));
    await expect(looking).rejects.toMatchObject({ code: "interrupted" });
  });
  test("and not what is our own mistake", async () => {
    const client = clientOf({});
    await expect(lookUpBaseImages(surveyOf(FILE), { ...client, manifest: () => Promise.reject(new TypeError("no")) })).rejects.toThrow(TypeError);
  });
});

test("an image that a workflow may make is asked, and not sure", async () => {
  const tags = { ...textsOf("x"), items: [{ parts: ["ghcr.io/", { source: "github.repository", atoms: [] }], place: textsOf("x").items[0]?.place as never }] };
  const { images } = await lookUpBaseImages(surveyOf("FROM ghcr.io/a/b\n", tags), clientOf({ "ghcr.io/a/b:latest": BOTH }));
  expect(images.get("ghcr.io/a/b:latest")?.sure).toBe(false);
});
