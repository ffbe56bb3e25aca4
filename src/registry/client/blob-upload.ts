import { algorithmOf, type Digest, isDigest } from "../../core/digest.ts";
import { isProblem, type ProblemCode, ProblemError } from "../../core/problem.ts";
import type { Reference } from "../../core/reference.ts";
import type { ByteStream } from "../../image/blob-store.ts";
import { answerProblem, statusProblem } from "./answer-problem.ts";
import { uploadedBytes } from "./byte-range.ts";
import { readUpTo } from "./bytes.ts";
import type { TransferOptions } from "./client.ts";
import { type Endpoint, endpointsOf, resolveAddress } from "./endpoint.ts";
import type { Call, Exchange, WholeAnswer } from "./exchange.ts";
import { CHUNK_BYTES, ERROR_BODY_LIMIT_BYTES, LARGEST_MIN_CHUNK_BYTES, RESUME_GAIN_BYTES, SMALLEST_CHUNK_BYTES } from "./limits.ts";
import { mountSource } from "./mount-source.ts";
import type { RegistryOptions } from "./options.ts";
import { TemporaryFailure, waitAfter } from "./retrying.ts";
import { repositoryScope } from "./scope.ts";
import { bytesBody } from "./transport.ts";
import { type UploadSource, uploadSource } from "./upload-source.ts";

export interface OutgoingBlob {
  readonly digest: Digest;
  readonly size: number;
  open(): ByteStream;
}

/** An upload that the registry has begun. */
interface Session {
  location: URL;
  /** Bytes that the registry has. */
  at: number;
  /** Least bytes of a chunk that is not the last. */
  readonly minChunkBytes: number;
}

/** Everything an upload needs to be told once. */
interface Upload {
  readonly exchange: Exchange;
  readonly endpoint: Endpoint;
  readonly repository: string;
  readonly blob: OutgoingBlob;
  readonly source: UploadSource;
  readonly transfer: TransferOptions;
  /** Undefined sends the blob in one piece. Settled anew when the registry finds that too large. */
  chunkBytes: number | undefined;
}

/** What would befall the upload too. */
const GIVES_UP_MOUNT: ReadonlySet<ProblemCode> = new Set(["registry-unreachable", "registry-rate-limited", "credentials-unreadable"]);

export async function pushBlob(
  exchange: Exchange,
  options: RegistryOptions,
  place: Pick<Reference, "registry" | "repository">,
  blob: OutgoingBlob,
  transfer: TransferOptions & { readonly mountFrom?: readonly string[] } = {},
): Promise<"exists" | "mounted" | "uploaded"> {
  const { registry, repository } = place;
  const [endpoint] = endpointsOf(registry, options, "push");
  const source = uploadSource(`the blob ${blob.digest}`, blob.size, () => blob.open());
  const upload: Upload = { exchange, endpoint, repository, blob, source, transfer, chunkBytes: options.chunkBytes };
  if (await exists(upload)) return "exists";
  const session = await mount(upload, mountSource(registry, repository, transfer.mountFrom ?? []));
  if (session === "mounted") return "mounted";
  try {
    await send(upload, session);
    return "uploaded";
  } finally {
    source.close();
  }
}

const call = ({ endpoint, repository, transfer }: Upload, rest: Pick<Call, "method" | "target"> & Partial<Call>): Call => ({
  endpoint,
  repository,
  scopes: [repositoryScope(repository, "push")],
  signal: transfer.signal,
  ...rest,
});

async function exists(upload: Upload): Promise<boolean> {
  const { exchange, repository, blob } = upload;
  const { status, headers } = await exchange.fetch(call(upload, { method: "HEAD", target: `${repository}/blobs/${blob.digest}` }), 0);
  const size = headers["content-length"];
  // Content of another size under this digest is a damaged registry: sending it again is the only cure that we have.
  return status === 200 && (size === undefined || size === String(blob.size));
}

/** Mounts the blob, or begins its upload. A refusal to mount is no failure: the bytes are at hand. */
async function mount(upload: Upload, from: string | undefined): Promise<Session | "mounted"> {
  const { exchange, repository, blob } = upload;
  const target = `${repository}/blobs/uploads/`;
  const digest = { mount: blob.digest };
  const tries: Partial<Call>[] = [
    ...(from === undefined ? [] : [{ query: { ...digest, from }, scopes: [repositoryScope(repository, "push"), repositoryScope(from, "pull")] }]),
    { query: digest },
  ];
  for (const attempt of tries) {
    try {
      const answer = await exchange.fetch(call(upload, { method: "POST", target, ...attempt }), ERROR_BODY_LIMIT_BYTES);
      if (answer.status === 201) return "mounted";
      if (answer.status === 202) return sessionIn(upload, answer);
    } catch (error) {
      if (!isProblem(error) || GIVES_UP_MOUNT.has(error.code)) throw error;
    }
  }
  return begin(upload);
}

async function begin(upload: Upload): Promise<Session> {
  const answer = await upload.exchange.fetch(call(upload, { method: "POST", target: `${upload.repository}/blobs/uploads/` }), ERROR_BODY_LIMIT_BYTES);
  if (answer.status < 200 || answer.status > 299) throw statusProblem(answer.asked, answer.status, answer.bytes);
  return sessionIn(upload, answer);
}

function sessionIn(upload: Upload, answer: WholeAnswer): Session {
  const told = Number(answer.headers["oci-chunk-min-length"] ?? 0);
  const minChunkBytes = Number.isSafeInteger(told) && told > 0 ? Math.min(told, LARGEST_MIN_CHUNK_BYTES) : 0;
  return { location: locationIn(upload, answer), at: 0, minChunkBytes };
}

function locationIn({ exchange }: Upload, { headers, url, asked }: Pick<WholeAnswer, "headers" | "url" | "asked">): URL {
  const text = headers.location;
  if (text === undefined) throw answerProblem("registry-status", asked, "no Location to upload to");
  const location = resolveAddress(text, url, exchange.leniency.plainHttp);
  if (location === undefined) throw answerProblem("registry-status", asked, "a Location to upload to that is no address, or leads from https to http");
  return location;
}

/** Sends the bytes, until the registry has taken them under their digest. What it kept of a broken try is not sent again. */
async function send(upload: Upload, begun: Session): Promise<void> {
  const { exchange, source, transfer, blob } = upload;
  let session = begun;
  let failures = 0;
  let reached = 0;
  let wasResumed = false;
  for (;;) {
    try {
      await (session.at === 0 && upload.chunkBytes === undefined ? sendWhole(upload, session) : sendChunks(upload, session));
      return;
    } catch (error) {
      if (source.failure !== undefined) throw source.failure;
      transfer.signal?.throwIfAborted();
      if (isTooLarge(error) && makeSmaller(upload, session)) {
        session = await begin(upload);
        continue;
      }
      const lostPlace = isProblem(error, "registry-status") && error.facts.status === 416;
      const spoiled: boolean = wasResumed && isProblem(error, "registry-status") && error.facts.status === 400;
      const temporary =
        error instanceof TemporaryFailure ? error : lostPlace || spoiled || isGone(error) ? new TemporaryFailure(error as ProblemError) : undefined;
      if (temporary === undefined) throw error;
      const gained = session.at - reached >= Math.min(RESUME_GAIN_BYTES, upload.chunkBytes ?? RESUME_GAIN_BYTES) && !spoiled;
      if (gained) reached = session.at;
      failures = gained ? 1 : failures + 1;
      await waitAfter(temporary, failures, exchange.patience, transfer.signal);
      // Many servers refuse a large body by hanging up, and the 413 that they sent is lost with the connection.
      if (failures >= 2 && upload.chunkBytes === undefined && blob.size > CHUNK_BYTES) upload.chunkBytes = CHUNK_BYTES;
      if (await exists(upload)) return;
      const resumed: Session | undefined = spoiled ? undefined : await statusOf(upload, session);
      wasResumed = resumed !== undefined;
      session = resumed ?? (await begin(upload));
      transfer.onProgress?.(session.at);
    }
  }
}

const isTooLarge = (error: unknown): boolean => isProblem(error, "registry-status") && error.facts.status === 413;
/** A session that timed out, or a registry of several machines of which another one answered. */
const isGone = (error: unknown): boolean => isProblem(error, "registry-not-found");

/** Goes on with smaller chunks; false when they are small enough already. */
function makeSmaller(upload: Upload, { minChunkBytes }: Session): boolean {
  const least = Math.max(SMALLEST_CHUNK_BYTES, minChunkBytes);
  const next = upload.chunkBytes === undefined ? Math.max(CHUNK_BYTES, minChunkBytes) : Math.max(Math.floor(upload.chunkBytes / 4), least);
  if (upload.chunkBytes !== undefined && next >= upload.chunkBytes) return false;
  upload.chunkBytes = next;
  return true;
}

async function sendWhole(upload: Upload, session: Session): Promise<void> {
  const { source } = upload;
  await finish(upload, session, source.part(0, source.size, progressOf(upload)));
}

async function sendChunks(upload: Upload, session: Session): Promise<void> {
  const { exchange, source } = upload;
  while (session.at < source.size) {
    const step = upload.chunkBytes === undefined ? source.size : Math.max(upload.chunkBytes, session.minChunkBytes);
    const end = Math.min(source.size, session.at + step);
    const answer = await whole(
      exchange,
      call(upload, {
        method: "PATCH",
        target: session.location,
        headers: { "content-type": "application/octet-stream", "content-range": `${session.at}-${end - 1}` },
        body: source.part(session.at, end, progressOf(upload)),
        lane: "upload",
      }),
    );
    if (answer.status < 200 || answer.status > 299) throw statusProblem(answer.asked, answer.status, answer.bytes);
    session.location = locationIn(upload, answer);
    const has = uploadedBytes(answer.headers.range) ?? end;
    if (has > end || has <= session.at) throw answerProblem("registry-status", answer.asked, `word of ${has} bytes after ${end} were sent`);
    session.at = has;
  }
  await finish(upload, session, undefined);
}

async function finish(upload: Upload, { location }: Session, body: Call["body"]): Promise<void> {
  const { exchange, blob } = upload;
  const { status, headers, bytes, asked } = await whole(
    exchange,
    call(upload, {
      method: "PUT",
      target: location,
      query: { digest: blob.digest },
      headers: { "content-type": "application/octet-stream" },
      body: body ?? bytesBody(new Uint8Array()),
      lane: "upload",
    }),
  );
  if (status < 200 || status > 299) throw statusProblem(asked, status, bytes);
  const told = headers["docker-content-digest"];
  if (told !== undefined && isDigest(told) && algorithmOf(told) === algorithmOf(blob.digest) && told !== blob.digest)
    throw answerProblem("digest-mismatch", asked, `a digest of ${told}, wanted ${blob.digest}`, undefined, { got: told, wanted: blob.digest });
}

/** What the registry kept of a broken upload; undefined when it kept nothing, or cannot say. */
async function statusOf(upload: Upload, session: Session): Promise<Session | undefined> {
  try {
    const answer = await upload.exchange.fetch(call(upload, { method: "GET", target: session.location }), ERROR_BODY_LIMIT_BYTES);
    if (answer.status < 200 || answer.status > 299) return undefined;
    const at = uploadedBytes(answer.headers.range) ?? 0;
    if (at === 0 || at > upload.source.size) return undefined;
    return { ...session, at, location: answer.headers.location === undefined ? session.location : locationIn(upload, answer) };
  } catch (error) {
    // No word of the old upload: a new one may still do.
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

/** One try, its answer read whole. Whether to try again is for {@link send} to judge, which knows what the registry has. */
async function whole(exchange: Exchange, request: Call): Promise<WholeAnswer> {
  const answer = await exchange.once(request);
  const { status, headers, url, asked } = answer;
  return { status, headers, url, asked, ...(await readUpTo(answer, ERROR_BODY_LIMIT_BYTES)) };
}

function progressOf({ transfer }: Upload): (at: number) => void {
  return (at) => transfer.onProgress?.(at);
}
