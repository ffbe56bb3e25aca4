import { describe, expect, test } from "vitest";
import { checkedScripts, type Step } from "../../../test/harness/scripted-transport.ts";
import { digestOf } from "../../core/digest.ts";
import type { Credential } from "./credentials.ts";
import type { RegistryOptions } from "./options.ts";

const TEXT = "0123456789abcdef";
const DIGEST = digestOf(TEXT);
const place = { registry: "reg.test", repository: "a" };
const BLOBS = "https://reg.test/v2/a/blobs/";
const HEAD: Step = { ask: `HEAD ${BLOBS}${DIGEST}`, status: 404 };
const there: Step = { ask: `HEAD ${BLOBS}${DIGEST}`, status: 200, headers: { "content-length": "16" } };
const UPLOADS = `POST ${BLOBS}uploads/`;
const MOUNT = `${UPLOADS}?mount=${DIGEST.replace(":", "%3A")}`;
const at = (path: string, more = {}) => ({ location: `/v2/a/up/${path}`, ...more });
const begun = (path = "1", more = {}): Step => ({ ask: MOUNT, status: 202, headers: at(path, more) });
const restarted = (path: string): Step => ({ ask: UPLOADS, status: 202, headers: at(path) });
const put = (path = "1", more: Partial<Step> = {}): Step => ({
  ask: `PUT https://reg.test/v2/a/up/${path}?digest=${DIGEST.replace(":", "%3A")}`,
  status: 201,
  ...more,
});
const patch = (path: string, from: number, to: number, more: Partial<Step> = {}): Step => ({
  ask: `PATCH https://reg.test/v2/a/up/${path}`,
  with: { "content-range": `${from}-${to - 1}`, "content-type": "application/octet-stream" },
  body: TEXT.slice(from, to),
  status: 202,
  headers: at(path, { range: `0-${to - 1}` }),
  ...more,
});
const status = (path: string, more: Partial<Step>): Step => ({ ask: `GET https://reg.test/v2/a/up/${path}`, status: 204, headers: at(path), ...more });

const scripted = checkedScripts();
const run = (steps: Step[], options: RegistryOptions = {}, credential?: Credential) =>
  scripted(steps, { options, ...(credential === undefined ? {} : { credentials: { "reg.test": credential } }) });

async function* pieces(text: string) {
  for (let i = 0; i < text.length; i += 3) yield Buffer.from(text.slice(i, i + 3));
}
const blob = (text = TEXT) => ({ digest: DIGEST, size: 16, open: () => pieces(text) });

describe("a blob is put", () => {
  const cases: Record<string, { steps: Step[]; options?: RegistryOptions; mountFrom?: string[]; outcome?: string }> = {
    "not at all where it is": { steps: [there], outcome: "exists" },
    "in one piece": { steps: [HEAD, begun(), put("1", { body: TEXT })] },
    "again where it has another size": { steps: [{ ...there, headers: { "content-length": "3" } }, begun(), put("1", { body: TEXT })] },
    "by mounting": { mountFrom: ["base"], steps: [HEAD, { ask: `${MOUNT}&from=base`, status: 201 }], outcome: "mounted" },
    "by mounting from wherever the registry has it": { steps: [HEAD, { ask: MOUNT, status: 201 }], outcome: "mounted" },
    "by uploading where mounting begins an upload": { mountFrom: ["base"], steps: [HEAD, { ...begun(), ask: `${MOUNT}&from=base` }, put("1", { body: TEXT })] },
    "by uploading where mounting is refused": {
      mountFrom: ["base"],
      steps: [HEAD, { ask: `${MOUNT}&from=base`, status: 403 }, { ask: MOUNT, status: 404 }, restarted("1"), put("1", { body: TEXT })],
    },
    "to another host, without credentials": {
      steps: [
        HEAD,
        { ask: MOUNT, status: 202, headers: { location: "https://store.test/u?sig=1" } },
        { ask: `PUT https://store.test/u?sig=1&digest=${DIGEST.replace(":", "%3A")}`, with: { authorization: null }, body: TEXT, status: 201 },
      ],
    },
    "to the same host where a proxy makes it http": {
      steps: [HEAD, { ask: MOUNT, status: 202, headers: { location: "http://reg.test/v2/a/up/1" } }, put("1", { body: TEXT })],
    },
    "again after a break, where nothing is kept": {
      steps: [HEAD, begun(), put("1", { fail: "reset" }), HEAD, status("1", { status: 404 }), restarted("2"), put("2", { body: TEXT })],
    },
    "on after a break, where some is kept": {
      steps: [
        HEAD,
        begun(),
        put("1", { fail: "reset" }),
        HEAD,
        status("1", { headers: at("1b", { range: "0-6" }) }),
        patch("1b", 7, 16),
        put("1b", { body: "" }),
      ],
    },
    "not again when all had come through": { steps: [HEAD, begun(), put("1", { status: 502 }), there] },
    "again when a resumed one is spoiled": {
      steps: [
        HEAD,
        begun(),
        put("1", { fail: "reset" }),
        HEAD,
        status("1", { headers: at("1", { range: "0-6" }) }),
        patch("1", 7, 16),
        put("1", { status: 400, give: '{"errors":[{"code":"DIGEST_INVALID"}]}' }),
        HEAD,
        restarted("2"),
        put("2", { body: TEXT }),
      ],
    },
    "in chunks when we are told to": {
      options: { chunkBytes: 6 },
      steps: [HEAD, begun(), patch("1", 0, 6), patch("1", 6, 12), patch("1", 12, 16), put("1", { body: "" })],
    },
    "in chunks of at least the registry's size": {
      options: { chunkBytes: 6 },
      steps: [HEAD, begun("1", { "oci-chunk-min-length": "10" }), patch("1", 0, 10), patch("1", 10, 16), put("1", { body: "" })],
    },
    "in chunks when the registry finds it too large": {
      steps: [HEAD, begun(), put("1", { status: 413 }), restarted("2"), patch("2", 0, 16), put("2", { body: "" })],
    },
    "in chunks of which a part was taken": {
      options: { chunkBytes: 6 },
      steps: [HEAD, begun(), patch("1", 0, 6, { headers: at("1", { range: "0-3" }) }), patch("1", 4, 10), patch("1", 10, 16), put("1", { body: "" })],
    },
    "in chunks, one lost on the way": {
      options: { chunkBytes: 8 },
      steps: [
        HEAD,
        begun(),
        patch("1", 0, 8),
        patch("1", 8, 16, { fail: "reset" }),
        HEAD,
        status("1", { headers: at("1", { range: "0-7" }) }),
        patch("1", 8, 16),
        put("1", { body: "" }),
      ],
    },
    "in chunks, one of them out of place": {
      options: { chunkBytes: 8 },
      steps: [
        HEAD,
        begun(),
        patch("1", 0, 8),
        patch("1", 8, 16, { status: 416 }),
        HEAD,
        status("1", { headers: at("1", { range: "0-9" }) }),
        patch("1", 10, 16),
        put("1", { body: "" }),
      ],
    },
    "anew when the upload is gone": {
      steps: [HEAD, begun(), put("1", { status: 404 }), HEAD, status("1", { status: 404 }), restarted("2"), put("2", { body: TEXT })],
    },
    "though the registry has no Range to tell": {
      options: { chunkBytes: 8 },
      steps: [HEAD, begun(), patch("1", 0, 8, { headers: at("1") }), patch("1", 8, 16, { headers: at("1") }), put("1", { body: "" })],
    },
  };
  test.each(Object.entries(cases))("%s", async (_, { steps, options, mountFrom = [], outcome }) => {
    expect(await run(steps, options).client.putBlob(place, blob(), { mountFrom })).toBe(outcome ?? "uploaded");
  });

  test("with a token for both repositories, and without the second where that is refused", async () => {
    const challenge = { "www-authenticate": 'Bearer realm="https://auth.test/t"' };
    const token = (scopes: string[], give: Partial<Step>): Step => ({
      ask: `GET https://auth.test/t?${scopes.map((s) => `scope=${encodeURIComponent(s)}`).join("&")}`,
      ...give,
    });
    const { client } = run(
      [
        { ...HEAD, status: 401, headers: challenge },
        token(["repository:a:pull,push"], { give: '{"token":"one"}' }),
        { ...HEAD, with: { authorization: "Bearer one" } },
        token(["repository:a:pull,push", "repository:base:pull"], { status: 401 }),
        { ...begun(), with: { authorization: "Bearer one" } },
        put("1", { with: { authorization: "Bearer one" }, body: TEXT }),
      ],
      {},
      { username: "u", password: "p" },
    );
    expect(await client.putBlob(place, blob(), { mountFrom: ["reg.test/base"] })).toBe("uploaded");
  });

  test("when it is empty", async () => {
    const digest = digestOf("");
    const { client } = run([
      { ask: `HEAD ${BLOBS}${digest}`, status: 404 },
      { ask: `${UPLOADS}?mount=${digest.replace(":", "%3A")}`, status: 202, headers: at("1") },
      { ask: `PUT https://reg.test/v2/a/up/1?digest=${digest.replace(":", "%3A")}`, body: "", status: 201 },
    ]);
    expect(await client.putBlob(place, { digest, size: 0, open: () => pieces("") })).toBe("uploaded");
  });

  test("telling how far it is, and falling back when it starts over", async () => {
    const told: number[] = [];
    const { client } = run([
      HEAD,
      begun(),
      put("1", { body: TEXT, status: 503 }),
      HEAD,
      status("1", { status: 404 }),
      restarted("2"),
      put("2", { body: TEXT }),
    ]);
    await client.putBlob(place, blob(), { onProgress: (done) => told.push(done) });
    expect(told).toEqual([3, 6, 9, 12, 15, 16, 0, 3, 6, 9, 12, 15, 16]);
  });
});

describe("an upload fails", () => {
  const cases: Record<string, { steps: Step[]; options?: RegistryOptions; open?: () => AsyncIterable<Uint8Array>; error: object }> = {
    "when we may not": {
      steps: [HEAD, { ask: MOUNT, status: 403 }, { ask: UPLOADS, status: 403, give: '{"errors":[{"code":"DENIED","message":"no push"}]}' }],
      error: { code: "registry-denied", message: expect.stringMatching(/DENIED: no push$/) },
    },
    "when the registry refuses the content": {
      steps: [HEAD, begun(), put("1", { status: 400, give: '{"errors":[{"code":"DIGEST_INVALID"}]}' })],
      error: { code: "registry-status", message: expect.stringMatching(/DIGEST_INVALID/) },
    },
    "when the registry has understood something else": {
      steps: [HEAD, begun(), put("1", { headers: { "docker-content-digest": digestOf("x") } })],
      error: { code: "digest-mismatch" },
    },
    "without a place to upload to": {
      steps: [HEAD, { ask: MOUNT, status: 202 }, { ask: UPLOADS, status: 202 }],
      error: { code: "registry-status", message: expect.stringMatching(/no Location/) },
    },
    "when the place is plain http elsewhere": {
      steps: [
        HEAD,
        { ask: MOUNT, status: 202, headers: { location: "http://b.test/u" } },
        { ask: UPLOADS, status: 202, headers: { location: "http://b.test/u" } },
      ],
      error: { code: "registry-status", message: expect.stringMatching(/from https to http/) },
    },
    "when the source is too short": {
      steps: [HEAD, begun(), put()],
      open: () => pieces("0123"),
      error: { code: "size-mismatch", message: expect.stringMatching(/has only 4 bytes, its descriptor says 16/) },
    },
    "when the source is too long": {
      steps: [HEAD, begun(), put()],
      open: () => pieces(`${TEXT}more`),
      error: { code: "size-mismatch", message: expect.stringMatching(/has more bytes/) },
    },
    "with the source's own error": {
      steps: [HEAD, begun(), put()],
      open: async function* () {
        yield Buffer.from("0");
        throw new Error("the disk is on fire");
      },
      error: { message: "the disk is on fire" },
    },
    "when it breaks each time": {
      options: { attempts: 2 },
      steps: [HEAD, begun(), put("1", { fail: "reset" }), HEAD, status("1", { status: 404 }), restarted("2"), put("2", { fail: "reset" })],
      error: { code: "registry-unreachable" },
    },
    "when a registry claims more than was sent": {
      options: { chunkBytes: 8 },
      steps: [HEAD, begun(), patch("1", 0, 8, { headers: at("1", { range: "0-99" }) })],
      error: { code: "registry-status", message: expect.stringMatching(/word of 100 bytes after 8/) },
    },
  };
  test.each(Object.entries(cases))("%s", async (_, { steps, options, open, error }) => {
    await expect(run(steps, options).client.putBlob(place, { ...blob(), ...(open === undefined ? {} : { open }) })).rejects.toMatchObject(error);
  });
});
