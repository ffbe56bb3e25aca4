import { BACKOFF_BASE_MS, BACKOFF_LIMIT_MS } from "./limits.ts";

const TEMPORARY_STATUS: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Statuses that may be gone a little later. No other 4xx is. */
export const isTemporaryStatus = (status: number): boolean => TEMPORARY_STATUS.has(status);

/** The wait before try number `attempt` + 1, half of it jitter. `random` gives from 0 up to and without 1. */
export function backoffMs(attempt: number, random: () => number): number {
  const full = Math.min(BACKOFF_LIMIT_MS, BACKOFF_BASE_MS * 2 ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * random());
}

/**
 * Milliseconds that a Retry-After header asks for, from now; undefined when there is none or it cannot be read.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d{1,12}$/.test(text)) return Number(text) * 1000;
  if (!/^[A-Za-z]{3,9},? /.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
