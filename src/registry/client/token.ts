import { ProblemError } from "../../core/problem.ts";
import { type Asked, answerProblem, statusProblem } from "./answer-problem.ts";
import type { Credential } from "./credentials.ts";
import { TOKEN_LIFETIME_MS } from "./limits.ts";
import { bytesBody, type OutgoingBody } from "./transport.ts";

/** A bearer token for some scopes. */
export interface Token {
  readonly value: string;
  readonly lifetimeMs: number;
}

export interface TokenDemand {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  readonly credential: Credential | undefined;
}

export interface TokenRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: OutgoingBody;
  readonly authorization?: string | undefined;
}

/** Sends with retries and redirects, reads the answer whole. */
export type SendTokenRequest = (request: TokenRequest) => Promise<{ readonly status: number; readonly bytes: Uint8Array; readonly asked: Asked }>;

/** What token servers without the OAuth2 way answer to a POST: seen by containerd's authors at GCR (404), Artifactory (401), ACR (400). */
const NO_POST: ReadonlySet<number> = new Set([400, 401, 404, 405]);
const CLIENT_ID = "multihull";

export const basicAuthorization = (username: string, password: string): string => `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

/**
 * Gets a bearer token as Docker does: GET with Basic for a password, POST (OAuth2) for a refresh token and GET where that is not known.
 * @throws {ProblemError} `registry-unauthorized` | `registry-denied` | `registry-status` | `registry-unreachable`
 * @see https://distribution.github.io/distribution/spec/auth/token/ and …/auth/oauth/ (read 2026-11-22); containerd core/remotes/docker/auth/fetch.go
 */
export async function requestToken(demand: TokenDemand, send: SendTokenRequest): Promise<Token> {
  const { credential } = demand;
  if (credential !== undefined && "identityToken" in credential) {
    const answer = await send(postRequest(demand, { grant_type: "refresh_token", refresh_token: credential.identityToken }));
    if (!NO_POST.has(answer.status)) return tokenIn(answer);
    return tokenIn(await send(getRequest(demand, basicAuthorization("", credential.identityToken))));
  }
  if (credential === undefined || !("username" in credential)) return tokenIn(await send(getRequest(demand, undefined)));
  const { username, password } = credential;
  const answer = await send(getRequest(demand, basicAuthorization(username, password)));
  if (answer.status !== 404 && answer.status !== 405) return tokenIn(answer);
  return tokenIn(await send(postRequest(demand, { grant_type: "password", username, password })));
}

function getRequest({ realm, service, scopes }: TokenDemand, authorization: string | undefined): TokenRequest {
  const url = new URL(realm);
  if (service !== undefined && service !== "") url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  return { method: "GET", url, headers: {}, authorization };
}

function postRequest({ realm, service, scopes }: TokenDemand, grant: Readonly<Record<string, string>>): TokenRequest {
  const form = new URLSearchParams({ ...grant, service: service ?? "", client_id: CLIENT_ID });
  if (scopes.length > 0) form.set("scope", scopes.join(" "));
  return { method: "POST", url: realm, headers: { "content-type": "application/x-www-form-urlencoded" }, body: bytesBody(Buffer.from(form.toString())) };
}

function tokenIn({ status, bytes, asked }: Awaited<ReturnType<SendTokenRequest>>): Token {
  if (status < 200 || status > 299) throw refusal(statusProblem(asked, status, bytes));
  const { token, access_token: accessToken, expires_in: expires } = fieldsOf(bytes);
  const value = typeof accessToken === "string" && accessToken !== "" ? accessToken : token;
  // A token with other characters could smuggle a header.
  if (typeof value !== "string" || !/^[\x21-\x7e]+$/.test(value)) throw answerProblem("registry-status", asked, "no token");
  return { value, lifetimeMs: typeof expires === "number" && expires > 0 ? expires * 1000 : TOKEN_LIFETIME_MS };
}

/** A token server that knows no such service or repository says so in many ways: all of them mean that we may not. */
function refusal(problem: ProblemError): ProblemError {
  const { message, hint, facts, code } = problem;
  return code === "registry-not-found" || facts.status === 400 ? new ProblemError("registry-unauthorized", { message, hint, facts }) : problem;
}

function fieldsOf(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
