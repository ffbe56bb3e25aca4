import type { ByteStream } from "../../image/blob-store.ts";

/** One HTTP request as the handler sees it: no socket, no framework. */
export interface RegistryRequest {
  readonly method: string;
  /** Path and query as they came: `/v2/app/blobs/uploads/?digest=sha256:…`. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body; read at most once, maybe not at all. Iteration throws {@link BodyCut} when the client goes away. */
  readonly body: ByteStream;
}

/** The answer. A response to HEAD carries the headers of the GET and no body. */
export interface RegistryResponse {
  readonly status: number;
  /** Names in lower case. `content-length` is always told when there may be a body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | ByteStream;
}

/** A registry without a socket. It answers, also with 500; it throws for nothing but bugs. */
export type RegistryHandler = (request: RegistryRequest) => Promise<RegistryResponse>;

/** The client went away in the middle of its body; nobody will read the answer. */
export class BodyCut extends Error {
  override readonly name = "BodyCut";
}

/** A JSON answer of known length. */
export function jsonResponse(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): RegistryResponse {
  const body = Buffer.from(JSON.stringify(value));
  return { status, headers: { "content-type": "application/json", ...headers, "content-length": String(body.length) }, body };
}

/** An answer that is all headers. */
export const emptyResponse = (status: number, headers: Readonly<Record<string, string>> = {}): RegistryResponse => ({
  status,
  headers: status === 204 || status === 304 ? headers : { ...headers, "content-length": "0" },
});
