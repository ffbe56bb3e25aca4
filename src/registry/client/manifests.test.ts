import { describe, expect, test } from "vitest";
import { checkedScripts, type Step } from "../../../test/harness/scripted-transport.ts";
import { digestOf } from "../../core/digest.ts";
import { MEDIA_TYPE } from "../../core/media-type.ts";
import { parseReference } from "../../core/reference.ts";
import type { RegistryOptions } from "./options.ts";

const TYPE = MEDIA_TYPE.ociIndex;
// Odd spaces: the bytes must come through as they are.
const TEXT = `{ "schemaVersion": 2,\n  "mediaType": "${TYPE}", "manifests": [] }`;
const DIGEST = digestOf(TEXT);
const OTHER = digestOf("other");
const tagged = parseReference("reg.test/a/b:v1");
const pinned = parseReference(`reg.test/a/b@${DIGEST}`);
const BY_TAG = "GET https://reg.test/v2/a/b/manifests/v1";
const BY_DIGEST = `GET https://reg.test/v2/a/b/manifests/${DIGEST}`;
const sound = { headers: { "content-type": TYPE, "docker-content-digest": DIGEST }, give: TEXT };

const scripted = checkedScripts();
const run = (steps: Step[], options: RegistryOptions = {}) => scripted(steps, { options }).client;

describe("a manifest comes as it is", () => {
  const found = { mediaType: TYPE, digest: DIGEST, bytes: Buffer.from(TEXT) };
  const cases: Record<string, { reference?: typeof tagged; steps: Step[]; options?: RegistryOptions }> = {
    "by tag": {
      steps: [
        {
          ask: BY_TAG,
          with: { accept: `${TYPE}, ${MEDIA_TYPE.dockerIndex}, ${MEDIA_TYPE.ociManifest}, ${MEDIA_TYPE.dockerManifest}`, "accept-encoding": "identity" },
          ...sound,
        },
      ],
    },
    "by digest": { reference: pinned, steps: [{ ask: BY_DIGEST, ...sound }] },
    "by digest, where a tag is there too": { reference: { ...pinned, tag: "v1" }, steps: [{ ask: BY_DIGEST, ...sound }] },
    "latest, where nothing is said": {
      reference: { registry: "reg.test", repository: "a/b" },
      steps: [{ ask: "GET https://reg.test/v2/a/b/manifests/latest", ...sound }],
    },
    "from Docker Hub": { reference: parseReference("alpine:3"), steps: [{ ask: "GET https://registry-1.docker.io/v2/library/alpine/manifests/3", ...sound }] },
    "with a parameter in its type": { steps: [{ ask: BY_TAG, give: TEXT, headers: { "content-type": `${TYPE}; charset=utf-8` } }] },
    "sent as JSON": { steps: [{ ask: BY_TAG, give: TEXT, headers: { "content-type": "application/json" } }] },
    "sent without a type": { steps: [{ ask: BY_TAG, give: TEXT }] },
    "from a mirror": { options: { mirrors: { "reg.test": ["m.test"] } }, steps: [{ ask: "GET https://m.test/v2/a/b/manifests/v1?ns=reg.test", ...sound }] },
    "past mirrors that fail": {
      reference: pinned,
      options: { mirrors: { "reg.test": ["m.test", "n.test", "o.test", "p.test"] } },
      steps: [
        { ask: `GET https://m.test/v2/a/b/manifests/${DIGEST}?ns=reg.test`, fail: "refused" },
        { ask: `GET https://n.test/v2/a/b/manifests/${DIGEST}?ns=reg.test`, status: 404 },
        { ask: `GET https://o.test/v2/a/b/manifests/${DIGEST}?ns=reg.test`, status: 503 },
        { ask: `GET https://o.test/v2/a/b/manifests/${DIGEST}?ns=reg.test`, status: 503 },
        { ask: `GET https://p.test/v2/a/b/manifests/${DIGEST}?ns=reg.test`, headers: { "content-type": TYPE }, give: "{}" },
        { ask: BY_DIGEST, ...sound },
      ],
    },
  };
  test.each(Object.entries(cases))("%s", async (_, { reference = tagged, steps, options }) => {
    const got = await run(steps, options).manifest(reference);
    expect({ ...got, bytes: Buffer.from(got.bytes) }).toEqual(found);
  });
});

describe("a manifest is refused", () => {
  const json = { "content-type": TYPE };
  const cases: Record<string, { reference?: typeof tagged; step: Omit<Step, "ask">; code: string; says: RegExp }> = {
    "of another digest than asked for": {
      reference: pinned,
      step: { headers: json, give: '{"schemaVersion":2}' },
      code: "digest-mismatch",
      says: /content of digest sha256:\w+, wanted sha256:/,
    },
    "of another digest than told": { step: { ...sound, headers: { ...json, "docker-content-digest": OTHER } }, code: "digest-mismatch", says: /wanted/ },
    "larger than any": { step: { headers: json, give: Buffer.alloc(4 * 1024 * 1024 + 1, 32) }, code: "limit-exceeded", says: /more than 4194304 bytes/ },
    "a web page": {
      step: { headers: { "content-type": "text/html; charset=utf-8" }, give: "<!doctype html><title>Please log in</title>" },
      code: "registry-status",
      says: /with "a web page, Please log in"$/,
    },
    "a web page that says it is one": {
      step: { headers: json, give: "<html>hello" },
      code: "manifest-invalid",
      says: /with "a web page, hello" where a manifest was wanted$/,
    },
    "no JSON": { step: { headers: json, give: "oops" }, code: "manifest-invalid", says: /"oops" where/ },
    "a JSON list": { step: { headers: json, give: "[]" }, code: "manifest-invalid", says: /"\[\]" where/ },
    empty: { step: { headers: json }, code: "manifest-invalid", says: /with nothing where/ },
    "of two types": {
      step: { headers: { "content-type": MEDIA_TYPE.ociManifest }, give: TEXT },
      code: "manifest-invalid",
      says: /sent as ".*manifest.v1\+json" and calls itself ".*index/,
    },
    "of an unknown type": {
      step: { headers: { "content-type": "application/x" }, give: "{}" },
      code: "manifest-invalid",
      says: /a document of type "application\/x"/,
    },
    "of schema 1": {
      step: { headers: { "content-type": "application/vnd.docker.distribution.manifest.v1+prettyjws" }, give: "{}" },
      code: "manifest-invalid",
      says: /schema 1/,
    },
    "not there": {
      step: { status: 404, give: '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}' },
      code: "registry-not-found",
      says: /MANIFEST_UNKNOWN: manifest unknown/,
    },
  };
  test.each(Object.entries(cases))("%s", async (_, { reference = tagged, step, code, says }) => {
    await expect(run([{ ask: reference === pinned ? BY_DIGEST : BY_TAG, ...step }]).manifest(reference)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(says),
    });
  });
});

describe("a descriptor comes by HEAD", () => {
  const HEAD = BY_TAG.replace("GET", "HEAD");
  const wanted = { mediaType: TYPE, digest: DIGEST, size: TEXT.length };
  const cases: Record<string, { steps: Step[]; wanted: unknown }> = {
    "that tells all": { steps: [{ ask: HEAD, headers: { ...sound.headers, "content-length": String(TEXT.length) } }], wanted },
    "that tells too little": {
      steps: [
        { ask: HEAD, headers: { "content-type": TYPE } },
        { ask: BY_TAG, ...sound },
      ],
      wanted,
    },
    "that is not known": {
      steps: [
        { ask: HEAD, status: 405 },
        { ask: BY_TAG, ...sound },
      ],
      wanted,
    },
    "of what is not there": { steps: [{ ask: HEAD, status: 404 }], wanted: undefined },
  };
  test.each(Object.entries(cases))("%s", async (_, { steps, wanted: answer }) => expect(await run(steps).head(tagged)).toEqual(answer));

  test("or by the words of a GET when it is refused", async () => {
    const steps = [
      { ask: HEAD, status: 403 },
      { ask: BY_TAG, status: 403, give: '{"errors":[{"code":"DENIED"}]}' },
    ];
    await expect(run(steps).head(tagged)).rejects.toMatchObject({ code: "registry-denied", message: expect.stringMatching(/DENIED$/) });
  });
});

describe("a manifest is put", () => {
  const bytes = Buffer.from(TEXT);
  const PUT = "PUT https://reg.test/v2/a/b/manifests/";
  test("under its tag, never to a mirror", async () => {
    await run([{ ask: `${PUT}v1`, with: { "content-type": TYPE }, body: TEXT, status: 201 }], { mirrors: { "reg.test": ["m.test"] } }).putManifest(
      tagged,
      TYPE,
      bytes,
    );
  });
  test("under its digest, and again when the connection breaks", async () => {
    await run([
      { ask: `${PUT}${DIGEST}`, fail: "reset" },
      { ask: `${PUT}${DIGEST}`, body: TEXT, status: 201, headers: { "docker-content-digest": DIGEST } },
    ]).putManifest(pinned, TYPE, bytes);
  });
  test("not under another's digest", async () => {
    await expect(run([]).putManifest({ ...pinned, digest: OTHER }, TYPE, bytes)).rejects.toMatchObject({ code: "digest-mismatch" });
  });
  test("and the registry must have understood it", async () => {
    await expect(run([{ ask: `${PUT}v1`, status: 201, headers: { "docker-content-digest": OTHER } }]).putManifest(tagged, TYPE, bytes)).rejects.toMatchObject({
      code: "digest-mismatch",
    });
  });
  test("not when it is too large", async () => {
    await expect(run([]).putManifest(tagged, TYPE, Buffer.alloc(4 * 1024 * 1024 + 1))).rejects.toMatchObject({ code: "limit-exceeded" });
  });
});
