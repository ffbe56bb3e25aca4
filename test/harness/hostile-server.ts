import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { TEST_CERTIFICATE, TEST_KEY } from "./test-certificate.ts";

/** Answers one request; whatever it does to the socket is its own business. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface LocalServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly url: string;
  /** `METHOD PATH` of each request, in order. */
  readonly seen: string[];
  close(): Promise<void>;
}

/** A server on loopback that answers as it is told, badly if need be. */
export async function hostileServer(answer: Answer, tls = false): Promise<LocalServer> {
  const seen: string[] = [];
  const listener = (req: IncomingMessage, res: ServerResponse): void => {
    seen.push(`${req.method} ${req.url}`);
    Promise.resolve(answer(req, res)).catch(() => res.destroy());
  };
  const server = tls ? createTlsServer({ cert: TEST_CERTIFICATE, key: TEST_KEY }, listener) : createServer(listener);
  const port = await listening(server);
  return { host: `127.0.0.1:${port}`, url: `${tls ? "https" : "http"}://127.0.0.1:${port}`, seen, close: closing(server) };
}

/** A server that speaks bytes, not HTTP. */
export async function rawServer(onSocket: (socket: Socket) => void): Promise<LocalServer> {
  const { createServer: createRaw } = await import("node:net");
  const server = createRaw(onSocket);
  const port = await listening(server);
  return { host: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}`, seen: [], close: closing(server) };
}

/** A proxy that takes every host to be at `targets[host:port]`, by CONNECT and by whole addresses. `seen` holds also the Proxy-Authorization. */
export async function smallProxy(targets: Readonly<Record<string, number>>, refuse?: number): Promise<LocalServer> {
  const seen: string[] = [];
  const server = createServer((req, res) => {
    seen.push(`${req.method} ${req.url} ${req.headers["proxy-authorization"] ?? "-"}`);
    const url = new URL(req.url ?? "");
    const port = targets[`${url.hostname}:${url.port || 80}`];
    if (port === undefined || refuse !== undefined) {
      res.writeHead(refuse ?? 502).end();
      return;
    }
    const { "proxy-authorization": _, ...headers } = req.headers;
    req.pipe(
      request({ port, host: "127.0.0.1", method: req.method, path: url.pathname + url.search, headers }, (up) =>
        up.pipe(res.writeHead(up.statusCode ?? 502, up.headers)),
      ),
    );
  });
  server.on("connect", (req: IncomingMessage, socket: Socket) => {
    seen.push(`CONNECT ${req.url} ${req.headers["proxy-authorization"] ?? "-"}`);
    const port = targets[req.url ?? ""];
    if (port === undefined || refuse !== undefined) {
      socket.end(`HTTP/1.1 ${refuse ?? 502} no\r\n\r\n`);
      return;
    }
    const up = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 fine\r\n\r\n");
      socket.pipe(up).pipe(socket);
    });
    up.on("error", () => socket.destroy());
    socket.on("error", () => up.destroy());
  });
  const port = await listening(server);
  return { host: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}`, seen, close: closing(server) };
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
}

function closing(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
}
