import type { Clock } from "../../core/clock.ts";
import { createGate, type Gate } from "../../core/gate.ts";
import { isLoopback } from "../../core/loopback.ts";
import { isProblem } from "../../core/problem.ts";
import type { ByteStream } from "../../image/blob-store.ts";
import { type Asked, statusProblem, unreachableProblem } from "./answer-problem.ts";
import { type Audience, createAuthorizer } from "./authorizer.ts";
import { isTemporaryStatus, retryAfterMs } from "./backoff.ts";
import { readUpTo } from "./bytes.ts";
import type { Credentials } from "./credentials.ts";
import type { Endpoint } from "./endpoint.ts";
import { ERROR_BODY_LIMIT_BYTES, TOKEN_LIMIT_BYTES } from "./limits.ts";
import { DEFAULT_ATTEMPTS, DEFAULT_TRANSFERS_PER_HOST, type RegistryOptions } from "./options.ts";
import { createProbe } from "./probe.ts";
import { raced } from "./raced.ts";
import { type FollowedRequest, type FollowedResponse, followRedirects, type Leniency } from "./redirects.ts";
import { type Patience, TemporaryFailure, withRetries } from "./retrying.ts";
import type { SendTokenRequest } from "./token.ts";
import { type Method, type OutgoingBody, type Transport, TransportError } from "./transport.ts";

/**
 * Transfers wait only for transfers of their kind: a copy within one registry holds an upload while it waits for its download,
 * and would otherwise wait for itself.
 */
export type Lane = "question" | "download" | "upload";

/** One request to a registry, in the registry's own terms. */
export interface Call {
  readonly endpoint: Endpoint;
  readonly method: Method;
  /** Below the endpoint's `/v2/` when a text; as it is when an address that the registry gave. Such gets credentials on the registry's own origin only. */
  readonly target: string | URL;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: OutgoingBody;
  readonly scopes: readonly string[];
  readonly lane?: Lane;
  readonly repository?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What answered, after redirects. */
  readonly url: URL;
  readonly asked: Asked;
  /** Throws {@link TemporaryFailure} or a problem when it breaks. Must be read or discarded: it holds a place in its lane. */
  readonly body: ByteStream;
  discard(): Promise<void>;
}

export interface WholeAnswer extends Omit<Answer, "body" | "discard"> {
  readonly bytes: Uint8Array;
  /** The body went on after `bytes`. */
  readonly cut: boolean;
}

/** Requests with credentials, redirects, retries and places per host. */
export interface Exchange {
  readonly patience: Patience;
  readonly leniency: Leniency;
  /** One try. An answer of a temporary status is a {@link TemporaryFailure}. */
  once(call: Call): Promise<Answer>;
  /** Tries until an answer's head is there. */
  open(call: Call): Promise<Answer>;
  /** Tries until an answer is there whole, or cut after `limitBytes`. */
  fetch(call: Call, limitBytes: number): Promise<WholeAnswer>;
}

export interface ExchangeDeps {
  readonly transport: Transport;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly random: () => number;
  readonly options: RegistryOptions;
}

/** First try, then with what the challenge asks for, then once more in case a kept token has been withdrawn. */
const LOGIN_TRIES = 3;
const MIRROR_ATTEMPTS = 2;

export function createExchange(deps: ExchangeDeps): Exchange {
  const { transport, clock, options } = deps;
  const patience: Patience = { clock, random: deps.random, attempts: Math.max(1, options.attempts ?? DEFAULT_ATTEMPTS) };
  // Behind a mirror stands another place to ask: that is sooner done than waiting.
  const hasty: Patience = { ...patience, attempts: Math.min(MIRROR_ATTEMPTS, patience.attempts) };
  const patienceWith = ({ mirrorOf }: Endpoint): Patience => (mirrorOf === undefined ? patience : hasty);
  const userAgent = { "user-agent": options.userAgent ?? "multihull" };
  const leniency: Leniency = {
    insecureTls: (host) => isLoopback(host) || options.insecure?.includes(host) === true,
    plainHttp: (host) => options.insecure?.includes(host) === true || options.plainHttp?.includes(host) === true,
  };
  const gates = new Map<string, Gate>();
  const gateOf = (origin: string, lane: Lane): Gate => {
    const key = `${lane} ${origin}`;
    const gate = gates.get(key) ?? createGate(Math.max(1, options.transfersPerHost ?? DEFAULT_TRANSFERS_PER_HOST));
    gates.set(key, gate);
    return gate;
  };

  /** Turns what the transport throws into something with a registry's name. */
  const failure = (error: unknown, asked: Asked): unknown => {
    if (!(error instanceof TransportError)) return error;
    const problem = unreachableProblem(asked, error);
    return error.temporary ? new TemporaryFailure(problem) : problem;
  };

  const send = async (request: FollowedRequest, asked: Asked): Promise<FollowedResponse> => {
    try {
      const response = await followRedirects(transport, leniency, { ...request, headers: { ...userAgent, ...request.headers } }, asked);
      return { ...response, body: mapped(response.body, (error) => failure(error, asked)), discard: () => response.discard() };
    } catch (error) {
      throw failure(error, asked);
    }
  };

  const refuseTemporary = async (response: FollowedResponse, asked: Asked): Promise<void> => {
    if (!isTemporaryStatus(response.status)) return;
    const { bytes } = await readUpTo(response, ERROR_BODY_LIMIT_BYTES).catch(() => ({ bytes: new Uint8Array() }));
    const wait = retryAfterMs(response.headers["retry-after"], clock.nowMs());
    throw new TemporaryFailure(statusProblem({ ...asked, url: response.url }, response.status, bytes), wait);
  };

  const sendForToken =
    (registry: string, hadCredential: boolean): SendTokenRequest =>
    (request) => {
      const asked: Asked = { method: request.method, url: request.url, registry, hadCredential, authorization: request.authorization };
      return withRetries(async () => {
        const response = await send(request, asked);
        await refuseTemporary(response, asked);
        const { bytes } = await readUpTo(response, TOKEN_LIMIT_BYTES);
        return { status: response.status, bytes, asked };
      }, patience);
    };

  const authorizer = createAuthorizer({ credentials: deps.credentials, clock, send: sendForToken, mayBePlain: leniency.plainHttp });

  const probe = createProbe(async (endpoint, url, signal) => {
    const asked: Asked = { method: "GET", url, registry: endpoint.name };
    const response = await followRedirects(transport, leniency, { method: "GET", url, headers: userAgent, ...(signal === undefined ? {} : { signal }) }, asked);
    const { bytes } = await readUpTo(response, ERROR_BODY_LIMIT_BYTES);
    if (response.status === 401 && response.url.origin === url.origin)
      await authorizer.learn({ name: endpoint.name, origin: url.origin }, response.headers["www-authenticate"], undefined, [], asked);
    return { status: response.status, bytes };
  });

  const baseOf = async (endpoint: Endpoint, signal: AbortSignal | undefined): Promise<URL> => {
    if (endpoint.bases.length === 1) return endpoint.bases[0];
    try {
      return await probe(endpoint, signal);
    } catch (error) {
      throw failure(error, { method: "GET", url: endpoint.bases[0], registry: endpoint.name });
    }
  };

  const once = async (call: Call): Promise<Answer> => {
    const { endpoint, method, signal } = call;
    signal?.throwIfAborted();
    const base = await baseOf(endpoint, signal);
    const url = addressOf(call, base);
    const audience: Audience = { name: endpoint.name, origin: base.origin };
    const mayLogIn = url.origin === base.origin;
    let scopes = call.scopes;
    for (let tries = 1; ; tries++) {
      const authorization = mayLogIn ? await raced(authorizer.authorization(audience, scopes), signal) : undefined;
      const asked: Asked = {
        method,
        url,
        registry: endpoint.mirrorOf === undefined ? endpoint.name : `${endpoint.name} (mirror of ${endpoint.mirrorOf})`,
        repository: call.repository,
        hadCredential: authorization !== undefined && (await authorizer.known(endpoint.name)),
        authorization,
      };
      const leave = await gateOf(url.origin, call.lane ?? "question").enter(signal);
      try {
        const response = await send(
          {
            method,
            url,
            headers: { "accept-encoding": "identity", ...call.headers },
            authorization,
            ...(call.body === undefined ? {} : { body: call.body }),
            ...(signal === undefined ? {} : { signal }),
          },
          asked,
        );
        if (response.status === 401 && mayLogIn && response.url.origin === base.origin && tries < LOGIN_TRIES) {
          const better = await authorizer.learn(audience, response.headers["www-authenticate"], authorization, scopes, asked);
          if (better !== undefined) {
            await response.discard();
            leave();
            scopes = better;
            continue;
          }
        }
        await refuseTemporary(response, asked);
        return held(response, { ...asked, url: response.url }, leave);
      } catch (error) {
        leave();
        throw error;
      }
    }
  };

  return {
    patience,
    leniency,
    once,
    open: (call) => withRetries(() => once(call), patienceWith(call.endpoint), call.signal),
    fetch: (call, limitBytes) =>
      withRetries(
        async () => {
          const answer = await once(call);
          const { status, headers, url, asked } = answer;
          return { status, headers, url, asked, ...(await readUpTo(answer, status >= 400 ? ERROR_BODY_LIMIT_BYTES : limitBytes)) };
        },
        patienceWith(call.endpoint),
        call.signal,
      ),
  };
}

function addressOf({ endpoint, target, query }: Call, base: URL): URL {
  const url = typeof target === "string" ? new URL(target, base) : new URL(target);
  if (endpoint.mirrorOf !== undefined && typeof target === "string") url.searchParams.set("ns", endpoint.mirrorOf);
  for (const [key, value] of Object.entries(query ?? {})) url.searchParams.set(key, value);
  return url;
}

/** An answer that gives its place back when its body ends, breaks, or is left. */
function held(response: FollowedResponse, asked: Asked, leave: () => void): Answer {
  const { status, headers, url } = response;
  return {
    status,
    headers,
    url,
    asked,
    body: {
      async *[Symbol.asyncIterator]() {
        try {
          yield* response.body;
        } finally {
          leave();
        }
      },
    },
    async discard() {
      leave();
      await response.discard();
    },
  };
}

function mapped(body: ByteStream, map: (error: unknown) => unknown): ByteStream {
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* body;
      } catch (error) {
        throw isProblem(error) ? error : map(error);
      }
    },
  };
}
