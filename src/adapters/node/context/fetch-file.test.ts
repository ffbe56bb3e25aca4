import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseDigest } from "../../../core/digest.ts";
import { collect } from "../../../image/blob-store.ts";
import type { Transport } from "../../../registry/client/transport.ts";
import { nodeTransport } from "../transport/http-transport.ts";
import { fetchFile } from "./fetch-file.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
let answers: Record<string, Answer>;
let asked: { readonly path: string; readonly authorization: string | undefined }[];
let servers: Server[];
let spoolFolder: string;
let transport: Transport;

async function serve(): Promise<string> {
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    asked.push({ path, authorization: request.headers.authorization });
    const answer = answers[path];
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  }).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
beforeEach(() => {
  answers = {};
  asked = [];
  servers = [];
  spoolFolder = mkdtempSync(join(tmpdir(), "multihull-fetch-"));
  transport = nodeTransport({ env: {} });
});
afterEach(async () => {
  await transport.close();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
  rmSync(spoolFolder, { recursive: true, force: true });
});

const body = "the file";
const ok: Answer = (_, response) => void response.writeHead(200, { "last-modified": "Tue, 14 Nov 2023 22:13:20 GMT" }).end(body);
const to =
  (location: string, status = 302): Answer =>
  (_, response) =>
    void response.writeHead(status, { location }).end("moved");
const fetch = (url: string, options: { limitBytes?: number; checksum?: string; signal?: AbortSignal } = {}) => {
  const { checksum, ...rest } = options;
  return fetchFile({ url, ...(checksum === undefined ? {} : { checksum: parseDigest(checksum) }) }, { transport, spoolFolder, ...rest });
};
const hash = (algorithm: string): string => `${algorithm}:${createHash(algorithm).update(body).digest("hex")}`;

describe("a file is brought", () => {
  test("with its size, digest and time, and removed by close", async () => {
    answers["/a/file.txt?x=1"] = ok;
    const file = await fetch(`${await serve()}/a/file.txt?x=1#ignored`);
    expect(file).toMatchObject({ size: 8, digest: hash("sha256"), mtime: 1700000000 });
    expect(Buffer.from(await collect(file.open())).toString()).toBe(body);
    expect(Buffer.from(await collect(file.open())).toString()).toBe(body);
    await file.close();
    expect(readdirSync(spoolFolder)).toEqual([]);
  });

  test("without a time when the server tells none, or none that is one", async () => {
    answers["/none"] = (_, response) => void response.end(body);
    answers["/odd"] = (_, response) => void response.writeHead(200, { "last-modified": "yesterday" }).end(body);
    const origin = await serve();
    expect((await fetch(`${origin}/none`)).mtime).toBeUndefined();
    expect((await fetch(`${origin}/odd`)).mtime).toBeUndefined();
  });

  test("over redirects of every kind, relative ones too", async () => {
    Object.assign(answers, { "/1": to("/2", 301), "/2": to("3", 303), "/3": to("/4", 307), "/4": to("/5?q", 308), "/5?q": ok });
    expect((await fetch(`${await serve()}/1`)).size).toBe(8);
    expect(asked.map((a) => a.path)).toEqual(["/1", "/2", "/3", "/4", "/5?q"]);
  });

  test("unpacked, when it was packed for the way only", async () => {
    answers["/"] = (request, response) => {
      expect(request.headers["accept-encoding"]).toBe("gzip");
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(body));
    };
    answers["/a.gz"] = (_, response) => void response.end(gzipSync(body));
    const origin = await serve();
    expect((await fetch(`${origin}/`)).digest).toBe(hash("sha256"));
    expect((await fetch(`${origin}/a.gz`)).digest).not.toBe(hash("sha256"));
  });

  for (const algorithm of ["sha256", "sha512"])
    test(`with the ${algorithm} checksum that was wanted`, async () => {
      answers["/"] = ok;
      expect((await fetch(`${await serve()}/`, { checksum: hash(algorithm) })).digest).toBe(hash("sha256"));
    });

  test("as the user that the address names, who is not told to another origin", async () => {
    const other = await serve();
    const first = await serve();
    Object.assign(answers, { "/same": to("/other"), "/other": to(`${other}/end`), "/end": ok });
    await fetch(`${first.replace("http://", "http://me:s%20t@")}/same`);
    const basic = `Basic ${Buffer.from("me:s t").toString("base64")}`;
    expect(asked).toEqual([
      { path: "/same", authorization: basic },
      { path: "/other", authorization: basic },
      { path: "/end", authorization: undefined },
    ]);
  });
});

describe("refused, and nothing left, is", () => {
  const refused: Record<string, { answer?: Answer; options?: Parameters<typeof fetch>[1]; code: string; message?: string }> = {
    "what is not there": { code: "download-failed", message: "answered 404" },
    "an error": { answer: (_, r) => void r.writeHead(500).end("<html>"), code: "download-failed", message: "answered 500" },
    "no content that was not asked for": { answer: (_, r) => void r.writeHead(304).end(), code: "download-failed" },
    "another checksum": { answer: ok, options: { checksum: `sha256:${"0".repeat(64)}` }, code: "checksum-mismatch", message: "wanted sha256:000" },
    "too much, announced": {
      answer: (_, r) => void r.writeHead(200, { "content-length": "1000" }).write("x"),
      options: { limitBytes: 100 },
      code: "limit-exceeded",
    },
    "too much, not announced": { answer: (_, r) => void r.writeHead(200).end("x".repeat(200_000)), options: { limitBytes: 100_000 }, code: "limit-exceeded" },
    "a body that is cut": {
      answer: (_, r) => {
        r.writeHead(200, { "content-length": "1000" });
        r.write("half", () => r.destroy());
      },
      code: "download-failed",
    },
    "a connection that is cut": { answer: (_, r) => void r.destroy(), code: "download-failed" },
    "a redirect to a file": { answer: to("file:///etc/passwd"), code: "download-failed", message: "only http and https" },
    "a redirect to a socket": { answer: to("unix:///var/run/docker.sock"), code: "download-failed" },
    "a redirect to nothing": { answer: to("http://"), code: "download-failed" },
    "redirects without an end": { answer: to("/"), code: "download-failed", message: "10 redirects" },
    "a packed body that is damaged": {
      answer: (_, r) => void r.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(body).subarray(0, 12)),
      code: "download-failed",
    },
  };
  for (const [name, c] of Object.entries(refused))
    test(name, async () => {
      if (c.answer !== undefined) answers["/"] = c.answer;
      await expect(fetch(`${await serve()}/`, c.options)).rejects.toMatchObject({
        code: c.code,
        ...(c.message === undefined ? {} : { message: expect.stringContaining(c.message) }),
      });
      expect(readdirSync(spoolFolder)).toEqual([]);
    });

  test("a scheme that is not http", async () => {
    for (const url of ["file:///etc/passwd", "ftp://example.com/a", "data:text/plain,x", "nonsense"])
      await expect(fetch(url)).rejects.toMatchObject({ code: "download-failed" });
  });

  test("a server that is not there, whose password is not told", async () => {
    const failure = await fetch("http://me:s3cret@127.0.0.1:1/a?sig=s3cret").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "download-failed" });
    expect((failure as Error).message).not.toContain("s3cret");
  });

  test("what is aborted midway", async () => {
    const stop = new AbortController();
    answers["/"] = (_, response) => {
      response.writeHead(200);
      response.write("half", () => stop.abort(new Error("stop")));
    };
    await expect(fetch(`${await serve()}/`, { signal: stop.signal })).rejects.toThrow("stop");
    expect(readdirSync(spoolFolder)).toEqual([]);
  });
});
