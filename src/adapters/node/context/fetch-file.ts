import { algorithmOf } from "../../../core/digest.ts";
import { redactAddress } from "../../../core/git-address.ts";
import { isProblem, ProblemError } from "../../../core/problem.ts";
import type { FetchedFile, FileRequest } from "../../../engine/remote.ts";
import { decompress } from "../../../image/unpack.ts";
import { type Transport, TransportError, type TransportResponse } from "../../../registry/client/transport.ts";
import { spool } from "./spool.ts";

export interface FetchFileOptions {
  readonly transport: Transport;
  /** Folder in which the content is kept until it is closed. */
  readonly spoolFolder: string;
  readonly limitBytes?: number;
  readonly signal?: AbortSignal;
}

/** Most bytes of a file that ADD brings: larger than any release archive, smaller than a disk. */
const FETCH_LIMIT_BYTES = 32 * 1024 ** 3;
/** As Go's client, which BuildKit uses. */
const REDIRECTS_LIMIT = 10;

/**
 * Brings a file over http(s), whole. Redirects are followed to http and https only; user and password of the address go to no other origin.
 * @throws {ProblemError} `download-failed` | `checksum-mismatch` | `limit-exceeded` | `disk-full`
 * @see moby/buildkit source/http/source.go at 73ed682 (2026-08-21)
 */
export async function fetchFile(request: FileRequest, options: FetchFileOptions): Promise<FetchedFile> {
  const what = `"${redactAddress(request.url)}"`;
  const { response, url, leave } = await follow(request.url, options);
  const limit = options.limitBytes ?? FETCH_LIMIT_BYTES;
  const announced = Number(response.headers["content-length"] ?? Number.NaN);
  if (announced > limit) {
    leave();
    throw new ProblemError("limit-exceeded", {
      message: `${what} has ${announced} bytes, more than ${limit}`,
      hint: "bring it into the context yourself",
      facts: { limitBytes: limit },
    });
  }
  const mtime = secondsOf(response.headers["last-modified"]);
  const content = await spool(
    bodyOf(response, what, url),
    options.spoolFolder,
    what,
    limit,
    request.checksum === undefined ? "sha256" : algorithmOf(request.checksum),
  );
  if (request.checksum !== undefined && request.checksum !== content.checksum) {
    await content.close();
    throw new ProblemError("checksum-mismatch", {
      message: `${what} has the checksum ${content.checksum}, wanted ${request.checksum}`,
      hint: "find out who changed it before you change the checksum",
      facts: { got: content.checksum, wanted: request.checksum },
    });
  }
  return { size: content.size, digest: content.digest, ...(mtime === undefined ? {} : { mtime }), open: () => content.open(), close: () => content.close() };
}

interface Answer {
  readonly response: TransportResponse;
  readonly url: URL;
  /** Ends the connection: a body that is not wanted may be long, or never come. */
  readonly leave: () => void;
}

async function follow(address: string, options: FetchFileOptions): Promise<Answer> {
  let url = httpUrl(address, address);
  let authorization = basicOf(url);
  for (let redirects = 0; ; redirects++) {
    const plain = new URL(url);
    plain.username = "";
    plain.password = "";
    plain.hash = "";
    const stop = new AbortController();
    const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
    const response = await ask(plain, authorization, address, { ...options, signal });
    const leave = (): void => stop.abort(new Error("the answer is not wanted"));
    const location = response.headers.location;
    if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined) {
      if (response.status >= 200 && response.status < 300) return { response, url, leave };
      leave();
      throw failed(address, `the server answered ${response.status}`, response.status === 404 ? "check the address" : undefined, { status: response.status });
    }
    leave();
    if (redirects === REDIRECTS_LIMIT) throw failed(address, `more than ${REDIRECTS_LIMIT} redirects`);
    const next = httpUrl(location, address, url);
    authorization = basicOf(next) ?? (next.origin === url.origin ? authorization : undefined);
    url = next;
  }
}

async function ask(url: URL, authorization: string | undefined, address: string, options: FetchFileOptions): Promise<TransportResponse> {
  try {
    return await options.transport.request({
      method: "GET",
      url,
      headers: { accept: "*/*", "accept-encoding": "gzip", "user-agent": "multihull", ...(authorization === undefined ? {} : { authorization }) },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    if (error instanceof TransportError) throw failed(address, error.message, undefined, { failure: error.failure }, error);
    throw error;
  }
}

/** A body that is packed for the way only is unpacked, as Go's client does. */
async function* bodyOf(response: TransportResponse, what: string, url: URL): AsyncIterable<Uint8Array> {
  const packed = response.headers["content-encoding"]?.toLowerCase() === "gzip";
  try {
    yield* packed ? decompress(response.body) : response.body;
  } catch (error) {
    if (packed && isProblem(error) && error.code.startsWith("layer-")) throw failed(url.href, error.message, "try again", {}, error);
    if (error instanceof TransportError) throw failed(url.href, `${what} ended early: ${error.message}`, "try again", { failure: error.failure }, error);
    throw error;
  }
}

function httpUrl(text: string, address: string, base?: URL): URL {
  let url: URL;
  try {
    url = new URL(text, base);
  } catch (error) {
    throw failed(address, base === undefined ? "it is no address" : "the server redirects to something that is no address", undefined, {}, error);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw failed(address, `${base === undefined ? "it" : "a redirect"} leads to "${url.protocol}//", and only http and https are fetched`);
  return url;
}

const basicOf = ({ username, password }: URL): string | undefined =>
  username === "" && password === "" ? undefined : `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64")}`;

/** A percent sign that begins no escape stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A Last-Modified header in seconds; undefined when it is not there or no date. */
function secondsOf(header: string | undefined): number | undefined {
  const ms = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}

function failed(
  address: string,
  why: string,
  hint = "check the address and the network",
  facts: Readonly<Record<string, string | number>> = {},
  cause?: unknown,
): ProblemError {
  return new ProblemError("download-failed", { message: `"${redactAddress(address)}" could not be brought: ${why}`, hint, facts, cause });
}
