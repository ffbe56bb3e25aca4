import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { TEST_AUTHORITY, TEST_CERTIFICATE, TEST_KEY } from "../../../test/harness/test-certificate.ts";
import type { AccessLine } from "../../core/access-line.ts";
import { digestOf } from "../../core/digest.ts";
import type { ByteStream } from "../../image/blob-store.ts";
import { registryHandler } from "../../registry/server/handler.ts";
import { emptyResponse, type RegistryHandler } from "../../registry/server/message.ts";
import { memoryBlobStore } from "../memory/blob-store.ts";
import { memoryRegistryStorage } from "../memory/registry-storage.ts";
import { type RegistryServer, type ServeOptions, serveRegistry } from "./http-server.ts";
import { isLoopback, parseListen } from "./listen-address.ts";

const running: RegistryServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

const registry = (): RegistryHandler => registryHandler(memoryRegistryStorage(), memoryBlobStore(), { clock: { nowMs: () => 0 } });

async function serve(options: Partial<ServeOptions> = {}): Promise<RegistryServer> {
  const server = await serveRegistry({ listen: "127.0.0.1:0", handler: registry(), ...options });
  running.push(server);
  return server;
}

/** Counts down; `reached` resolves at zero. */
function gate(): { readonly reached: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const reached = new Promise<void>((done) => {
    open = done;
  });
  return { reached, open };
}

const big = Buffer.alloc(24 * 1024 * 1024, "multihull");
const problem = (code: string): unknown => expect.objectContaining({ name: "ProblemError", code });

describe("a registry over HTTP", () => {
  test("takes a large blob and gives it back, whole, in part, and its size alone, on one connection", async () => {
    const lines: AccessLine[] = [];
    const server = await serve({ log: (line) => lines.push(line) });
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    const digest = digestOf(big);
    expect((await fetch(`${server.url}/v2/app/blobs/uploads/?digest=${digest}`, { method: "POST", body: big })).status).toBe(201);
    const whole = await fetch(`${server.url}/v2/app/blobs/${digest}`);
    expect(Buffer.from(await whole.arrayBuffer()).equals(big)).toBe(true);
    const head = await fetch(`${server.url}/v2/app/blobs/${digest}`, { method: "HEAD" });
    expect([head.headers.get("content-length"), await head.text()]).toEqual([String(big.length), ""]);
    const part = await fetch(`${server.url}/v2/app/blobs/${digest}`, { headers: { range: "bytes=0-8" } });
    expect([part.status, await part.text()]).toEqual([206, "multihull"]);
    expect(lines.map(({ method, status, bytes, complete }) => ({ method, status, bytes, complete }))).toEqual([
      { method: "POST", status: 201, bytes: 0, complete: true },
      { method: "GET", status: 200, bytes: big.length, complete: true },
      { method: "HEAD", status: 200, bytes: 0, complete: true },
      { method: "GET", status: 206, bytes: 9, complete: true },
    ]);
  });

  test("takes a body in chunks without a length", async () => {
    const server = await serve();
    const started = await fetch(`${server.url}/v2/app/blobs/uploads/`, { method: "POST" });
    const at = new URL(started.headers.get("location") as string, server.url);
    const request = httpRequest(at, { method: "PATCH" });
    for (const part of ["he", "ll", "o"]) request.write(part);
    request.end();
    const [patched] = (await once(request, "response")) as [IncomingMessage];
    expect([patched.statusCode, patched.headers.range]).toEqual([202, "0-4"]);
    patched.resume();
    at.searchParams.set("digest", digestOf("hello"));
    expect((await fetch(at, { method: "PUT" })).status).toBe(201);
  });

  test("keeps the connection after a refusal that did not read the body", async () => {
    const server = await serve();
    const send = `PUT /v2/App/manifests/x HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n${"x".repeat(1_000_000)}`;
    const answer = await talk(server, `${send}GET /v2/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 400", "HTTP/1.1 200"]);
  });

  test("gives the go-ahead only for a body it wants", async () => {
    const server = await serve();
    const ask = (path: string): string => `POST ${path} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n`;
    expect(await talk(server, ask("/v2/App/blobs/uploads/"))).toMatch(/^HTTP\/1\.1 400 [\s\S]*connection: close/i);
    const socket = connect(server.port, "127.0.0.1");
    socket.write(ask(`/v2/app/blobs/uploads/?digest=${digestOf("hello")}`));
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    socket.write("hello");
    const [second] = (await once(socket, "data")) as [Buffer];
    expect(second.toString()).toMatch(/^HTTP\/1\.1 201 /);
    socket.destroy();
  });

  test("tells the handler when the client goes away in the middle of its body", async () => {
    const got = gate();
    const cut = gate();
    let failure: unknown;
    const server = await serve({
      async handler(request) {
        try {
          for await (const chunk of request.body) if (chunk.byteLength > 0) got.open();
        } catch (error) {
          failure = error;
          cut.open();
        }
        return emptyResponse(200);
      },
    });
    const socket = connect(server.port, "127.0.0.1");
    socket.write("PUT /v2/ HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nsome");
    await got.reached;
    socket.destroy();
    await cut.reached;
    expect(failure).toMatchObject({ name: "BodyCut" });
  });

  test("stops reading a blob when its taker goes away, and does not run ahead of a slow one", async () => {
    let given = 0;
    const released = gate();
    async function* endless(): ByteStream {
      try {
        for (;;) {
          given += 1_000_000;
          yield Buffer.alloc(1_000_000);
        }
      } finally {
        released.open();
      }
    }
    const lines: AccessLine[] = [];
    const logged = gate();
    const server = await serve({
      handler: async () => ({ status: 200, headers: { "content-length": String(1e12) }, body: endless() }),
      log: (line) => {
        lines.push(line);
        logged.open();
      },
    });
    const socket = connect(server.port, "127.0.0.1");
    socket.write("GET /v2/ HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(socket, "readable");
    // Nothing more is taken: the socket's buffers fill, and then the blob waits.
    let before = -1;
    while (given !== before) {
      before = given;
      for (let turn = 0; turn < 50; turn++) await new Promise((done) => setImmediate(done));
    }
    expect(given).toBeLessThan(50_000_000);
    socket.destroy();
    await released.reached;
    await logged.reached;
    expect(lines).toMatchObject([{ status: 200, complete: false }]);
  });

  test("cuts the connection when the content fails on the way out, and tells it", async () => {
    async function* failing(): ByteStream {
      yield Buffer.from("some");
      throw new Error("the disk is gone");
    }
    const failures: unknown[] = [];
    const server = await serve({
      handler: async () => ({ status: 200, headers: { "content-length": "100" }, body: failing() }),
      onFailure: (error) => failures.push(error),
    });
    await expect(fetch(`${server.url}/v2/`).then((response) => response.text())).rejects.toThrow();
    expect(failures).toEqual([new Error("the disk is gone")]);
  });

  test("cuts the connection when the content is shorter than announced", async () => {
    const failures: unknown[] = [];
    const server = await serve({
      handler: async () => ({ status: 200, headers: { "content-length": "100" }, body: Buffer.from("short") }),
      onFailure: (error) => failures.push(error),
    });
    await expect(fetch(`${server.url}/v2/`).then((response) => response.text())).rejects.toThrow();
    expect(String(failures[0])).toContain("has 5 bytes, announced were 100");
  });

  test("answers 400 to what is not HTTP, and 431 or 400 to endless headers", async () => {
    const server = await serve();
    expect(await talk(server, "hello?\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect(await talk(server, `GET /v2/ HTTP/1.1\r\nx: ${"y".repeat(100_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 4(?:00|31) /);
  });
});

describe("closing", () => {
  test("frees the port, and can be asked for twice", async () => {
    const server = await serve();
    await fetch(`${server.url}/v2/`).then((response) => response.text());
    await Promise.all([server.close(), server.close()]);
    await expect(fetch(`${server.url}/v2/`)).rejects.toThrow();
    const again = await serve({ listen: `127.0.0.1:${server.port}` });
    expect(again.port).toBe(server.port);
  });

  test("lets a running request end", async () => {
    const [asked, go] = [gate(), gate()];
    const server = await serve({
      async handler() {
        asked.open();
        await go.reached;
        return emptyResponse(200);
      },
    });
    const answer = fetch(`${server.url}/v2/`);
    await asked.reached;
    const closed = server.close();
    go.open();
    expect((await answer).status).toBe(200);
    await closed;
  });

  test("comes with the signal", async () => {
    const stop = new AbortController();
    const server = await serve({ signal: stop.signal });
    stop.abort();
    await server.close();
    await expect(fetch(`${server.url}/v2/`)).rejects.toThrow();
  });
});

describe("where it listens", () => {
  test.each<[string, { host: string; port: number } | undefined]>([
    ["127.0.0.1:5000", { host: "127.0.0.1", port: 5000 }],
    ["localhost:0", { host: "localhost", port: 0 }],
    [":5000", { host: "127.0.0.1", port: 5000 }],
    ["5000", { host: "127.0.0.1", port: 5000 }],
    ["[::1]:5000", { host: "::1", port: 5000 }],
    ["0.0.0.0:80", { host: "0.0.0.0", port: 80 }],
    ["127.0.0.1", undefined],
    ["::1:5000", undefined],
    ["host:70000", undefined],
    ["http://host:5000", undefined],
    ["", undefined],
  ])("%j", (text, wanted) => {
    if (wanted === undefined) expect(() => parseListen(text)).toThrow(expect.objectContaining({ code: "usage" }));
    else expect(parseListen(text)).toEqual(wanted);
  });

  test.each([
    ["127.0.0.1", true],
    ["127.9.9.9", true],
    ["::1", true],
    ["0.0.0.0", false],
    ["::", false],
    ["192.168.1.1", false],
  ])("%s is loopback: %s", (address, wanted) => expect(isLoopback(address)).toBe(wanted));

  test("an address that others can reach is allowed, with a warning", async () => {
    const warnings: string[] = [];
    await serve({ listen: "0.0.0.0:0", onWarning: (message) => warnings.push(message) });
    expect(warnings).toEqual(["the registry listens on 0.0.0.0, which other machines can reach, without TLS and without a password"]);
    await serve({ onWarning: (message) => warnings.push(message) });
    expect(warnings).toHaveLength(1);
  });

  test("a port that is taken is told", async () => {
    const server = await serve();
    await expect(serve({ listen: `127.0.0.1:${server.port}` })).rejects.toEqual(problem("usage"));
  });
});

describe("who may come in", () => {
  const SHA = "bob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n";

  test("a user of the htpasswd file, from text or file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "multihull-http-"));
    const file = join(folder, "htpasswd");
    writeFileSync(file, SHA);
    for (const htpasswd of [{ text: SHA }, { file }]) {
      const server = await serve({ htpasswd });
      const refused = await fetch(`${server.url}/v2/`);
      expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, 'Basic realm="multihull registry", charset="UTF-8"']);
      const authorization = `Basic ${Buffer.from("bob:secret").toString("base64")}`;
      expect((await fetch(`${server.url}/v2/`, { headers: { authorization } })).status).toBe(200);
    }
    rmSync(folder, { recursive: true });
    await expect(serve({ htpasswd: { file } })).rejects.toEqual(problem("file-unreadable"));
  });

  test("over TLS, with a certificate", async () => {
    const server = await serve({ tls: { cert: TEST_CERTIFICATE, key: TEST_KEY } });
    expect(server.url).toMatch(/^https:/);
    const request = httpsRequest(`${server.url}/v2/app/blobs/uploads/?digest=${digestOf(big)}`, { ca: TEST_AUTHORITY, method: "POST" });
    request.end(big);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(201);
    response.resume();
    await once(response, "end");
    request.destroy();
  });

  test("not with a certificate that is none", async () => {
    await expect(serve({ tls: { cert: "x", key: "y" } })).rejects.toEqual(problem("usage"));
  });
});

/** Sends a text as it is, and reads until the other side ends. */
async function talk(server: RegistryServer, text: string): Promise<string> {
  const socket: Socket = connect(server.port, "127.0.0.1");
  socket.write(text);
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
