import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Answer, hostileServer, type LocalServer, rawServer, smallProxy } from "../../../../test/harness/hostile-server.ts";
import { TEST_AUTHORITY } from "../../../../test/harness/test-certificate.ts";
import { bytesBody, type Transport, type TransportRequest } from "../../../registry/client/transport.ts";
import { type NodeTransportOptions, nodeTransport } from "./http-transport.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const folder = mkdtempSync(join(tmpdir(), "multihull-transport-"));
const authority = join(folder, "ca.pem");
beforeAll(() => writeFileSync(authority, TEST_AUTHORITY));
afterAll(() => rmSync(folder, { recursive: true }));

const kept = <T extends { close(): Promise<void> }>(thing: T): T => {
  closing.push(() => thing.close());
  return thing;
};
const serve = async (answer: Answer, tls = false): Promise<LocalServer> => kept(await hostileServer(answer, tls));
const transport = (options: Partial<NodeTransportOptions> = {}): Transport => kept(nodeTransport({ env: {}, certsDirs: [], ...options }));

async function ask(from: Transport, url: string, more: Partial<TransportRequest> = {}) {
  const response = await from.request({ method: "GET", url: new URL(url), headers: {}, ...more });
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return { status: response.status, headers: response.headers, text: Buffer.concat(chunks).toString("utf8") };
}

describe("an answer", () => {
  test("comes with its status, its headers joined, and its bytes as they are", async () => {
    const { url } = await serve((_, res) => {
      res.writeHead(299, { "www-authenticate": ["Basic realm=a", "Bearer realm=b"], "content-encoding": "gzip" });
      res.end("not gzip at all");
    });
    const answer = await ask(transport(), url);
    expect(answer).toMatchObject({ status: 299, headers: { "www-authenticate": "Basic realm=a, Bearer realm=b" }, text: "not gzip at all" });
  });

  test("of a redirect is not followed", async () => {
    const { url, seen } = await serve((_, res) => void res.writeHead(302, { location: "/next" }).end());
    expect((await ask(transport(), url)).headers.location).toBe("/next");
    expect(seen).toEqual(["GET /"]);
  });

  test("may be let go of, and the next still comes", async () => {
    const { url } = await serve((req, res) => void res.end(req.url === "/big" ? Buffer.alloc(10_000_000) : "small"));
    const from = transport();
    const big = await from.request({ method: "GET", url: new URL("/big", url), headers: {} });
    await big.discard();
    await big.discard();
    for await (const chunk of (await from.request({ method: "GET", url: new URL("/big", url), headers: {} })).body) if (chunk.byteLength > 0) break;
    expect((await ask(from, `${url}/x`)).text).toBe("small");
  });
});

describe("a body", () => {
  const echo: Answer = async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    res.end(JSON.stringify([req.headers["content-length"], req.headers["transfer-encoding"], Buffer.concat(chunks).length]));
  };
  test("is sent with its length", async () => {
    const { url } = await serve(echo);
    expect((await ask(transport(), url, { method: "PUT", body: bytesBody(Buffer.alloc(300_000)) })).text).toBe('["300000",null,300000]');
  });
  test.each(["PUT", "POST"] as const)("that is empty tells so: %s", async (method) => {
    const { url } = await serve(echo);
    expect((await ask(transport(), url, { method })).text).toBe('["0",null,0]');
    expect((await ask(transport(), url, { method, body: bytesBody(new Uint8Array()) })).text).toBe('["0",null,0]');
  });
  test("that fails, fails as it is", async () => {
    const { url } = await serve(echo);
    const body = {
      length: 10,
      async *open() {
        yield Buffer.from("12345");
        throw new RangeError("the source broke");
      },
    };
    await expect(ask(transport(), url, { method: "PUT", body })).rejects.toThrow(new RangeError("the source broke"));
  });
  test("is not needed for an answer", async () => {
    const { url } = await serve((_, res) => void res.writeHead(403, { connection: "close" }).end("no"));
    const body = {
      length: 50_000_000,
      async *open() {
        for (let i = 0; i < 500; i++) yield Buffer.alloc(100_000);
      },
    };
    // Either the answer or the cut connection is seen first; both are told apart from a hang and from a bug.
    const outcome = await ask(transport(), url, { method: "PUT", body }).then(
      ({ status }) => status,
      (error: { failure?: string }) => error.failure,
    );
    expect([403, "reset"]).toContain(outcome);
  });
});

describe("a failure", () => {
  const failing = (url: string, options: Partial<NodeTransportOptions> = {}, more: Partial<TransportRequest> = {}) =>
    ask(transport(options), url, more).then(
      ({ status }) => `answered ${status}`,
      (error: { name: string; failure?: string }) => error.failure ?? error.name,
    );
  const freePort = async (): Promise<number> => {
    const server: Server = createServer();
    const port = await new Promise<number>((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)));
    await new Promise((resolve) => server.close(resolve));
    return port;
  };

  test("when nobody listens", async () => expect(await failing(`http://127.0.0.1:${await freePort()}`)).toBe("refused"));
  test("when the host is unknown", async () => expect(["name-unknown", "name-temporary"]).toContain(await failing("http://does-not-exist.invalid")));
  test("when the connection is cut before the answer", async () =>
    expect(await failing((await serve((_, res) => void res.socket?.destroy())).url)).toBe("reset"));
  test("when the connection is cut within the answer", async () => {
    const { url } = await serve((_, res) => {
      res.writeHead(200, { "content-length": "100" }).write("half");
      setImmediate(() => res.socket?.destroy());
    });
    expect(await failing(url)).toBe("reset");
  });
  test("when a chunked answer is cut", async () => {
    const { url } = await serve((_, res) => {
      res.writeHead(200).write("half");
      setImmediate(() => res.socket?.destroy());
    });
    expect(await failing(url)).toBe("reset");
  });
  test("when no answer comes", async () => expect(await failing((await serve(() => {})).url, { headersTimeoutMs: 50 })).toBe("timeout"));
  test("when the answer stops", async () =>
    expect(await failing((await serve((_, res) => void res.writeHead(200, { "content-length": "9" }).write("x"))).url, { bodyTimeoutMs: 50 })).toBe("timeout"));
  test("when it is no HTTP", async () => expect(await failing(kept(await rawServer((socket) => socket.end("SSH-2.0-x\r\n"))).url)).toBe("not-http"));
  test("when TLS is wanted and not spoken", async () =>
    expect(await failing((await serve((_, res) => void res.end())).url.replace("http:", "https:"))).toBe("not-tls"));
  test("when the signal ends it", async () => {
    const stop = new AbortController();
    const { url } = await serve(() => stop.abort(new Error("enough")));
    await expect(ask(transport(), url, { signal: stop.signal })).rejects.toThrow("enough");
  });
  test("when the signal ends it within the answer", async () => {
    const stop = new AbortController();
    const { url } = await serve((_, res) => void res.writeHead(200, { "content-length": "9" }).write("x"));
    const response = await transport().request({ method: "GET", url: new URL(url), headers: {}, signal: stop.signal });
    const reading = (async () => {
      for await (const chunk of response.body) if (chunk.byteLength === 1) stop.abort(new Error("enough"));
    })();
    await expect(reading).rejects.toThrow("enough");
  });
});

describe("TLS", () => {
  const secure = () => serve((_, res) => void res.end("safe"), true);
  const hostDir = (host: string): string => {
    const dir = mkdtempSync(join(folder, "certs-"));
    mkdirSync(join(dir, host));
    writeFileSync(join(dir, host, "ca.crt"), TEST_AUTHORITY);
    return dir;
  };
  test("is refused for an unknown authority", async () => {
    await expect(ask(transport(), (await secure()).url)).rejects.toMatchObject({ failure: "certificate", temporary: false });
  });
  test("may be let off, host by host", async () => {
    const { url } = await secure();
    const from = transport();
    expect((await ask(from, url, { insecureTls: true })).text).toBe("safe");
    await expect(ask(from, url)).rejects.toMatchObject({ failure: "certificate" });
  });
  test("is accepted with SSL_CERT_FILE", async () =>
    expect((await ask(transport({ env: { SSL_CERT_FILE: authority } }), (await secure()).url)).text).toBe("safe"));
  test("is accepted with the option", async () => expect((await ask(transport({ caFiles: [authority] }), (await secure()).url)).text).toBe("safe"));
  test("is accepted with certs.d for the host", async () => {
    const { url, host } = await secure();
    expect((await ask(transport({ certsDirs: [join(folder, "none"), hostDir(host)] }), url)).text).toBe("safe");
  });
  test("is not accepted with certs.d for another host", async () => {
    const { url } = await secure();
    await expect(ask(transport({ certsDirs: [hostDir("other.test")] }), url)).rejects.toMatchObject({ failure: "certificate" });
  });
  test("with a file that is not there is a problem of its own", async () => {
    await expect(ask(transport({ caFiles: [join(folder, "nope")] }), (await secure()).url)).rejects.toMatchObject({
      name: "ProblemError",
      code: "file-unreadable",
    });
  });
});

describe("a proxy", () => {
  const fine: Answer = (req, res) => void res.end(`${req.url} for ${req.headers.host}, ${req.headers["proxy-authorization"] ?? "no password"}`);
  const portOf = ({ host }: LocalServer): number => Number(host.split(":")[1]);

  test("is asked with the whole address for http", async () => {
    const server = await serve(fine);
    const proxy = kept(await smallProxy({ "reg.test:5000": portOf(server) }));
    const from = transport({ env: { HTTP_PROXY: proxy.url } });
    expect((await ask(from, "http://reg.test:5000/v2/")).text).toBe("/v2/ for reg.test:5000, no password");
    expect(proxy.seen).toEqual(["GET http://reg.test:5000/v2/ -"]);
  });
  test("is asked for a tunnel for https, with its password and not ours", async () => {
    const server = await serve(fine, true);
    const proxy = kept(await smallProxy({ "reg.test:443": portOf(server) }));
    const from = transport({ env: { https_proxy: proxy.url.replace("//", "//me:pw@") }, caFiles: [authority] });
    expect((await ask(from, "https://reg.test/v2/")).text).toBe("/v2/ for reg.test, no password");
    expect(proxy.seen).toEqual(["CONNECT reg.test:443 Basic bWU6cHc="]);
  });
  test("is not asked for loopback", async () => {
    const server = await serve(fine);
    const proxy = kept(await smallProxy({}));
    expect((await ask(transport({ env: { HTTP_PROXY: proxy.url } }), `${server.url}/x`)).status).toBe(200);
    expect(proxy.seen).toEqual([]);
  });
  test.each([407, 403])("that refuses with %d is told as such", async (status) => {
    const proxy = kept(await smallProxy({}, status));
    const from = transport({ env: { HTTPS_PROXY: proxy.url.replace("//", "//me:hush@") } });
    const error = await ask(from, "https://reg.test/v2/").catch((e: unknown) => e);
    expect(error).toMatchObject({ name: "TransportError", failure: "proxy", message: expect.stringContaining(String(status)) });
    expect((error as Error).message).not.toContain("hush");
  });
  test("streams a body through", async () => {
    const server = await serve(async (req, res) => {
      let size = 0;
      for await (const chunk of req) size += (chunk as Buffer).length;
      res.end(String(size));
    });
    const proxy = kept(await smallProxy({ "reg.test:80": portOf(server) }));
    expect(
      (await ask(transport({ env: { HTTP_PROXY: proxy.url } }), "http://reg.test/up", { method: "PUT", body: bytesBody(Buffer.alloc(500_000)) })).text,
    ).toBe("500000");
  });
});
