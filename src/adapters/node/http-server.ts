import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { AccessLine } from "../../core/access-line.ts";
import { ProblemError } from "../../core/problem.ts";
import type { ByteStream } from "../../image/blob-store.ts";
import { withBasicAuth } from "../../registry/server/basic-auth.ts";
import { readHtpasswd } from "../../registry/server/htpasswd.ts";
import { BodyCut, type RegistryHandler } from "../../registry/server/message.ts";
import { isLoopback, parseListen } from "./listen-address.ts";

export interface ServeOptions {
  /** `HOST:PORT`, `:PORT` or `PORT` (both on loopback); port 0 takes a free one. Default `127.0.0.1:5000`. */
  readonly listen?: string | undefined;
  readonly handler: RegistryHandler;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Asks for a user of this htpasswd file (bcrypt or `{SHA}`). */
  readonly htpasswd?: { readonly file: string } | { readonly text: string } | undefined;
  /** Told of each request once it is answered. */
  readonly log?: ((line: AccessLine) => void) | undefined;
  /** Told of failures on the way out, after the status was sent; the client sees its connection cut. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /** Told of what the user should know: an address that others can reach. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Closes the server. */
  readonly signal?: AbortSignal | undefined;
}

/** A registry that listens. */
export interface RegistryServer {
  /** `http://127.0.0.1:5000`, without a slash at the end. */
  readonly url: string;
  readonly address: string;
  readonly port: number;
  /** Takes no more requests, lets running ones end for a moment, then cuts them. */
  close(): Promise<void>;
}

/** A connection on which nothing moves for this long is cut; bringing a large blob to a slow disk takes minutes. A whole upload may take any time. */
const IDLE_MS = 300_000;
const HEADERS_MS = 30_000;
/** Longer than clients keep a connection that they do not use: they must be the first to close, or a request meets a closed door. */
const KEEP_ALIVE_MS = 95_000;
/** How long requests may go on when the server is closed. */
const CLOSING_MS = 2_000;
const LARGEST_HEADERS = 32 * 1024;
/** Of a body that nobody wants, this much is read, so that the client comes to see the answer; then the connection is cut. */
const MOST_DRAINED = 16 * 1024 * 1024;
const SOCKET_BUFFER = 1024 * 1024;

/**
 * Serves a registry over HTTP or HTTPS.
 * @throws {ProblemError} `usage` (the address, the certificate or the htpasswd file cannot be used) | `file-unreadable`
 */
export async function serveRegistry(options: ServeOptions): Promise<RegistryServer> {
  const { host, port } = parseListen(options.listen ?? "127.0.0.1:5000");
  const handler = options.htpasswd === undefined ? options.handler : withBasicAuth(options.handler, readHtpasswd(htpasswdText(options.htpasswd)));
  const server = createServer(options.tls);
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    respond(handler, request, response, options.log).catch((error: unknown) => {
      // Nothing is left to tell the client: a cut connection is how it learns.
      response.destroy();
      if (!(error instanceof BodyCut)) options.onFailure?.(error);
    });
  };
  server.on("request", serve);
  // The go-ahead is given when the body is first read: a refusal comes before the client has sent gigabytes.
  server.on("checkContinue", serve);
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    else socket.destroy();
  });
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.timeout = IDLE_MS;
  await listen(server, host, port);

  const bound = server.address() as AddressInfo;
  if (!isLoopback(bound.address)) {
    const how = [options.tls === undefined ? "without TLS" : undefined, options.htpasswd === undefined ? "without a password" : undefined];
    const open = how.filter((part) => part !== undefined).join(" and ");
    options.onWarning?.(`the registry listens on ${bound.address}, which other machines can reach${open === "" ? "" : `, ${open}`}`);
  }
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeServer(server);
    return closing;
  };
  options.signal?.addEventListener("abort", () => void close(), { once: true });
  if (options.signal?.aborted === true) await close();
  const name = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
  return { url: `${options.tls === undefined ? "http" : "https"}://${name}:${bound.port}`, address: bound.address, port: bound.port, close };
}

function createServer(tls: ServeOptions["tls"]): Server {
  const common = { maxHeaderSize: LARGEST_HEADERS, highWaterMark: SOCKET_BUFFER, noDelay: true };
  if (tls === undefined) return createHttpServer(common);
  try {
    return createHttpsServer({ ...common, cert: tls.cert, key: tls.key });
  } catch (error) {
    throw new ProblemError("usage", {
      message: `the certificate and key cannot be used: ${(error as Error).message}`,
      hint: "wanted a PEM certificate and its PEM private key without a passphrase",
      cause: error,
    });
  }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen({ host, port });
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "the port is taken" : code === "EACCES" ? "the port is kept for root" : (error as Error).message;
    throw new ProblemError("usage", {
      message: `cannot listen on "${host}:${port}": ${why}`,
      hint: "name another address with --listen; port 0 takes a free one",
      facts: { host, port, errno: code ?? "" },
      cause: error,
    });
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
  await closed;
  clearTimeout(timer);
}

async function respond(handler: RegistryHandler, request: IncomingMessage, response: ServerResponse, log: ServeOptions["log"]): Promise<void> {
  const startedMs = performance.now();
  const url = request.url ?? "/";
  const method = request.method ?? "GET";
  const body = new RequestBody(request, response);
  let status = 500;
  let bytes = 0;
  let complete = false;
  try {
    const answer = await handler({ method, url, headers: headersOf(request), body });
    status = answer.status;
    response.writeHead(status, body.awaited ? { ...answer.headers, connection: "close" } : answer.headers);
    if (answer.body === undefined) response.flushHeaders();
    else for await (const chunk of asStream(answer.body)) bytes += await send(response, chunk);
    const length = answer.headers["content-length"];
    if (answer.body !== undefined && bytes !== Number(length)) throw new Error(`the answer to ${method} ${url} has ${bytes} bytes, announced were ${length}`);
    // All of the answer is out before it is ended: a client that is still sending can read it.
    if (body.awaited || (await body.drained())) {
      response.end();
      complete = true;
    } else response.destroy();
  } finally {
    log?.({ method, url, status, bytes, durationMs: performance.now() - startedMs, complete });
  }
}

async function send(response: ServerResponse, chunk: Uint8Array): Promise<number> {
  if (response.destroyed) throw new BodyCut("the client went away");
  if (!response.write(chunk)) await drain(response);
  return chunk.byteLength;
}

/** Resolves when there is room again; rejects when there never will be. */
function drain(response: ServerResponse): Promise<void> {
  return new Promise((done, fail) => {
    const settle = (act: () => void) => (): void => {
      response.off("drain", onDrain).off("close", onClose);
      act();
    };
    const onDrain = settle(done);
    const onClose = settle(() => fail(new BodyCut("the client went away")));
    response.once("drain", onDrain).once("close", onClose);
  });
}

/** A request's body, and what to do with the rest of it. */
class RequestBody implements ByteStream {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  /** The client waits for a go-ahead before it sends its body. */
  awaited: boolean;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
    this.awaited = /^100-continue$/i.test(request.headers.expect ?? "");
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.awaited) this.#response.writeContinue();
    this.awaited = false;
    try {
      // Not destroyed when the reader stops early: the answer still goes out on the same connection.
      for await (const chunk of this.#request.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
    } catch (error) {
      throw new BodyCut("the client went away", { cause: error });
    }
  }

  /** Reads the rest of a body that nobody wants; false when there is too much of it, or the client is gone. */
  async drained(): Promise<boolean> {
    if (this.#request.complete) return true;
    let rest = MOST_DRAINED;
    try {
      for await (const chunk of this) {
        rest -= chunk.byteLength;
        if (rest < 0) return false;
      }
      return true;
    } catch {
      return false;
    }
  }
}

async function* asStream(body: Uint8Array | ByteStream): ByteStream {
  if (body instanceof Uint8Array) yield body;
  else yield* body;
}

function headersOf(request: IncomingMessage): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  return headers;
}

function htpasswdText(given: NonNullable<ServeOptions["htpasswd"]>): string {
  if ("text" in given) return given.text;
  try {
    return readFileSync(given.file, "utf8");
  } catch (error) {
    throw new ProblemError("file-unreadable", {
      message: `the htpasswd file "${given.file}" cannot be read: ${(error as Error).message}`,
      hint: "make it with `htpasswd -cB FILE USER`",
      cause: error,
    });
  }
}
