import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { type Answer, hostileServer, type LocalServer } from "../../../../test/harness/hostile-server.ts";
import { fakeClock } from "../../../../test/harness/scripted-transport.ts";
import { digestOf } from "../../../core/digest.ts";
import { MEDIA_TYPE } from "../../../core/media-type.ts";
import { createRegistryClient } from "../../../registry/client/create.ts";
import type { RegistryOptions } from "../../../registry/client/options.ts";
import { nodeTransport } from "./http-transport.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A client over real sockets, with a clock that never waits, and credentials for every host. */
function client(options: RegistryOptions = {}) {
  const time = fakeClock();
  const made = createRegistryClient({
    transport: nodeTransport({ env: {}, certsDirs: [], headersTimeoutMs: 200, bodyTimeoutMs: 200 }),
    credentials: { for: async () => ({ username: "u", password: "hush-hush" }) },
    clock: time.clock,
    options,
  });
  closing.push(() => made.close());
  return { ...time, client: made };
}

/** Answers the n-th request that is no probe by the n-th of `answers`, and all further ones by the last. */
async function registry(...answers: Answer[]): Promise<LocalServer & { readonly asked: string[] }> {
  let at = 0;
  const asked: string[] = [];
  const server = await hostileServer((req, res) => {
    if (req.url === "/v2/") return void res.end();
    asked.push(`${req.method} ${req.headers.range ?? ""}`.trim());
    return (answers[Math.min(at++, answers.length - 1)] as Answer)(req, res);
  });
  closing.push(() => server.close());
  return { ...server, asked };
}
const blob = randomBytes(300_000);
const digest = digestOf(blob);
const place = (server: LocalServer) => ({ registry: server.host, repository: "a" });

async function download(server: LocalServer, options: RegistryOptions = {}) {
  const made = client(options);
  const chunks: Uint8Array[] = [];
  for await (const chunk of made.client.blobs(place(server)).open(digest)) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), slept: made.slept };
}

const whole: Answer = (_, res) => void res.writeHead(200, { "content-length": blob.length }).end(blob);
const rest: Answer = (req, res) => {
  const from = Number(/\d+/.exec(req.headers.range ?? "")?.[0]);
  res.writeHead(206, { "content-range": `bytes ${from}-${blob.length - 1}/${blob.length}`, "content-length": blob.length - from }).end(blob.subarray(from));
};
const cutAfter =
  (bytes: number): Answer =>
  (_, res) => {
    res.writeHead(200, { "content-length": blob.length });
    res.write(blob.subarray(0, bytes), () => setImmediate(() => res.socket?.destroy()));
  };
const status =
  (code: number, headers = {}): Answer =>
  (_, res) =>
    void res.writeHead(code, headers).end("<html><title>Trouble</title>");

describe("a download from a bad registry", () => {
  test("cut in its middle goes on where it was", async () => {
    const server = await registry(cutAfter(100_000), rest);
    expect((await download(server)).bytes.equals(blob)).toBe(true);
    expect(server.asked[1]).toMatch(/^GET bytes=\d+-$/);
  });
  test("cut again and again goes on", async () => {
    const server = await registry(cutAfter(1000), status(500), cutAfter(200_000), whole);
    expect((await download(server)).bytes.equals(blob)).toBe(true);
  });
  test("that lies about the range is asked for everything", async () => {
    const lie: Answer = (_, res) => void res.writeHead(206, { "content-range": `bytes 0-${blob.length - 1}/${blob.length}` }).end(blob);
    const server = await registry(cutAfter(100_000), lie, whole);
    expect((await download(server)).bytes.equals(blob)).toBe(true);
    expect(server.asked[2]).toBe("GET");
  });
  test("that says less than its head is asked again", async () => {
    const server = await registry((_, res) => void res.writeHead(200, { "content-length": blob.length }).end(blob.subarray(0, 5)), rest);
    expect((await download(server)).bytes.equals(blob)).toBe(true);
  });
  test("that is silent is given up in the end", async () => {
    const server = await registry(() => {});
    await expect(download(server, { attempts: 2 })).rejects.toMatchObject({
      code: "registry-unreachable",
      message: expect.stringMatching(/no answer came in time/),
    });
    expect(server.asked).toHaveLength(2);
  });
  test("that says 429 is waited for as long as it says", async () => {
    const { bytes, slept } = await download(await registry(status(429, { "retry-after": "13" }), status(500), whole));
    expect(bytes.equals(blob)).toBe(true);
    expect(slept).toEqual([13_000, 500]);
  });
  test("of bits that are not right ends in a mismatch", async () => {
    const wrong = Buffer.from(blob);
    wrong[99_999] = (wrong[99_999] as number) ^ 1;
    await expect(download(await registry((_, res) => void res.end(wrong)))).rejects.toMatchObject({ code: "digest-mismatch" });
  });
  test.each([
    [401, "registry-unauthorized"],
    [403, "registry-denied"],
    [404, "registry-not-found"],
    [418, "registry-status"],
  ])("that says %d ends in %s", async (code, problem) => {
    await expect(download(await registry(status(code)))).rejects.toMatchObject({ code: problem, message: expect.stringMatching(/a web page, Trouble/) });
  });
  test("by way of another origin takes no credentials there", async () => {
    const tellTale: string[] = [];
    const store = await registry((req, res) => {
      tellTale.push(JSON.stringify(req.headers));
      return whole(req, res);
    });
    const server = await registry((req, res) => {
      if (req.headers.authorization === undefined) return void res.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
      return void res.writeHead(307, { location: `${store.url}/blob?sig=1` }).end();
    });
    expect((await download(server)).bytes.equals(blob)).toBe(true);
    expect(tellTale).toHaveLength(1);
    expect(tellTale[0]).not.toMatch(/authorization|hush|dTpo/i);
  });
});

describe("an upload to a bad registry", () => {
  /** Keeps uploads in memory as the protocol says, and misbehaves where told. */
  const uploading = (misbehave: (req: { method: string; url: string }, kept: Buffer, n: number) => number | "cut" | undefined, wantsChunks = false) => {
    let kept = Buffer.alloc(0);
    let done: Buffer | undefined;
    let n = 0;
    const answer: Answer = async (req, res) => {
      const { method = "", url = "" } = req;
      const wish = misbehave({ method, url }, kept, n++);
      if (typeof wish === "number") {
        for await (const _ of req);
        return void res.writeHead(wish).end();
      }
      const at = { location: "/v2/a/blobs/uploads/1", range: `0-${Math.max(0, kept.length - 1)}` };
      if (method === "HEAD") return void (done === undefined ? res.writeHead(404) : res.writeHead(200, { "content-length": done.length })).end();
      if (method === "GET") return void res.writeHead(204, at).end();
      if (method === "POST") {
        kept = Buffer.alloc(0);
        return void res.writeHead(202, { location: at.location, ...(wantsChunks ? { "oci-chunk-min-length": "70000" } : {}) }).end();
      }
      for await (const chunk of req) {
        kept = Buffer.concat([kept, chunk as Buffer]);
        if (wish === "cut" && kept.length > 100_000) return void res.socket?.destroy();
      }
      if (method === "PATCH") return void res.writeHead(202, { ...at, range: `0-${kept.length - 1}` }).end();
      done = kept;
      return void res.writeHead(digestOf(done) === digest ? 201 : 400).end();
    };
    return { answer, done: () => done };
  };
  const source = {
    digest,
    size: blob.length,
    async *open() {
      for (let i = 0; i < blob.length; i += 50_000) yield blob.subarray(i, i + 50_000);
    },
  };
  const firstTime = () => {
    let before = false;
    return (yes: boolean): boolean => {
      if (!yes || before) return false;
      before = true;
      return true;
    };
  };

  test("cut in its middle goes on where it was", async () => {
    const first = firstTime();
    const { answer, done } = uploading(({ method }) => (first(method === "PUT") ? "cut" : undefined));
    const server = await registry(answer);
    expect(await client().client.putBlob(place(server), source)).toBe("uploaded");
    expect(done()?.equals(blob)).toBe(true);
    expect(server.asked).toEqual(["HEAD", "POST", "PUT", "HEAD", "GET", "PATCH", "PUT"]);
  });
  test("that forgets what it had starts anew", async () => {
    const first = firstTime();
    const { answer, done } = uploading(({ method }) => (first(method === "PUT") ? "cut" : method === "GET" ? 404 : undefined));
    const server = await registry(answer);
    expect(await client().client.putBlob(place(server), source)).toBe("uploaded");
    expect(done()?.equals(blob)).toBe(true);
  });
  test("that takes no whole blobs gets chunks", async () => {
    const first = firstTime();
    const { answer, done } = uploading(({ method }) => (first(method === "PUT") ? 413 : undefined), true);
    const server = await registry(answer);
    expect(await client().client.putBlob(place(server), source)).toBe("uploaded");
    expect(done()?.equals(blob)).toBe(true);
  });
  test("that stumbles over many requests is got through", async () => {
    // Not every third: that would be every PATCH, for each is followed by two questions.
    const { answer, done } = uploading((_, __, n) => ([0, 2, 5, 8, 9, 13, 17, 18].includes(n) ? 503 : undefined));
    const server = await registry(answer);
    expect(await client({ chunkBytes: 100_000 }).client.putBlob(place(server), source)).toBe("uploaded");
    expect(done()?.equals(blob)).toBe(true);
  });
});

test("a registry that hangs up on large bodies gets chunks", async () => {
  const large = Buffer.alloc(17 * 1024 * 1024, 7);
  const hash = createHash("sha256");
  const server = await registry(async (req, res) => {
    if (req.method === "HEAD" || req.method === "GET") return void res.writeHead(404).end();
    if (req.method === "POST") return void res.writeHead(202, { location: "/v2/a/blobs/uploads/1" }).end();
    if (Number(req.headers["content-length"]) > 16 * 1024 * 1024) return void res.socket?.destroy();
    for await (const chunk of req) hash.update(chunk as Buffer);
    return void res.writeHead(req.method === "PATCH" ? 202 : 201, { location: "/v2/a/blobs/uploads/1" }).end();
  });
  const outgoing = {
    digest: digestOf(large),
    size: large.length,
    async *open() {
      for (let i = 0; i < large.length; i += 1_000_000) yield large.subarray(i, i + 1_000_000);
    },
  };
  expect(await client().client.putBlob(place(server), outgoing)).toBe("uploaded");
  expect(`sha256:${hash.digest("hex")}`).toBe(outgoing.digest);
});

test("who gives up waiting for a token is let go at once", async () => {
  const stop = new AbortController();
  const tokens = await hostileServer(() => stop.abort(new Error("enough")));
  closing.push(() => tokens.close());
  const server = await registry((_, res) => void res.writeHead(401, { "www-authenticate": `Bearer realm="${tokens.url}/token"` }).end());
  await expect(client().client.tags(place(server), { signal: stop.signal })).rejects.toThrow("enough");
});

test("copies within one registry never wait for each other, however many", async () => {
  const text = Buffer.from("x".repeat(1000));
  const server = await registry(async (req, res) => {
    if (req.method === "HEAD") return void res.writeHead(404).end();
    if (req.method === "GET") return void res.end(text);
    if (req.method === "POST") return void res.writeHead(202, { location: "/v2/a/blobs/uploads/1" }).end();
    for await (const _ of req);
    return void res.writeHead(201).end();
  });
  const { client: made } = client({ transfersPerHost: 2 });
  const from = made.blobs({ registry: server.host, repository: "b" });
  const copies = Array.from({ length: 20 }, () =>
    made.putBlob(place(server), { digest: digestOf(text), size: text.length, open: () => from.open(digestOf(text)) }),
  );
  expect(await Promise.all(copies)).toEqual(Array.from({ length: 20 }, () => "uploaded"));
});

test("a login page where a manifest was wanted is told as one", async () => {
  const server = await registry((_, res) => void res.writeHead(200, { "content-type": "text/html" }).end("<html><head><title>Sign in to continue</title>"));
  await expect(client().client.manifest({ ...place(server), tag: "v1" })).rejects.toMatchObject({
    code: "registry-status",
    message: expect.stringMatching(/a web page, Sign in to continue/),
  });
});

test("a manifest without end is left after its limit", async () => {
  let sent = 0;
  const server = await registry(async (req, res) => {
    res.setMaxListeners(0).writeHead(200, { "content-type": MEDIA_TYPE.ociIndex });
    while (!req.destroyed && !res.destroyed && sent < 100_000_000) {
      sent += 100_000;
      if (!res.write(Buffer.alloc(100_000, 32))) await Promise.race([once(res, "drain"), once(res, "close")]);
    }
  });
  await expect(client().client.manifest({ ...place(server), tag: "v1" })).rejects.toMatchObject({ code: "limit-exceeded" });
  expect(sent).toBeLessThan(100_000_000);
});
