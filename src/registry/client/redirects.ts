import { type Asked, answerProblem } from "./answer-problem.ts";
import { resolveAddress } from "./endpoint.ts";
import { REDIRECT_LIMIT } from "./limits.ts";
import { redactedUrl } from "./redact.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

/** Which hosts the user lets off: no check of certificates, or plain http. */
export interface Leniency {
  readonly insecureTls: (host: string) => boolean;
  /** Only where the user has named it: an https registry must not send us to whatever listens on loopback. */
  readonly plainHttp: (host: string) => boolean;
}

export interface FollowedRequest extends Omit<TransportRequest, "insecureTls"> {
  /** Sent to the request's own origin only. */
  readonly authorization?: string | undefined;
}

/** What answered in the end. */
export interface FollowedResponse extends TransportResponse {
  readonly url: URL;
}

const KEEPS_METHOD: ReadonlySet<number> = new Set([307, 308]);
const FOR_READING: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request and follows redirects. Once a redirect has left the origin, credentials are never sent again, not even on the way back.
 * @throws {ProblemError} `registry-status` for a loop, too many hops, or a way from https to http
 * @throws {TransportError} from the transport
 */
export async function followRedirects(transport: Transport, leniency: Leniency, request: FollowedRequest, asked: Asked): Promise<FollowedResponse> {
  const { authorization, ...plain } = request;
  let { url } = request;
  let trusted = true;
  for (let hops = 0; ; hops++) {
    const headers = trusted && authorization !== undefined ? { ...plain.headers, authorization } : plain.headers;
    const response = await transport.request({ ...plain, url, headers, insecureTls: leniency.insecureTls(url.host) });
    const { location } = response.headers;
    const redirects = request.method === "GET" || request.method === "HEAD" ? FOR_READING : KEEPS_METHOD;
    if (!redirects.has(response.status) || location === undefined) return { ...response, url, discard: () => response.discard() };
    await response.discard();
    if (hops >= REDIRECT_LIMIT) throw answerProblem("registry-status", asked, `more than ${REDIRECT_LIMIT} redirects`);
    const next = resolveAddress(location, url, leniency.plainHttp);
    if (next === undefined) {
      const shown = URL.canParse(location) ? redactedUrl(new URL(location)) : "an address that cannot be read";
      throw answerProblem(
        "registry-status",
        asked,
        `a redirect from https to ${shown}`,
        "name that host as an insecure registry if it may be asked over plain http",
      );
    }
    if (next.origin !== request.url.origin) trusted = false;
    url = next;
  }
}
