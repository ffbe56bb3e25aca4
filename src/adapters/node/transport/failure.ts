import { TransportError, type TransportFailure } from "../../../registry/client/transport.ts";

/** Error codes of Node, OpenSSL and llhttp, by what they mean to us. */
const FAILURES: Readonly<Record<string, readonly [TransportFailure, string]>> = {
  ENOTFOUND: ["name-unknown", "the host is not known"],
  EAI_AGAIN: ["name-temporary", "the host's address could not be looked up"],
  ECONNREFUSED: ["refused", "the connection was refused"],
  EHOSTUNREACH: ["refused", "there is no way to the host"],
  ENETUNREACH: ["refused", "there is no way to the network"],
  EADDRNOTAVAIL: ["refused", "the address is not available"],
  ECONNRESET: ["reset", "the connection was cut"],
  ECONNABORTED: ["reset", "the connection was cut"],
  EPIPE: ["reset", "the connection was cut"],
  ETIMEDOUT: ["timeout", "the connection timed out"],
  EPROTO: ["not-tls", "the host does not speak TLS as we know it"],
  ERR_SSL_WRONG_VERSION_NUMBER: ["not-tls", "the host does not speak TLS"],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ["not-tls", "the host does not speak TLS"],
  ERR_SSL_HTTP_REQUEST: ["not-tls", "the host does not speak TLS"],
  ERR_TLS_CERT_ALTNAME_INVALID: ["certificate", "its certificate is for another host"],
  CERT_HAS_EXPIRED: ["certificate", "its certificate has expired"],
  CERT_NOT_YET_VALID: ["certificate", "its certificate is not yet valid"],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["certificate", "its certificate is signed by itself"],
  SELF_SIGNED_CERT_IN_CHAIN: ["certificate", "its certificate's authority is not known here"],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["certificate", "its certificate's authority is not known here"],
  UNABLE_TO_GET_ISSUER_CERT: ["certificate", "its certificate's authority is not known here"],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ["certificate", "its certificate's authority is not known here"],
  CERT_REVOKED: ["certificate", "its certificate was revoked"],
  CERT_UNTRUSTED: ["certificate", "its certificate is not trusted"],
};

/** The code of an error, of its causes, or of the errors it gathers (many addresses of one name tried). */
function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== "object" || error === null || depth > 4) return [];
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  const below = [...(Array.isArray(errors) ? (errors as unknown[]) : []), cause].flatMap((each) => codesOf(each, depth + 1));
  return typeof code === "string" ? [code, ...below] : below;
}

/** What an HTTP request or a socket threw, as our port knows it. The words are ours: theirs may hold addresses with passwords. */
export function transportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const codes = codesOf(error);
  const code = codes.find((each) => FAILURES[each] !== undefined);
  if (code !== undefined) {
    const [failure, words] = FAILURES[code] as readonly [TransportFailure, string];
    return new TransportError(failure, `${words} (${code})`, error);
  }
  const http = codes.find((each) => each.startsWith("HPE_"));
  if (http !== undefined) return new TransportError("not-http", `the answer is no HTTP (${http})`, error);
  const tls = codes.find((each) => each.startsWith("ERR_SSL_") || each.startsWith("ERR_TLS_"));
  if (tls !== undefined) return new TransportError(tls.includes("CERT") ? "certificate" : "not-tls", `TLS failed (${tls})`, error);
  return new TransportError("other", codes[0] === undefined ? "the request failed" : `the request failed (${codes[0]})`, error);
}
