import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { PROBLEMS, type ProblemCode, ProblemError } from "../../../core/problem.ts";
import type { ByteStream } from "../../../image/blob-store.ts";
import { REFUSAL_TRAILER, type Refusal } from "./protocol.ts";

export interface WardenAddress {
  readonly socket: string;
  /** The last that the warden said on stderr. */
  readonly said: () => string;
}

export interface WardenRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: Uint8Array | ByteStream;
  readonly signal?: AbortSignal;
}

/**
 * Asks the warden, and waits for the head of its answer. A connection for each: breaking it cancels what was asked for.
 * @throws {ProblemError} the warden's refusal; `sandbox-unavailable` when it is gone; `interrupted`; what a body throws
 */
export async function askWarden(address: WardenAddress, { method, path, body, signal }: WardenRequest): Promise<IncomingMessage> {
  // A warden that refuses before it has read everything is to leave the connection open, so that its answer is not lost with it.
  const headers = { connection: "keep-alive" };
  const request = httpRequest({ socketPath: address.socket, method, path, headers, agent: false, ...(signal === undefined ? {} : { signal }) });
  let failed: { readonly error: unknown } | undefined;
  const sent = send(request, body, (error) => (failed = { error }));
  try {
    const [response] = await Promise.all([answered(request), sent]);
    // Nothing follows, and nobody reads that: the connection is over.
    if (response.statusCode === NO_CONTENT) response.resume();
    if ((response.statusCode ?? 500) < 300) return response;
    throw problemOf(JSON.parse(await textOf(response)) as Refusal);
  } catch (error) {
    request.destroy();
    if (signal?.aborted === true) throw interrupted();
    throw failed === undefined ? lost(error, address) : failed.error;
  }
}

const NO_CONTENT = 204;

function answered(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.on("error", reject);
  });
}

/** @param failed  told what the body throws: it may look like a broken connection */
async function send(request: ClientRequest, body: Uint8Array | ByteStream | undefined, failed: (error: unknown) => void): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) return void request.end(body);
  async function* watched(stream: ByteStream): ByteStream {
    try {
      yield* stream;
    } catch (error) {
      failed(error);
      throw error;
    }
  }
  const early = new Promise<void>((resolve) => request.once("response", () => resolve()));
  await Promise.race([pipeline(Readable.from(watched(body), { objectMode: false }), request), early]);
}

/** The rest of an answer, as bytes. @throws {ProblemError} as {@link askWarden} */
export async function* bytesOf(response: IncomingMessage, address: WardenAddress): ByteStream {
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    throw lost(error, address);
  }
  const refusal = response.trailers[REFUSAL_TRAILER];
  if (refusal !== undefined) throw problemOf(JSON.parse(decodeURIComponent(refusal)) as Refusal);
}

export async function jsonOf<T>(response: IncomingMessage): Promise<T> {
  return JSON.parse(await textOf(response)) as T;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export function problemOf({ code, message, hint, facts }: Refusal): ProblemError {
  return new ProblemError(code in PROBLEMS ? (code as ProblemCode) : "sandbox-unavailable", { message, hint, facts });
}

export const interrupted = (): ProblemError => new ProblemError("interrupted", { message: "the build was cancelled" });

/** A broken connection is the warden's end. */
function lost(error: unknown, { said }: WardenAddress): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (!["ECONNRESET", "ECONNREFUSED", "ENOENT", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"].includes(code ?? "")) return error;
  return new ProblemError("sandbox-unavailable", {
    message: `the sandbox ended while it was in use${said() === "" ? "" : `: ${said()}`}`,
    hint: "start the build again; if it ends again, memory may have run out",
    cause: error,
  });
}
