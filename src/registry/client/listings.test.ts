import { describe, expect, test } from "vitest";
import { checkedScripts, type Step } from "../../../test/harness/scripted-transport.ts";
import { digestOf } from "../../core/digest.ts";
import { MEDIA_TYPE } from "../../core/media-type.ts";

const place = { registry: "reg.test", repository: "a" };
const V2 = "https://reg.test/v2/a";
const TAGS = `GET ${V2}/tags/list?n=1000`;

const scripted = checkedScripts();
const run = (steps: Step[]) => scripted(steps).client;
const next = (to: string) => ({ link: `<${to}>; rel="next"` });

describe("tags", () => {
  const cases: Record<string, { steps: Step[]; tags: string[] }> = {
    "in one page": { steps: [{ ask: TAGS, give: '{"name":"a","tags":["x","y"]}' }], tags: ["x", "y"] },
    "in several": {
      steps: [
        { ask: TAGS, give: '{"tags":["x"]}', headers: next("/v2/a/tags/list?n=1&last=x") },
        { ask: `GET ${V2}/tags/list?n=1&last=x`, give: '{"tags":["y"]}', headers: next("list?n=1&last=y") },
        { ask: `GET ${V2}/tags/list?n=1&last=y`, give: '{"tags":["z"]}' },
      ],
      tags: ["x", "y", "z"],
    },
    "with a proxy that says http": {
      steps: [
        { ask: TAGS, give: '{"tags":[]}', headers: next("http://reg.test/v2/a/tags/list?last=x") },
        { ask: `GET ${V2}/tags/list?last=x`, give: '{"tags":["y"]}' },
      ],
      tags: ["y"],
    },
    none: { steps: [{ ask: TAGS, give: '{"tags":null}' }], tags: [] },
  };
  test.each(Object.entries(cases))("%s", async (_, { steps, tags }) => expect(await run(steps).tags(place)).toEqual(tags));

  const refused: Record<string, { steps: Step[]; code: string; says: RegExp }> = {
    "a next page elsewhere": {
      steps: [{ ask: TAGS, give: '{"tags":[]}', headers: next("https://evil.test/x") }],
      code: "registry-status",
      says: /another host/,
    },
    "a next page on another port": {
      steps: [{ ask: TAGS, give: '{"tags":[]}', headers: next("https://reg.test:444/x") }],
      code: "registry-status",
      says: /another host/,
    },
    "a page that leads to itself": {
      steps: [{ ask: TAGS, give: '{"tags":[]}', headers: next("/v2/a/tags/list?n=1000") }],
      code: "registry-status",
      says: /there before/,
    },
    "tags that are none": { steps: [{ ask: TAGS, give: '{"tags":[1]}' }], code: "registry-status", says: /no list of texts/ },
    "no JSON": { steps: [{ ask: TAGS, give: "<html>x" }], code: "registry-status", says: /"a web page, x" where a JSON object was wanted/ },
    "no end": {
      steps: Array.from({ length: 1000 }, (_, i) => ({
        ask: i === 0 ? TAGS : `GET ${V2}/tags/list?last=${i}`,
        give: "{}",
        headers: next(`/v2/a/tags/list?last=${i + 1}`),
      })),
      code: "limit-exceeded",
      says: /more than 1000 pages/,
    },
  };
  test.each(Object.entries(refused))("%s is refused", async (_, { steps, code, says }) => {
    await expect(run(steps).tags(place)).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
  });
});

const SUBJECT = digestOf("subject");
const referrer = (name: string) => ({ mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(name), size: 7, artifactType: `application/${name}` });
const [sbom, signature] = [referrer("sbom"), referrer("signature")];
const indexOf = (...manifests: unknown[]) => JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests });
const ASK = `GET ${V2}/referrers/${SUBJECT}`;
const TAG = `${V2}/manifests/${SUBJECT.replace(":", "-")}`;
const index = { "content-type": MEDIA_TYPE.ociIndex };

describe("referrers", () => {
  const cases: Record<string, { steps: Step[]; artifactType?: string; found: unknown[] }> = {
    "by the API": { steps: [{ ask: ASK, headers: index, give: indexOf(sbom, signature) }], found: [sbom, signature] },
    "in pages": {
      steps: [
        { ask: ASK, headers: { ...index, ...next("?p=2") }, give: indexOf(sbom) },
        { ask: `${ASK}?p=2`, headers: index, give: indexOf(signature) },
      ],
      found: [sbom, signature],
    },
    "of one type, where the registry filters": {
      artifactType: "application/sbom",
      steps: [{ ask: `${ASK}?artifactType=application%2Fsbom`, headers: { ...index, "oci-filters-applied": "artifactType" }, give: indexOf(sbom) }],
      found: [sbom],
    },
    "of one type, where it does not": {
      artifactType: "application/sbom",
      steps: [{ ask: `${ASK}?artifactType=application%2Fsbom`, headers: index, give: indexOf(sbom, signature) }],
      found: [sbom],
    },
    "by the tag scheme": {
      steps: [
        { ask: ASK, status: 404 },
        { ask: `GET ${TAG}`, headers: index, give: indexOf(sbom) },
      ],
      found: [sbom],
    },
    "by the tag scheme, where the API is a web page": {
      steps: [
        { ask: ASK, headers: { "content-type": "text/html" }, give: "<html>" },
        { ask: `GET ${TAG}`, headers: index, give: indexOf(sbom) },
      ],
      found: [sbom],
    },
    none: {
      steps: [
        { ask: ASK, status: 404 },
        { ask: `GET ${TAG}`, status: 404 },
      ],
      found: [],
    },
    "but for broken ones": { steps: [{ ask: ASK, headers: index, give: indexOf(sbom, { digest: "x" }, null, { ...sbom, size: -1 }) }], found: [sbom] },
  };
  test.each(Object.entries(cases))("%s", async (_, { steps, artifactType, found }) => {
    expect(await run(steps).referrers(place, SUBJECT, artifactType === undefined ? {} : { artifactType })).toEqual(found);
  });

  test("a refusal is no absence", async () => {
    await expect(run([{ ask: ASK, status: 403 }]).referrers(place, SUBJECT)).rejects.toMatchObject({ code: "registry-denied" });
  });
});

describe("a manifest with a subject", () => {
  const text = JSON.stringify({ schemaVersion: 2, config: { mediaType: "application/sbom" }, subject: { digest: SUBJECT }, annotations: { a: "b" } });
  const mine = { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(text), size: text.length, annotations: { a: "b" }, artifactType: "application/sbom" };
  const put = (headers = {}): Step => ({ ask: `PUT ${V2}/manifests/${digestOf(text)}`, status: 201, headers });
  const push = (steps: Step[]) => run(steps).putManifest({ ...place, digest: digestOf(text) }, MEDIA_TYPE.ociManifest, Buffer.from(text));

  test("is listed by a registry that says so", () => push([put({ "oci-subject": SUBJECT })]));
  test("is listed by us where it does not", () =>
    push([
      put(),
      { ask: `GET ${TAG}`, headers: index, give: indexOf(signature) },
      {
        ask: `PUT ${TAG}`,
        with: { "content-type": MEDIA_TYPE.ociIndex },
        body: JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [signature, mine] }),
        status: 201,
      },
    ]));
  test("is listed first where nothing was", () =>
    push([
      put(),
      { ask: `GET ${TAG}`, status: 404 },
      { ask: `PUT ${TAG}`, body: JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [mine] }), status: 201 },
    ]));
  test("is listed once", () => push([put(), { ask: `GET ${TAG}`, headers: index, give: indexOf(mine) }]));
});
