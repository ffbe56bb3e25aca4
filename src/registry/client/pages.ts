import { type Asked, answerProblem, firstWords, statusProblem } from "./answer-problem.ts";
import { resolveAddress } from "./endpoint.ts";
import type { Call, Exchange, WholeAnswer } from "./exchange.ts";
import { PAGE_LIMIT, PAGE_LIMIT_BYTES } from "./limits.ts";
import { nextLink } from "./link.ts";

/**
 * Every page of a listing, in order; the caller judges each one's status before it goes on.
 * @throws {ProblemError} `registry-status` when a next page lies on another origin or was there before, `limit-exceeded` for endless ones
 */
export async function* pagesOf(exchange: Exchange, first: Call): AsyncGenerator<WholeAnswer> {
  const seen = new Set<string>();
  let call = first;
  for (let pages = 0; pages < PAGE_LIMIT; pages++) {
    const answer = await exchange.fetch(call, PAGE_LIMIT_BYTES);
    yield answer;
    const next = nextLink(answer.headers.link ?? "");
    if (next === undefined || answer.status !== 200) return;
    const url = resolveAddress(next, answer.url, () => false);
    if (url === undefined || url.origin !== answer.url.origin) throw answerProblem("registry-status", answer.asked, "a next page on another host");
    seen.add(answer.url.href);
    if (seen.has(url.href)) throw answerProblem("registry-status", answer.asked, "a next page that was there before");
    const { query: _, ...rest } = call;
    call = { ...rest, target: url };
  }
  throw answerProblem(
    "limit-exceeded",
    { method: first.method, url: new URL("/", first.endpoint.bases[0]), registry: first.endpoint.name },
    `more than ${PAGE_LIMIT} pages`,
  );
}

/** The JSON object of a page. */
export function objectIn({ status, bytes, cut, asked }: WholeAnswer): Readonly<Record<string, unknown>> {
  if (status !== 200) throw statusProblem(asked, status, bytes);
  if (cut) throw answerProblem("limit-exceeded", asked, `more than ${PAGE_LIMIT_BYTES} bytes of one page`);
  return parsed(bytes, asked);
}

function parsed(bytes: Uint8Array, asked: Asked): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below, as for any other thing that is no object.
  }
  throw answerProblem("registry-status", asked, `${firstWords(bytes)} where a JSON object was wanted`);
}
