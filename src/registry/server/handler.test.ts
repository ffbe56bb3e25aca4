import { describe, expect, test } from "vitest";
import { memoryBlobStore } from "../../adapters/memory/blob-store.ts";
import { memoryRegistryStorage } from "../../adapters/memory/registry-storage.ts";
import { type Digest, Digester, digestOf } from "../../core/digest.ts";
import { MEDIA_TYPE } from "../../core/media-type.ts";
import { ProblemError } from "../../core/problem.ts";
import { type BlobStore, type ByteStream, putBytes } from "../../image/blob-store.ts";
import { type RegistryOptions, registryHandler } from "./handler.ts";
import { BodyCut, type RegistryHandler } from "./message.ts";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Codes of the error body. */
  readonly codes: readonly string[];
}

type Headers = Readonly<Record<string, string>>;

function registry(options: Partial<RegistryOptions> & { blobs?: BlobStore } = {}): {
  readonly blobs: BlobStore;
  readonly storage: ReturnType<typeof memoryRegistryStorage>;
  send(line: string, body?: string | Uint8Array | ByteStream, headers?: Headers): Promise<Answer>;
} {
  const blobs = options.blobs ?? memoryBlobStore();
  const storage = memoryRegistryStorage();
  const handler: RegistryHandler = registryHandler(storage, blobs, { clock: { nowMs: () => 0 }, ...options });
  return {
    blobs,
    storage,
    async send(line, body = "", headers = {}) {
      const [method, url] = line.split(" ") as [string, string];
      const stream = typeof body === "string" || body instanceof Uint8Array ? chunks(Buffer.from(body)) : body;
      const response = await handler({ method, url, headers, body: stream });
      const parts: Uint8Array[] = [];
      if (response.body instanceof Uint8Array) parts.push(response.body);
      else if (response.body !== undefined) for await (const chunk of response.body) parts.push(chunk);
      const bytes = Buffer.concat(parts);
      if (response.body !== undefined) expect(response.headers["content-length"]).toBe(String(bytes.length));
      expect(response.headers["docker-distribution-api-version"]).toBe("registry/2.0");
      const text = bytes.toString();
      const codes = text.startsWith('{"errors":') ? (JSON.parse(text) as { errors: { code: string }[] }).errors.map((e) => e.code) : [];
      return { status: response.status, headers: response.headers, text, codes };
    },
  };
}

async function* chunks(...parts: readonly Uint8Array[]): ByteStream {
  yield* parts;
}

const sha512Of = (text: string): Digest => new Digester("sha512").update(Buffer.from(text)).digest();
const hello = digestOf("hello");
const absent = digestOf("absent");
const config = digestOf("{}");
const manifestText = (more: object = {}): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: { mediaType: MEDIA_TYPE.ociConfig, digest: config, size: 2 },
    layers: [{ mediaType: MEDIA_TYPE.ociLayer, digest: hello, size: 5 }],
    ...more,
  });
const oci = { "content-type": MEDIA_TYPE.ociManifest };

/** A repository "app" with a config, a layer and a manifest tagged v1. */
async function filled(options: Parameters<typeof registry>[0] = {}): Promise<ReturnType<typeof registry>> {
  const it = registry(options);
  for (const text of ["{}", "hello"]) expect((await it.send(`POST /v2/app/blobs/uploads/?digest=${digestOf(text)}`, text)).status).toBe(201);
  expect((await it.send("PUT /v2/app/manifests/v1", manifestText(), oci)).status).toBe(201);
  return it;
}

const pathOf = (location: string | undefined): string => {
  expect(location).toMatch(/^\/v2\//);
  return location as string;
};

describe("one request to a filled repository", () => {
  const own = digestOf(manifestText());
  const cases: Readonly<Record<string, { send: string; headers?: Headers; body?: string; status: number; codes?: string[]; text?: string; has?: Headers }>> = {
    "the root says that this is a registry": { send: "GET /v2/", status: 200, text: "{}" },
    "the root without a slash too": { send: "GET /v2", status: 200 },
    "another address is not known": { send: "GET /v1/", status: 404, codes: ["UNSUPPORTED"] },
    "a broken percent sign is not known": { send: "GET /v2/a%/tags/list", status: 404, codes: ["UNSUPPORTED"] },
    "a method that is not there": { send: "PATCH /v2/app/manifests/v1", status: 405, codes: ["UNSUPPORTED"], has: { allow: "GET, HEAD, PUT, DELETE" } },
    "a method named like what every object has": { send: "constructor /v2/", status: 405, codes: ["UNSUPPORTED"] },
    "an upper-case name": { send: "GET /v2/App/tags/list", status: 400, codes: ["NAME_INVALID"] },
    "a name that climbs": { send: "GET /v2/../../etc/tags/list", status: 400, codes: ["NAME_INVALID"] },
    "a name that climbs, encoded": { send: "PUT /v2/a%2f..%2f..%2fb/manifests/v1", status: 400, codes: ["NAME_INVALID"] },
    "a name in the store's own words": { send: "GET /v2/app/_tags/tags/list", status: 400, codes: ["NAME_INVALID"] },

    "a blob": {
      send: `GET /v2/app/blobs/${hello}`,
      status: 200,
      text: "hello",
      has: { "docker-content-digest": hello, etag: `"${hello}"`, "accept-ranges": "bytes" },
    },
    "a blob, its digest percent-encoded": { send: `GET /v2/app/blobs/${hello.replace(":", "%3A")}`, status: 200, text: "hello" },
    "a blob by HEAD": { send: `HEAD /v2/app/blobs/${hello}`, status: 200, text: "", has: { "content-length": "5", "docker-content-digest": hello } },
    "a blob that is not there": { send: `GET /v2/app/blobs/${absent}`, status: 404, codes: ["BLOB_UNKNOWN"] },
    "a blob of another repository": { send: `GET /v2/other/blobs/${hello}`, status: 404, codes: ["BLOB_UNKNOWN"] },
    "a blob that is not there by HEAD": { send: `HEAD /v2/app/blobs/${absent}`, status: 404, text: "" },
    "a malformed digest": { send: "GET /v2/app/blobs/sha256:abc", status: 400, codes: ["DIGEST_INVALID"] },
    "a digest of an unknown algorithm": { send: `GET /v2/app/blobs/md5:${"0".repeat(32)}`, status: 400, codes: ["DIGEST_INVALID"] },
    "a blob the client has already": { send: `GET /v2/app/blobs/${hello}`, headers: { "if-none-match": `W/"x", "${hello}"` }, status: 304, text: "" },
    "a blob the client has another of": { send: `GET /v2/app/blobs/${hello}`, headers: { "if-none-match": '"x"' }, status: 200, text: "hello" },
    "a range": { send: `GET /v2/app/blobs/${hello}`, headers: { range: "bytes=1-3" }, status: 206, text: "ell", has: { "content-range": "bytes 1-3/5" } },
    "a range by HEAD": { send: `HEAD /v2/app/blobs/${hello}`, headers: { range: "bytes=1-3" }, status: 206, text: "", has: { "content-length": "3" } },
    "a range to the end": { send: `GET /v2/app/blobs/${hello}`, headers: { range: "bytes=3-" }, status: 206, text: "lo" },
    "a range past the end": {
      send: `GET /v2/app/blobs/${hello}`,
      headers: { range: "bytes=3-99" },
      status: 206,
      text: "lo",
      has: { "content-range": "bytes 3-4/5" },
    },
    "the last bytes": { send: `GET /v2/app/blobs/${hello}`, headers: { range: "bytes=-2" }, status: 206, text: "lo" },
    "a range outside": {
      send: `GET /v2/app/blobs/${hello}`,
      headers: { range: "bytes=5-" },
      status: 416,
      codes: ["SIZE_INVALID"],
      has: { "content-range": "bytes */5" },
    },
    "a range that ends before it starts": { send: `GET /v2/app/blobs/${hello}`, headers: { range: "bytes=4-1" }, status: 416, codes: ["SIZE_INVALID"] },
    "no last bytes": { send: `GET /v2/app/blobs/${hello}`, headers: { range: "bytes=-0" }, status: 416, codes: ["SIZE_INVALID"] },
    "several ranges are not heeded": { send: `GET /v2/app/blobs/${hello}`, headers: { range: "bytes=0-1,3-4" }, status: 200, text: "hello" },
    "a range in another unit is not heeded": { send: `GET /v2/app/blobs/${hello}`, headers: { range: "lines=0-1" }, status: 200, text: "hello" },
    "a range of another version is not heeded": {
      send: `GET /v2/app/blobs/${hello}`,
      headers: { range: "bytes=0-1", "if-range": '"x"' },
      status: 200,
      text: "hello",
    },
    "a range of this version": { send: `GET /v2/app/blobs/${hello}`, headers: { range: "bytes=0-1", "if-range": `"${hello}"` }, status: 206, text: "he" },

    "a manifest by tag": {
      send: "GET /v2/app/manifests/v1",
      status: 200,
      text: manifestText(),
      has: { "content-type": MEDIA_TYPE.ociManifest, "docker-content-digest": own },
    },
    "a manifest by digest": { send: `GET /v2/app/manifests/${own}`, status: 200, text: manifestText() },
    "a manifest by HEAD": {
      send: "HEAD /v2/app/manifests/v1",
      status: 200,
      text: "",
      has: { "content-length": String(manifestText().length), "docker-content-digest": own },
    },
    "a manifest the client has already": { send: "GET /v2/app/manifests/v1", headers: { "if-none-match": `"${own}"` }, status: 304, text: "" },
    "a tag that is not there": { send: "GET /v2/app/manifests/v2", status: 404, codes: ["MANIFEST_UNKNOWN"] },
    "what cannot be a tag is not there": { send: "GET /v2/app/manifests/.INVALID", status: 404, codes: ["MANIFEST_UNKNOWN"] },
    "a digest that is not there": { send: `GET /v2/app/manifests/${absent}`, status: 404, codes: ["MANIFEST_UNKNOWN"] },
    "a layer is no manifest": { send: `GET /v2/app/manifests/${hello}`, status: 404, codes: ["MANIFEST_UNKNOWN"] },
    "a manifest of a repository that is not there": { send: "GET /v2/nowhere/manifests/v1", status: 404, codes: ["MANIFEST_UNKNOWN"] },

    "a manifest under what cannot be a tag": { send: "PUT /v2/app/manifests/.x", body: manifestText(), status: 400, codes: ["TAG_INVALID"] },
    "a manifest under another digest": { send: `PUT /v2/app/manifests/${absent}`, body: manifestText(), status: 400, codes: ["DIGEST_INVALID"] },
    "a manifest that is not JSON": { send: "PUT /v2/app/manifests/v2", body: "{", headers: oci, status: 400, codes: ["MANIFEST_INVALID"] },
    "a manifest that is a list": { send: "PUT /v2/app/manifests/v2", body: "[]", headers: oci, status: 400, codes: ["MANIFEST_INVALID"] },
    "a manifest of schema 1": {
      send: "PUT /v2/app/manifests/v2",
      body: manifestText({ schemaVersion: 1 }),
      headers: oci,
      status: 400,
      codes: ["MANIFEST_INVALID"],
    },
    "a manifest that says another type": {
      send: "PUT /v2/app/manifests/v2",
      body: manifestText(),
      headers: { "content-type": MEDIA_TYPE.dockerManifest },
      status: 400,
      codes: ["MANIFEST_INVALID"],
    },
    "a manifest without layers' list": {
      send: "PUT /v2/app/manifests/v2",
      body: manifestText({ layers: 3 }),
      headers: oci,
      status: 400,
      codes: ["MANIFEST_INVALID"],
    },
    "a manifest with a malformed digest": {
      send: "PUT /v2/app/manifests/v2",
      body: manifestText({ layers: [{ mediaType: "x", digest: "sha256:1", size: 1 }] }),
      headers: oci,
      status: 400,
      codes: ["MANIFEST_INVALID"],
    },
    "a manifest with a wrong size": {
      send: "PUT /v2/app/manifests/v2",
      body: manifestText({ layers: [{ mediaType: "x", digest: hello, size: 6 }] }),
      headers: oci,
      status: 400,
      codes: ["MANIFEST_INVALID"],
    },
    "a manifest with a negative size": {
      send: "PUT /v2/app/manifests/v2",
      body: manifestText({ layers: [{ mediaType: "x", digest: hello, size: -1 }] }),
      headers: oci,
      status: 400,
      codes: ["MANIFEST_INVALID"],
    },
    "a manifest with annotations that are not texts": {
      send: "PUT /v2/app/manifests/v2",
      body: manifestText({ annotations: { a: 1 } }),
      headers: oci,
      status: 400,
      codes: ["MANIFEST_INVALID"],
    },
    "a manifest whose layer is not there": {
      send: "PUT /v2/app/manifests/v2",
      body: manifestText({ layers: [{ mediaType: "x", digest: absent, size: 1 }] }),
      headers: oci,
      status: 404,
      codes: ["MANIFEST_BLOB_UNKNOWN"],
    },
    "a manifest whose layer is another repository's": {
      send: "PUT /v2/other/manifests/v2",
      body: manifestText(),
      headers: oci,
      status: 404,
      codes: ["MANIFEST_BLOB_UNKNOWN"],
    },
    "a manifest whose foreign layer is elsewhere": {
      send: "PUT /v2/app/manifests/v2",
      body: manifestText({ layers: [{ mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", digest: absent, size: 1 }] }),
      headers: oci,
      status: 201,
    },
    "a manifest with Go's idea of no layers": { send: "PUT /v2/app/manifests/v2", body: manifestText({ layers: null }), headers: oci, status: 201 },
    "a manifest without content-type": { send: "PUT /v2/app/manifests/v2", body: manifestText(), status: 201 },
    "a manifest with a parameter in its content-type": {
      send: "PUT /v2/app/manifests/v2",
      body: manifestText(),
      headers: { "content-type": `${MEDIA_TYPE.ociManifest}; charset=utf-8` },
      status: 201,
    },
    "a manifest of a type we do not know": {
      send: "PUT /v2/app/manifests/v2",
      body: '{"any":"thing"}',
      headers: { "content-type": "application/vnd.example+json" },
      status: 201,
    },
    "an index over a manifest": {
      send: "PUT /v2/app/manifests/v2",
      body: JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: MEDIA_TYPE.ociManifest, digest: own, size: manifestText().length }] }),
      headers: { "content-type": MEDIA_TYPE.ociIndex },
      status: 201,
    },
    "an index over a plain blob, as BuildKit's cache": {
      send: "PUT /v2/app/manifests/v2",
      body: JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: MEDIA_TYPE.ociLayer, digest: hello, size: 5 }] }),
      headers: { "content-type": MEDIA_TYPE.ociIndex },
      status: 201,
    },
    "an index over what is not there": {
      send: "PUT /v2/app/manifests/v2",
      body: JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: MEDIA_TYPE.ociManifest, digest: absent, size: 5 }] }),
      headers: { "content-type": MEDIA_TYPE.dockerIndex },
      status: 404,
      codes: ["MANIFEST_BLOB_UNKNOWN"],
    },
    "a manifest that says it is too large": {
      send: "PUT /v2/app/manifests/v2",
      body: manifestText(),
      headers: { "content-length": "4194305" },
      status: 413,
      codes: ["MANIFEST_INVALID"],
    },
    "a manifest that is too large": {
      send: "PUT /v2/app/manifests/v2",
      body: manifestText({ annotations: { a: "x".repeat(4_194_304) } }),
      status: 413,
      codes: ["MANIFEST_INVALID"],
    },
    "a manifest as large as it may be": {
      send: "PUT /v2/app/manifests/v2",
      body: manifestText({ annotations: { a: "x".repeat(4_194_304 - manifestText({ annotations: { a: "" } }).length) } }),
      status: 201,
    },

    tags: { send: "GET /v2/app/tags/list", status: 200, text: '{"name":"app","tags":["v1"]}' },
    "tags of a repository that is not there": { send: "GET /v2/nowhere/tags/list", status: 404, codes: ["NAME_UNKNOWN"] },
    "no tags, as asked": { send: "GET /v2/app/tags/list?n=0", status: 200, text: '{"name":"app","tags":[]}' },
    "a number of tags that is none": { send: "GET /v2/app/tags/list?n=-1", status: 400, codes: ["PAGINATION_NUMBER_INVALID"] },
    "the catalog": { send: "GET /v2/_catalog", status: 200, text: '{"repositories":["app"]}' },
    "referrers of nothing": {
      send: `GET /v2/nowhere/referrers/${absent}`,
      status: 200,
      text: `{"schemaVersion":2,"mediaType":"${MEDIA_TYPE.ociIndex}","manifests":[]}`,
      has: { "content-type": MEDIA_TYPE.ociIndex },
    },
    "referrers of a tag": { send: "GET /v2/app/referrers/v1", status: 400, codes: ["DIGEST_INVALID"] },

    "deleting a blob": { send: `DELETE /v2/app/blobs/${hello}`, status: 202 },
    "deleting a blob that is not there": { send: `DELETE /v2/app/blobs/${absent}`, status: 404, codes: ["BLOB_UNKNOWN"] },
    "deleting a tag": { send: "DELETE /v2/app/manifests/v1", status: 202 },
    "deleting a manifest": { send: `DELETE /v2/app/manifests/${own}`, status: 202 },
    "deleting a tag that is not there": { send: "DELETE /v2/app/manifests/v2", status: 404, codes: ["MANIFEST_UNKNOWN"] },
    "deleting an upload that is not there": { send: "DELETE /v2/app/blobs/uploads/none", status: 404, codes: ["BLOB_UPLOAD_UNKNOWN"] },
    "going on with an upload that is not there": { send: "PATCH /v2/app/blobs/uploads/none", body: "x", status: 404, codes: ["BLOB_UPLOAD_UNKNOWN"] },
    "a whole blob with the wrong digest": { send: `POST /v2/app/blobs/uploads/?digest=${absent}`, body: "hello", status: 400, codes: ["DIGEST_INVALID"] },
    "an upload under an unknown algorithm": { send: "POST /v2/app/blobs/uploads/?digest-algorithm=md5", status: 400, codes: ["DIGEST_INVALID"] },
  };
  test.each(Object.entries(cases))("%s", async (_, c) => {
    const it = await filled();
    const answer = await it.send(c.send, c.body ?? "", c.headers ?? {});
    expect({ status: answer.status, codes: answer.codes }).toEqual({ status: c.status, codes: c.codes ?? [] });
    if (c.text !== undefined) expect(answer.text).toBe(c.text);
    for (const [name, value] of Object.entries(c.has ?? {})) expect(answer.headers[name]).toBe(value);
  });
});

describe("uploads", () => {
  test("POST, PATCHes in order, PUT with the last bytes", async () => {
    const it = registry();
    const started = await it.send("POST /v2/app/blobs/uploads/");
    expect(started.status).toBe(202);
    const at = pathOf(started.headers.location);
    const first = await it.send(`PATCH ${at}`, "he", { "content-range": "0-1", "content-length": "2" });
    expect([first.status, first.headers.range]).toEqual([202, "0-1"]);
    expect((await it.send(`PATCH ${at}`, "l", { "content-range": "bytes 2-2/*" })).status).toBe(202);
    const done = await it.send(`PUT ${at}?digest=${hello}`, "lo", { "content-range": "3-4" });
    expect([done.status, done.headers.location, done.headers["docker-content-digest"]]).toEqual([201, `/v2/app/blobs/${hello}`, hello]);
    expect((await it.send(`GET /v2/app/blobs/${hello}`)).text).toBe("hello");
    expect((await it.send(`GET ${at}`)).codes).toEqual(["BLOB_UPLOAD_UNKNOWN"]);
  });

  test.each([
    ["starts too late", "3-4", 416],
    ["starts too early", "0-1", 416],
    ["is malformed", "two", 416],
    ["is not as long as it says", "2-4", 400],
  ])("a chunk that %s is refused, and the upload can go on", async (_, range, status) => {
    const it = registry();
    const at = pathOf((await it.send("POST /v2/app/blobs/uploads/")).headers.location);
    await it.send(`PATCH ${at}`, "he");
    const refused = await it.send(`PATCH ${at}`, "xx", { "content-range": range, "content-length": "2" });
    expect(refused.status).toBe(status);
    const state = await it.send(`GET ${at}`);
    expect([state.status, state.headers.range]).toEqual([204, "0-1"]);
    expect((await it.send(`PUT ${at}?digest=${hello}`, "llo")).status).toBe(201);
  });

  test("what came before a cut stays, and the client goes on from there", async () => {
    const failures: unknown[] = [];
    const it = registry({ onFailure: (error) => failures.push(error) });
    const at = pathOf((await it.send("POST /v2/app/blobs/uploads/")).headers.location);
    async function* cut(): ByteStream {
      yield Buffer.from("hel");
      throw new BodyCut();
    }
    expect((await it.send(`PATCH ${at}`, cut())).status).toBe(400);
    expect((await it.send(`GET ${at}`)).headers.range).toBe("0-2");
    expect((await it.send(`PATCH ${at}`, "lo", { "content-range": "3-4" })).status).toBe(202);
    expect((await it.send(`PUT ${at}?digest=${hello}`)).status).toBe(201);
    expect(failures).toEqual([]);
  });

  test("an upload belongs to its repository", async () => {
    const it = registry();
    const at = pathOf((await it.send("POST /v2/app/blobs/uploads/")).headers.location);
    expect((await it.send(`PATCH ${at.replace("/app/", "/other/")}`, "x")).codes).toEqual(["BLOB_UPLOAD_UNKNOWN"]);
  });

  test("a PUT without, or with a wrong, digest stores nothing", async () => {
    const it = registry();
    const at = pathOf((await it.send("POST /v2/app/blobs/uploads/")).headers.location);
    expect((await it.send(`PUT ${at}`, "hello")).codes).toEqual(["DIGEST_INVALID"]);
    expect((await it.send(`PUT ${at}?digest=${absent}`, "hello")).codes).toEqual(["DIGEST_INVALID"]);
    expect((await it.send(`GET ${at}`)).codes).toEqual(["BLOB_UPLOAD_UNKNOWN"]);
    expect(await it.blobs.stat(hello)).toBeUndefined();
  });

  test("two requests cannot be at one upload", async () => {
    const it = registry();
    const at = pathOf((await it.send("POST /v2/app/blobs/uploads/")).headers.location);
    let open = (): void => undefined;
    const gate = new Promise<void>((done) => {
      open = done;
    });
    let reached = (): void => undefined;
    const started = new Promise<void>((done) => {
      reached = done;
    });
    async function* slow(): ByteStream {
      yield Buffer.from("hel");
      reached();
      await gate;
      yield Buffer.from("lo");
    }
    const first = it.send(`PATCH ${at}`, slow());
    await started;
    expect((await it.send(`PATCH ${at}`, "x")).status).toBe(409);
    expect((await it.send(`DELETE ${at}`)).status).toBe(409);
    open();
    expect((await first).headers.range).toBe("0-4");
    expect((await it.send(`PUT ${at}?digest=${hello}`)).status).toBe(201);
  });

  test("a cancelled upload is gone", async () => {
    const it = registry();
    const at = pathOf((await it.send("POST /v2/app/blobs/uploads/")).headers.location);
    await it.send(`PATCH ${at}`, "hello");
    expect((await it.send(`DELETE ${at}`)).status).toBe(204);
    expect((await it.send(`GET ${at}`)).codes).toEqual(["BLOB_UPLOAD_UNKNOWN"]);
  });

  test("an idle upload is swept when the next one starts", async () => {
    let now = 0;
    const it = registry({ clock: { nowMs: () => now }, uploadIdleMs: 1000 });
    const old = pathOf((await it.send("POST /v2/app/blobs/uploads/")).headers.location);
    const used = pathOf((await it.send("POST /v2/app/blobs/uploads/")).headers.location);
    now = 900;
    await it.send(`PATCH ${used}`, "x");
    now = 1100;
    await it.send("POST /v2/app/blobs/uploads/");
    expect((await it.send(`GET ${old}`)).status).toBe(404);
    expect((await it.send(`GET ${used}`)).status).toBe(204);
  });

  test("an empty blob and a sha512 blob", async () => {
    const it = registry();
    const empty = digestOf("");
    const at = pathOf((await it.send("POST /v2/app/blobs/uploads/")).headers.location);
    expect((await it.send(`PUT ${at}?digest=${empty}`)).status).toBe(201);
    expect(await it.send(`GET /v2/app/blobs/${empty}`)).toMatchObject({ status: 200, text: "" });
    const long = sha512Of("hello");
    expect((await it.send(`POST /v2/app/blobs/uploads/?digest=${long}`, "hello")).status).toBe(201);
    expect((await it.send(`GET /v2/app/blobs/${long}`)).text).toBe("hello");
  });
});

describe("mounts", () => {
  test.each(["&from=app", "&from=nowhere", ""])("a blob of the store is mounted (%j)", async (from) => {
    const it = await filled();
    const answer = await it.send(`POST /v2/other/blobs/uploads/?mount=${hello}${from}`);
    expect([answer.status, answer.headers.location]).toEqual([201, `/v2/other/blobs/${hello}`]);
    expect((await it.send(`GET /v2/other/blobs/${hello}`)).text).toBe("hello");
  });

  test("a blob that the builder put into the store is mounted", async () => {
    const it = registry();
    const digest = await putBytes(it.blobs, Buffer.from("built"));
    expect((await it.send(`POST /v2/app/blobs/uploads/?mount=${digest}`)).status).toBe(201);
  });

  test("a blob that the store does not have starts an upload", async () => {
    const it = await filled();
    const answer = await it.send(`POST /v2/other/blobs/uploads/?mount=${absent}&from=app`);
    expect(answer.status).toBe(202);
    expect((await it.send(`GET ${pathOf(answer.headers.location)}`)).status).toBe(204);
  });

  test("deleted in one repository, it stays in the other", async () => {
    const it = await filled();
    await it.send(`POST /v2/other/blobs/uploads/?mount=${hello}&from=app`);
    await it.send(`DELETE /v2/app/blobs/${hello}`);
    expect((await it.send(`GET /v2/app/blobs/${hello}`)).status).toBe(404);
    expect((await it.send(`GET /v2/other/blobs/${hello}`)).text).toBe("hello");
  });
});

describe("manifests", () => {
  test("bytes are kept as they came", async () => {
    const it = await filled();
    const odd = ` {"layers":[],\n\t"schemaVersion":2 ,"config":{"size":2,"digest":"${config}","mediaType":"a/b"},"other":[1.0]}\n`;
    const put = await it.send("PUT /v2/app/manifests/odd", odd, oci);
    expect(put.headers["docker-content-digest"]).toBe(digestOf(odd));
    expect((await it.send("GET /v2/app/manifests/odd")).text).toBe(odd);
  });

  test("a digest takes its tags as parameters", async () => {
    const it = await filled();
    const text = manifestText({ annotations: { a: "b" } });
    const put = await it.send(`PUT /v2/app/manifests/${sha512Of(text)}?tag=a&tag=b&tag=a`, text, oci);
    expect([put.status, put.headers["oci-tag"], put.headers["docker-content-digest"]]).toEqual([201, "a, b", sha512Of(text)]);
    expect((await it.send("GET /v2/app/manifests/b")).headers["docker-content-digest"]).toBe(sha512Of(text));
    expect((await it.send(`PUT /v2/app/manifests/${sha512Of(text)}?tag=a/b`, text, oci)).codes).toEqual(["TAG_INVALID"]);
  });

  test("deleting by digest takes the tags along; deleting a tag leaves the manifest", async () => {
    const it = await filled();
    const own = digestOf(manifestText());
    await it.send("PUT /v2/app/manifests/v2", manifestText(), oci);
    await it.send("DELETE /v2/app/manifests/v1");
    expect((await it.send("GET /v2/app/manifests/v1")).status).toBe(404);
    expect((await it.send(`GET /v2/app/manifests/${own}`)).status).toBe(200);
    await it.send(`DELETE /v2/app/manifests/${own}`);
    expect((await it.send("GET /v2/app/manifests/v2")).status).toBe(404);
    expect((await it.send("GET /v2/app/tags/list")).text).toBe('{"name":"app","tags":[]}');
  });

  test("a sparse registry takes what is not complete", async () => {
    const it = registry({ sparse: true });
    expect((await it.send("PUT /v2/app/manifests/v1", manifestText(), oci)).status).toBe(201);
  });

  test("referrers, with filter and subject header", async () => {
    const it = await filled();
    const subject = { mediaType: MEDIA_TYPE.ociManifest, digest: absent, size: 1 };
    const signature = manifestText({ subject, artifactType: "application/sig", annotations: { k: "v" } });
    const plain = manifestText({ subject, layers: [] });
    const put = await it.send(`PUT /v2/app/manifests/${digestOf(signature)}`, signature, oci);
    expect([put.status, put.headers["oci-subject"]]).toEqual([201, absent]);
    await it.send(`PUT /v2/app/manifests/${digestOf(plain)}`, plain, oci);
    const all = JSON.parse((await it.send(`GET /v2/app/referrers/${absent}`)).text) as { manifests: { digest: string; artifactType: string }[] };
    expect(new Map(all.manifests.map((m) => [m.digest, m.artifactType]))).toEqual(
      new Map([
        [digestOf(signature), "application/sig"],
        [digestOf(plain), MEDIA_TYPE.ociConfig],
      ]),
    );
    const some = await it.send(`GET /v2/app/referrers/${absent}?artifactType=application/sig`);
    expect(some.headers["oci-filters-applied"]).toBe("artifactType");
    expect((JSON.parse(some.text) as { manifests: unknown[] }).manifests).toEqual([
      { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(signature), size: signature.length, annotations: { k: "v" }, artifactType: "application/sig" },
    ]);
    await it.send(`DELETE /v2/app/manifests/${digestOf(signature)}`);
    expect((await it.send(`GET /v2/app/referrers/${absent}?artifactType=application/sig`)).text).toContain('"manifests":[]');
  });
});

test("tags and repositories come in pages that follow one another", async () => {
  const it = await filled();
  for (const tag of ["a", "c", "b"]) await it.send(`PUT /v2/app/manifests/${tag}`, manifestText(), oci);
  const seen: string[][] = [];
  let next: string | undefined = "/v2/app/tags/list?n=2";
  while (next !== undefined) {
    const answer: Answer = await it.send(`GET ${next}`);
    seen.push((JSON.parse(answer.text) as { tags: string[] }).tags);
    next = /^<(.*)>; rel="next"$/.exec(answer.headers.link ?? "")?.[1];
  }
  expect(seen).toEqual([
    ["a", "b"],
    ["c", "v1"],
  ]);
  expect((await it.send("GET /v2/app/tags/list?last=b")).text).toBe('{"name":"app","tags":["c","v1"]}');
  expect((await it.send("GET /v2/_catalog?n=1&last=app")).text).toBe('{"repositories":[]}');
});

test.each<[string, Error, number]>([
  ["a full disk", new ProblemError("disk-full", { message: "cannot write /the/path" }), 507],
  ["a bug", new TypeError("x is not a function"), 500],
])("%s is answered, told, and not shown", async (_, failure, status) => {
  const failures: unknown[] = [];
  const blobs: BlobStore = { ...memoryBlobStore(), create: () => Promise.reject(failure) };
  const it = registry({ blobs, onFailure: (error) => failures.push(error) });
  const answer = await it.send(`POST /v2/app/blobs/uploads/?digest=${hello}`, "hello");
  expect([answer.status, answer.codes]).toEqual([status, ["UNKNOWN"]]);
  expect(answer.text).not.toContain(failure.message);
  expect(failures).toEqual([failure]);
});
