import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { type Transport, TransportError, type TransportRequest, type TransportResponse } from "../../../registry/client/transport.ts";
import { authoritiesFor, usualCertsDirs } from "./authorities.ts";
import { transportError } from "./failure.ts";
import { addressOfHost, type Environment, proxyAuthorization, proxyFor } from "./proxy.ts";
import { sendBody } from "./send-body.ts";
import { tunnelAgent } from "./tunnel.ts";

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
/** A short rest of an answer is read, so that the connection can be used again; a long one costs more than a new connection. */
const READ_ON_BYTES = 64 * 1024;

/** How an address is reached: itself, by a tunnel, or by asking a proxy for the whole address. */
interface Way {
  readonly agent: HttpAgent;
  /** Speaks TLS to whom it connects to. */
  readonly secure: boolean;
  readonly to: RequestOptions;
  readonly viaProxy: boolean;
}

/** HTTP/1.1 over `node:http`: undici has more, and takes 80 ms to load. */
export function nodeTransport(options: NodeTransportOptions): Transport {
  const { env, caFiles = [], certsDirs = usualCertsDirs(env) } = options;
  const agents = new Map<string, HttpAgent>();
  const connectMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const kept = { keepAlive: true, timeout: IDLE_TIMEOUT_MS };

  const trusted = (host: string): SecureContextOptions | undefined => {
    const ca = authoritiesFor(host, env, caFiles, certsDirs);
    return ca === undefined ? undefined : { ca };
  };
  /** Made once for a host: Node would otherwise read some 140 certificates anew for every connection. */
  const tlsFor = (host: string, insecure: boolean) => {
    if (insecure) return { rejectUnauthorized: false };
    const context = trusted(host);
    return context === undefined ? {} : { secureContext: createSecureContext(context) };
  };

  const agentFor = (key: string, make: () => HttpAgent): HttpAgent => {
    const known = agents.get(key) ?? make();
    agents.set(key, known);
    return known;
  };

  const wayTo = (url: URL, insecureTls: boolean): Way => {
    const proxy = proxyOf(url, env);
    const secure = url.protocol === "https:";
    const key = `${url.origin} ${insecureTls} ${proxy?.href ?? ""}`;
    const path = `${url.pathname}${url.search}`;
    if (proxy === undefined) {
      const agent = agentFor(key, () => (secure ? new HttpsAgent({ ...kept, ...tlsFor(url.host, insecureTls) }) : new HttpAgent(kept)));
      return { agent, secure, to: { ...addressOfHost(url), path }, viaProxy: false };
    }
    const toProxy = (): object => (proxy.protocol === "https:" ? tlsFor(proxy.host, false) : {});
    if (secure) {
      const agent = agentFor(key, () => tunnelAgent(proxy, toProxy(), { ...kept, ...tlsFor(url.host, insecureTls) }, connectMs));
      return { agent, secure, to: { ...addressOfHost(url), path }, viaProxy: false };
    }
    const agent = agentFor(key, () => (proxy.protocol === "https:" ? new HttpsAgent({ ...kept, ...toProxy() }) : new HttpAgent(kept)));
    return { agent, secure: proxy.protocol === "https:", to: { ...addressOfHost(proxy), path: `${url.origin}${path}` }, viaProxy: true };
  };

  function begin(request: TransportRequest, way: Way): ClientRequest {
    const { method, url, body, signal } = request;
    const auth = way.viaProxy ? proxyAuthorization(proxyOf(url, env) as URL) : {};
    const wait = options.headersTimeoutMs ?? ((body?.length ?? 0) > 0 ? AFTER_UPLOAD_TIMEOUT_MS : HEADERS_TIMEOUT_MS);
    const outgoing = (way.secure ? httpsRequest : httpRequest)({
      ...way.to,
      method,
      agent: way.agent,
      headers: { host: url.host, ...auth, ...headersOf(request) },
      timeout: wait,
      ...(signal === undefined ? {} : { signal }),
    });
    outgoing.on("timeout", () => outgoing.destroy(new TransportError("timeout", "no answer came in time")));
    limitConnecting(outgoing, way.secure, connectMs);
    return outgoing;
  }

  return {
    async request(request) {
      const { url, body, signal } = request;
      signal?.throwIfAborted();
      const way = wayTo(url, request.insecureTls === true);
      const outgoing = begin(request, way);
      const sending = body === undefined || body.length === 0 ? undefined : sendBody(outgoing, body);
      if (sending === undefined) outgoing.end();
      try {
        const answer = await new Promise<IncomingMessage>((resolve, reject) => {
          outgoing.once("response", resolve);
          // It may fail again after its answer: who reads the answer hears of it there.
          outgoing.on("error", reject);
        });
        const useless = sending?.stop() ?? false;
        if (way.viaProxy && answer.statusCode === 407) {
          outgoing.destroy();
          throw new TransportError("proxy", "the proxy wants credentials (407)");
        }
        answer.setTimeout(options.bodyTimeoutMs ?? BODY_TIMEOUT_MS, () => answer.destroy(new TransportError("timeout", "the answer stopped in its middle")));
        return answerOf(answer, signal, useless ? () => outgoing.destroy() : () => {});
      } catch (error) {
        if (signal?.aborted === true) throw signal.reason;
        if (sending?.failure !== undefined) throw sending.failure.error;
        throw transportError(error);
      }
    },
    async close() {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
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

/** A connection that is made by a tunnel has its own limit, and comes here ready. */
function limitConnecting(outgoing: ClientRequest, secure: boolean, limitMs: number): void {
  outgoing.once("socket", (socket) => {
    if (outgoing.reusedSocket || !socket.connecting) return;
    const timer = setTimeout(() => outgoing.destroy(new TransportError("timeout", "no connection was made in time")), limitMs);
    const over = (): void => clearTimeout(timer);
    socket.once(secure ? "secureConnect" : "connect", over);
    socket.once("close", over);
  });
}

function headersOf({ headers, body, method }: TransportRequest): Record<string, string> {
  // A PUT or POST without a body still tells its length: some registries refuse it otherwise (411).
  if (body === undefined && method !== "POST" && method !== "PUT") return { ...headers };
  return { ...headers, "content-length": String(body?.length ?? 0) };
}

/** @param release  called once the answer is over, read or not */
function answerOf(answer: IncomingMessage, signal: AbortSignal | undefined, release: () => void): TransportResponse {
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2) {
    const name = (answer.rawHeaders[i] as string).toLowerCase();
    const value = answer.rawHeaders[i + 1] as string;
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  let gone = false;
  // An answer that is let go of ends in an error of its own making, which nobody wants to hear.
  answer.on("error", () => {});
  const over = (): void => {
    gone = true;
    release();
  };
  return {
    status: answer.statusCode as number,
    headers,
    body: {
      async *[Symbol.asyncIterator]() {
        try {
          yield* answer as AsyncIterable<Uint8Array>;
        } catch (error) {
          throw signal?.aborted === true ? signal.reason : transportError(error);
        } finally {
          over();
        }
      },
    },
    async discard() {
      if (gone) return;
      gone = true;
      let read = 0;
      if (Number(headers["content-length"] ?? 0) > READ_ON_BYTES) answer.destroy();
      try {
        for await (const chunk of answer as AsyncIterable<Uint8Array>) {
          read += chunk.byteLength;
          if (read > READ_ON_BYTES) break;
        }
      } catch {
        // The connection is gone, and that is what was wanted.
      }
      over();
    },
  };
}
