import type { Endpoint } from "./endpoint.ts";
import { raced } from "./raced.ts";
import { TransportError } from "./transport.ts";

/** Asks one address; throws {@link TransportError} when no answer comes. */
export type Ask = (endpoint: Endpoint, url: URL, signal: AbortSignal | undefined) => Promise<{ readonly status: number; readonly bytes: Uint8Array }>;

/** What servers say to plain http on a port that speaks TLS: Go's net/http, nginx, Apache. */
const WANTS_TLS = /HTTP request to an HTTPS server|plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled/i;

/**
 * Finds which of an endpoint's addresses speaks, once for each endpoint; many may wait for the same finding.
 * The finding throws the first address's {@link TransportError} when none does, and is then forgotten.
 */
export function createProbe(ask: Ask): (endpoint: Endpoint, signal: AbortSignal | undefined) => Promise<URL> {
  const found = new Map<string, Promise<URL>>();
  const find = async (endpoint: Endpoint): Promise<URL> => {
    let first: TransportError | undefined;
    for (const [at, base] of endpoint.bases.entries()) {
      try {
        // Not the caller's signal: others may be waiting too. The transport's own time limits end it.
        const { status, bytes } = await ask(endpoint, base, undefined);
        const last = at === endpoint.bases.length - 1;
        if (last || status !== 400 || !WANTS_TLS.test(Buffer.from(bytes).toString("latin1"))) return base;
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        first ??= error;
      }
    }
    throw first ?? new TransportError("other", "it answers neither http nor https");
  };
  return (endpoint, signal) => {
    const key = endpoint.bases.map(({ href }) => href).join(" ");
    let finding = found.get(key);
    if (finding === undefined) {
      finding = find(endpoint);
      found.set(key, finding);
      finding.catch(() => found.delete(key));
    }
    return raced(finding, signal);
  };
}
