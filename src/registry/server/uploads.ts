import type { Digest } from "../../core/digest.ts";
import { isProblem } from "../../core/problem.ts";
import type { RegistryContext } from "./context.ts";
import { RegistryError } from "./error.ts";
import { emptyResponse, type RegistryRequest, type RegistryResponse } from "./message.ts";
import { chunkRange } from "./range.ts";
import { digestParam, type Route } from "./route.ts";

type UploadsRoute = Extract<Route, { kind: "uploads" }>;
type UploadRoute = Extract<Route, { kind: "upload" }>;

/** POST: mounts a blob, takes one whole (`?digest=`), or starts an upload. */
export async function startUpload(
  context: RegistryContext,
  { repository }: UploadsRoute,
  request: RegistryRequest,
  query: URLSearchParams,
): Promise<RegistryResponse> {
  const mount = query.get("mount");
  if (mount !== null && (await mounted(context, repository, digestParam(mount)))) return created(repository, digestParam(mount));
  const algorithm = query.get("digest-algorithm");
  if (algorithm !== null && algorithm !== "sha256" && algorithm !== "sha512") {
    throw new RegistryError("DIGEST_INVALID", { message: "wanted sha256 or sha512", detail: { algorithm: algorithm.slice(0, 40) } });
  }
  const given = query.get("digest");
  const digest = given === null ? undefined : digestParam(given);
  const id = await context.uploads.start(repository);
  if (digest === undefined) return progress(202, repository, id, 0);
  try {
    await context.uploads.append(repository, id, request.body);
    return await finish(context, repository, id, digest);
  } catch (error) {
    // Nobody was told of this upload: it cannot be gone on with.
    await context.uploads.cancel(repository, id).catch(() => undefined);
    throw error;
  }
}

/** All repositories share one store, so that its owner may have any blob in any of them. */
async function mounted(context: RegistryContext, repository: string, digest: Digest): Promise<boolean> {
  if ((await context.blobs.stat(digest)) === undefined) return false;
  await context.storage.linkBlob(repository, digest);
  return true;
}

/** GET: how far an upload has come. */
export function getUpload(context: RegistryContext, { repository, id }: UploadRoute): RegistryResponse {
  return progress(204, repository, id, context.uploads.size(repository, id));
}

/** PATCH: a chunk with Content-Range, or bytes as they come without. */
export async function patchUpload(context: RegistryContext, { repository, id }: UploadRoute, request: RegistryRequest): Promise<RegistryResponse> {
  return progress(202, repository, id, await take(context, repository, id, request));
}

/** PUT: the last bytes, if any, and the digest of all. */
export async function finishUpload(
  context: RegistryContext,
  { repository, id }: UploadRoute,
  request: RegistryRequest,
  query: URLSearchParams,
): Promise<RegistryResponse> {
  const given = query.get("digest");
  if (given === null) throw new RegistryError("DIGEST_INVALID", { message: "the digest parameter is missing" });
  const digest = digestParam(given);
  await take(context, repository, id, request);
  return finish(context, repository, id, digest);
}

/** DELETE: forgets an upload. */
export async function cancelUpload(context: RegistryContext, { repository, id }: UploadRoute): Promise<RegistryResponse> {
  await context.uploads.cancel(repository, id);
  return emptyResponse(204);
}

async function take(context: RegistryContext, repository: string, id: string, request: RegistryRequest): Promise<number> {
  const before = context.uploads.size(repository, id);
  const header = request.headers["content-range"];
  if (header === undefined) return context.uploads.append(repository, id, request.body);
  const range = chunkRange(header);
  if (range === undefined || range.start !== before) {
    const message = range === undefined ? "the content-range is malformed" : `the chunk starts at ${range.start}, wanted ${before}`;
    throw new RegistryError("BLOB_UPLOAD_INVALID", { status: 416, message, headers: progressHeaders(repository, id, before) });
  }
  const length = request.headers["content-length"];
  if (length !== undefined && Number(length) !== range.end - range.start) throw new RegistryError("SIZE_INVALID");
  const after = await context.uploads.append(repository, id, request.body);
  if (after !== range.end) throw new RegistryError("SIZE_INVALID", { headers: progressHeaders(repository, id, after) });
  return after;
}

async function finish(context: RegistryContext, repository: string, id: string, digest: Digest): Promise<RegistryResponse> {
  try {
    await context.uploads.commit(repository, id, digest);
  } catch (error) {
    if (isProblem(error, "digest-mismatch")) throw new RegistryError("DIGEST_INVALID", { message: error.message, detail: { digest } });
    throw error;
  }
  await context.storage.linkBlob(repository, digest);
  return created(repository, digest);
}

const created = (repository: string, digest: Digest): RegistryResponse =>
  emptyResponse(201, { location: `/v2/${repository}/blobs/${digest}`, "docker-content-digest": digest });

const progress = (status: number, repository: string, id: string, size: number): RegistryResponse =>
  emptyResponse(status, progressHeaders(repository, id, size));

// No bytes and one byte look the same: the range cannot say "none", and `0-0` is what clients know for it.
const progressHeaders = (repository: string, id: string, size: number): Record<string, string> => ({
  location: `/v2/${repository}/blobs/uploads/${id}`,
  range: `0-${Math.max(0, size - 1)}`,
  "docker-upload-uuid": id,
});
