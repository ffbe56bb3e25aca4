import { createSecureContext } from "node:tls";
import type { Dispatcher } from "undici";
import { type Transport, TransportError, type TransportRequest, type TransportResponse } from "../../../registry/client/transport.ts";
import { authoritiesFor, usualCertsDirs } from "./authorities.ts";
import { transportError } from "./failure.ts";
import { type Environment, proxyFor } from "./proxy.ts";

export interface NodeTransportOptions {
  /** HTTP(S)_PROXY, NO_PROXY (either case), SSL_CERT_FILE and NODE_EXTRA_CA_CERTS are read from it. */
  readonly env: Environment;
  /** PEM files with further certificate authorities. */
  readonly caFiles?: readonly string[];
  /** Folders that hold `HOST[:PORT]/*.crt`. Default: Docker's and containers' own. */
  readonly certsDirs?: readonly string[];
  readonly connectTimeoutMs?: number;
  /** Longest silence before the head of an answer. */
  readonly headersTimeoutMs?: number;
  /** Longest silence within a body. */
  readonly bodyTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 30_000;
const BODY_TIMEOUT_MS = 60_000;
const HEADERS_TIMEOUT_MS = 60_000;
/** A registry may read a large blob again, or copy it to its storage, before it answers the PUT that ends it. */
const AFTER_UPLOAD_TIMEOUT_MS = 15 * 60_000;
const IDLE_TIMEOUT_MS = 15_000;

type Undici = typeof import("undici");

/** HTTP over undici, which is loaded with the first request: commands that ask nobody do not pay for it. */
export function nodeTransport(options: NodeTransportOptions): Transport {
  const { env, caFiles = [], certsDirs = usualCertsDirs(env) } = options;
  const dispatchers = new Map<string, Dispatcher>();
  let loading: Promise<Undici> | undefined;

  const dispatcherFor = (undici: Undici, url: URL, insecureTls: boolean): Dispatcher => {
    const proxy = proxyOf(url, env);
    // TLS settings are per host, so each host has its own; a registry's run knows a handful.
    const key = `${url.origin} ${insecureTls} ${proxy?.href ?? ""}`;
    const known = dispatchers.get(key);
    if (known !== undefined) return known;
    const authorities = url.protocol === "https:" && !insecureTls ? authoritiesFor(url.host, env, caFiles, certsDirs) : undefined;
    const tls = {
      ...(insecureTls ? { rejectUnauthorized: false } : {}),
      // Made once: Node would otherwise read some 140 certificates anew for every connection.
      ...(authorities === undefined ? {} : { secureContext: createSecureContext({ ca: authorities }) }),
      timeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    };
    const common = { keepAliveTimeout: IDLE_TIMEOUT_MS, connections: null };
    const made =
      proxy === undefined
        ? new undici.Agent({ ...common, connect: tls })
        : new undici.ProxyAgent({ ...common, uri: proxy.href, requestTls: tls, proxyTls: proxyTls(proxy), proxyTunnel: url.protocol === "https:" });
    dispatchers.set(key, made);
    return made;
  };

  const proxyTls = (proxy: URL) => {
    const ca = proxy.protocol === "https:" ? authoritiesFor(proxy.host, env, caFiles, certsDirs) : undefined;
    return { timeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS, ...(ca === undefined ? {} : { secureContext: createSecureContext({ ca }) }) };
  };

  return {
    async request(request) {
      loading ??= import("undici");
      const undici = await loading;
      const { method, url, body, signal } = request;
      signal?.throwIfAborted();
      const dispatcher = dispatcherFor(undici, url, request.insecureTls === true);
      const source = body === undefined ? undefined : watched(body.open());
      try {
        const response = await undici.request(url, {
          method,
          dispatcher,
          headers: headersOf(request),
          body: source === undefined || body?.length === 0 ? null : (source.bytes as AsyncIterable<Uint8Array> as never),
          headersTimeout: options.headersTimeoutMs ?? ((body?.length ?? 0) > 0 ? AFTER_UPLOAD_TIMEOUT_MS : HEADERS_TIMEOUT_MS),
          bodyTimeout: options.bodyTimeoutMs ?? BODY_TIMEOUT_MS,
          ...(signal === undefined ? {} : { signal }),
        });
        return answerOf(response, signal);
      } catch (error) {
        if (signal?.aborted === true) throw signal.reason;
        if (source?.failed() === true) throw source.error();
        throw transportError(error);
      }
    },
    async close() {
      const all = [...dispatchers.values()];
      dispatchers.clear();
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
    },
  };
}

function proxyOf(url: URL, env: Environment): URL | undefined {
  try {
    return proxyFor(url, env);
  } catch (error) {
    throw new TransportError("proxy", (error as Error).message, error);
  }
}

function headersOf({ headers, body, method }: TransportRequest): Record<string, string> {
  // A PUT or POST without a body still tells its length: some registries refuse it otherwise (411).
  if (body === undefined && method !== "POST" && method !== "PUT") return { ...headers };
  return { ...headers, "content-length": String(body?.length ?? 0) };
}

function answerOf({ statusCode, headers, body }: Dispatcher.ResponseData, signal: AbortSignal | undefined): TransportResponse {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(", ") : value;
  let gone = false;
  // An answer that is let go of ends in an error of its own making, which nobody wants to hear.
  body.on("error", () => {});
  return {
    status: statusCode,
    headers: joined,
    body: {
      async *[Symbol.asyncIterator]() {
        try {
          for await (const chunk of body) yield chunk as Uint8Array;
          gone = true;
        } catch (error) {
          gone = true;
          throw signal?.aborted === true ? signal.reason : transportError(error);
        }
      },
    },
    async discard() {
      if (gone || body.destroyed) return;
      gone = true;
      // A short rest is read, so that the connection can be used again; a long one costs more than a new connection.
      await body.dump({ limit: 64 * 1024 }).catch(() => {});
    },
  };
}

/** The bytes, and what went wrong in bringing them: undici would wrap it, and callers tell their own failures from the network's. */
function watched(bytes: AsyncIterable<Uint8Array>) {
  let failure: { readonly error: unknown } | undefined;
  return {
    failed: () => failure !== undefined,
    error: () => failure?.error,
    bytes: {
      async *[Symbol.asyncIterator]() {
        try {
          yield* bytes;
        } catch (error) {
          failure = { error };
          throw error;
        }
      },
    },
  };
}
