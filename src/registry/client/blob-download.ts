import { algorithmOf, type Digest, Digester } from "../../core/digest.ts";
import { isProblem } from "../../core/problem.ts";
import type { Reference } from "../../core/reference.ts";
import type { BlobReader, ByteStream } from "../../image/blob-store.ts";
import { type Asked, answerProblem, statusProblem } from "./answer-problem.ts";
import { parseContentRange } from "./byte-range.ts";
import { readUpTo } from "./bytes.ts";
import type { TransferOptions } from "./client.ts";
import { type Endpoint, endpointsOf } from "./endpoint.ts";
import type { Answer, Call, Exchange } from "./exchange.ts";
import { ERROR_BODY_LIMIT_BYTES, RESUME_GAIN_BYTES } from "./limits.ts";
import type { RegistryOptions } from "./options.ts";
import { fromMirrors } from "./pulling.ts";
import { TemporaryFailure, waitAfter } from "./retrying.ts";
import { repositoryScope } from "./scope.ts";

export interface DownloadOptions extends TransferOptions {
  /** Sizes that descriptors tell: content of another size is refused before it is read. */
  readonly sizes?: ReadonlyMap<Digest, number>;
}

/** The blobs of one repository, mirrors first. */
export function blobReader(
  exchange: Exchange,
  options: RegistryOptions,
  place: Pick<Reference, "registry" | "repository">,
  transfer: DownloadOptions = {},
): BlobReader {
  const { registry, repository } = place;
  const call = (endpoint: Endpoint, method: "GET" | "HEAD", digest: Digest): Call => ({
    endpoint,
    method,
    target: `${repository}/blobs/${digest}`,
    scopes: [repositoryScope(repository, "pull")],
    repository,
    signal: transfer.signal,
  });
  return {
    stat: (digest) =>
      fromMirrors(registry, options, async (endpoint) => {
        const { status, headers, asked } = await exchange.fetch(call(endpoint, "HEAD", digest), 0);
        if (status === 404) return undefined;
        const size = headers["content-length"] ?? "";
        if (status === 200 && /^\d{1,15}$/.test(size)) return Number(size);
        // The words of a refusal come with a GET only, and some servers tell the size with it only.
        const answer = await exchange.open({ ...call(endpoint, "GET", digest), lane: "download" });
        try {
          if (answer.status === 404) return undefined;
          if (answer.status !== 200) throw statusProblem(answer.asked, answer.status, (await readUpTo(answer, ERROR_BODY_LIMIT_BYTES)).bytes);
          const told = answer.headers["content-length"] ?? "";
          if (/^\d{1,15}$/.test(told)) return Number(told);
          throw answerProblem("registry-status", asked, "a blob without its size");
        } finally {
          await answer.discard();
        }
      }),
    open: (digest, range) => download({ exchange, digest, range, transfer, endpoints: endpointsOf(registry, options, "pull"), call }),
  };
}

interface Download {
  readonly exchange: Exchange;
  readonly digest: Digest;
  readonly range: { readonly start: number; readonly end?: number } | undefined;
  readonly transfer: DownloadOptions;
  readonly endpoints: readonly Endpoint[];
  readonly call: (endpoint: Endpoint, method: "GET", digest: Digest) => Call;
}

/** Where a download stands. */
interface Progress {
  /** Next byte wanted. */
  at: number;
  /** Bytes of the whole blob, once anyone has told. */
  total: number | undefined;
  /** A range was answered wrongly: from now on the whole is asked for, and the beginning passed over. */
  distrustRanges: boolean;
}

async function* download({ exchange, digest, range, transfer, endpoints, call }: Download): ByteStream {
  const { patience } = exchange;
  const start = range?.start ?? 0;
  const digester = range === undefined ? new Digester(algorithmOf(digest)) : undefined;
  const state: Progress = { at: start, total: transfer.sizes?.get(digest), distrustRanges: false };
  const end = (): number | undefined => (range?.end === undefined ? state.total : Math.min(range.end, state.total ?? range.end));
  let endpointAt = 0;
  let failures = 0;
  let countedFrom = start;
  let asked: Asked | undefined;
  while (asked === undefined || end() === undefined || state.at < (end() as number)) {
    const endpoint = endpoints[endpointAt] as Endpoint;
    try {
      const answer = await exchange.once({ ...call(endpoint, "GET", digest), lane: "download", headers: rangeHeader(state, range?.end) });
      asked = answer.asked;
      for await (const chunk of wantedBytes(answer, state, end)) {
        digester?.update(chunk);
        state.at += chunk.byteLength;
        yield chunk;
        transfer.onProgress?.(state.at - start);
      }
      if (end() === undefined || state.at >= (end() as number)) break;
      throw new TemporaryFailure(
        answerProblem("size-mismatch", asked, `${state.at} bytes of content, wanted ${end()}`, undefined, { got: state.at, wanted: end() as number }),
      );
    } catch (error) {
      const isLast = endpointAt === endpoints.length - 1;
      if (!isLast && (isProblem(error) || error instanceof TemporaryFailure)) {
        endpointAt++;
        // What a mirror said of the size binds the next one as little as its content does.
        state.total = transfer.sizes?.get(digest);
        state.distrustRanges = false;
        continue;
      }
      if (!(error instanceof TemporaryFailure)) throw error;
      if (state.at - countedFrom >= RESUME_GAIN_BYTES) failures = 0;
      countedFrom = state.at;
      failures++;
      await waitAfter(error, failures, patience, transfer.signal);
    }
  }
  const got = digester?.digest();
  if (got !== undefined && got !== digest && asked !== undefined)
    throw answerProblem("digest-mismatch", asked, `content of digest ${got}, wanted ${digest}`, undefined, { wanted: digest, got });
}

function rangeHeader({ at, distrustRanges }: Progress, end: number | undefined): Record<string, string> {
  if (distrustRanges || (at === 0 && end === undefined)) return {};
  return { range: `bytes=${at}-${end === undefined ? "" : end - 1}` };
}

/** The bytes of an answer that belong at `state.at` and on, whatever part the server has sent. */
async function* wantedBytes(answer: Answer, state: Progress, end: () => number | undefined): ByteStream {
  const { status, headers, asked } = answer;
  try {
    if (status !== 200 && status !== 206 && status !== 416) throw statusProblem(asked, status, (await readUpTo(answer, ERROR_BODY_LIMIT_BYTES)).bytes);
    let from = 0;
    if (status === 416) {
      if (state.distrustRanges) throw answerProblem("registry-status", asked, "416, though no range was asked for");
      throw distrust(state, asked, "416 for a range of the blob");
    }
    if (status === 206) {
      const told = parseContentRange(headers["content-range"]);
      if (told === undefined || told.start !== state.at || state.distrustRanges) throw distrust(state, asked, `another range than was asked for`);
      settleTotal(state, told.total, asked);
      from = told.start;
    } else if (headers["content-encoding"] === undefined || headers["content-encoding"] === "identity") {
      const length = headers["content-length"] ?? "";
      if (/^\d{1,15}$/.test(length)) settleTotal(state, Number(length), asked);
    }
    let skip = state.at - from;
    let passed = from;
    const { total } = state;
    for await (const chunk of answer.body) {
      passed += chunk.byteLength;
      if (total !== undefined && passed > total)
        throw answerProblem("size-mismatch", asked, `more than the ${total} bytes of the blob`, undefined, { wanted: total });
      const rest = skip === 0 ? chunk : chunk.subarray(Math.min(skip, chunk.byteLength));
      skip -= chunk.byteLength - rest.byteLength;
      if (rest.byteLength === 0) continue;
      const room = (end() ?? Number.POSITIVE_INFINITY) - state.at;
      if (rest.byteLength >= room) {
        // A server may send more than the range asked for. The end is reached, and for a whole blob one look beyond it is due.
        yield rest.byteLength > room ? rest.subarray(0, room) : rest;
        if (end() !== total) return;
        continue;
      }
      yield rest;
    }
  } finally {
    await answer.discard();
  }
}

function distrust(state: Progress, asked: Asked, what: string): TemporaryFailure {
  const before = state.distrustRanges;
  state.distrustRanges = true;
  const problem = answerProblem("registry-status", asked, what);
  if (before) throw problem;
  return new TemporaryFailure(problem);
}

function settleTotal(state: Progress, total: number | undefined, asked: Asked): void {
  if (total === undefined) return;
  if (state.total !== undefined && state.total !== total)
    throw answerProblem("size-mismatch", asked, `${total} bytes for a blob of ${state.total}`, undefined, { got: total, wanted: state.total });
  state.total = total;
}
