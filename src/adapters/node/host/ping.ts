import { isProblem } from "../../../core/problem.ts";
import type { PingAnswer, RegistryPing } from "../../../host/ports.ts";
import { readUpTo } from "../../../registry/client/bytes.ts";
import { endpointsOf } from "../../../registry/client/endpoint.ts";
import { ERROR_BODY_LIMIT_BYTES } from "../../../registry/client/limits.ts";
import { createProbe } from "../../../registry/client/probe.ts";
import { type Transport, TransportError } from "../../../registry/client/transport.ts";

/** Asks over this transport, without credentials. */
export function registryPing(transport: Transport): RegistryPing {
  return async (registry, { timeoutMs, signal }) => {
    const limit = AbortSignal.timeout(timeoutMs);
    const either = signal === undefined ? limit : AbortSignal.any([limit, signal]);
    const statuses = new Map<string, number>();
    const probe = createProbe(async (_endpoint, url) => {
      const response = await transport.request({ method: "GET", url, headers: {}, signal: either });
      statuses.set(url.href, response.status);
      return { status: response.status, ...(await readUpTo(response, ERROR_BODY_LIMIT_BYTES)) };
    });
    try {
      const base = await probe(endpointsOf(registry, {}, "push")[0], undefined);
      return answerOf(base, statuses.get(base.href) as number);
    } catch (error) {
      signal?.throwIfAborted();
      if (limit.aborted || (error instanceof TransportError && error.failure === "timeout")) return { kind: "silent" };
      if (error instanceof TransportError || isProblem(error)) return { kind: "failed", why: error.message };
      throw error;
    }
  };
}

/** @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#determining-support */
function answerOf(base: URL, status: number): PingAnswer {
  const scheme = base.protocol === "https:" ? "https" : "http";
  const wantsLogin = status === 401 || status === 403;
  if (status < 400 || wantsLogin || status === 429) return { kind: "answers", scheme, wantsLogin };
  return { kind: "failed", why: `it answers ${status} to GET /v2/, as no registry does` };
}
