import type { Digest } from "../../core/digest.ts";
import type { RegistryContext } from "./context.ts";
import { RegistryError } from "./error.ts";
import { emptyResponse, type RegistryRequest, type RegistryResponse } from "./message.ts";
import { requestedRange } from "./range.ts";
import type { Route } from "./route.ts";

type BlobRoute = Extract<Route, { kind: "blob" }>;

/** GET and HEAD of a blob, whole or in part. */
export async function getBlob(context: RegistryContext, { repository, digest }: BlobRoute, request: RegistryRequest): Promise<RegistryResponse> {
  const size = await blobSize(context, repository, digest);
  if (size === undefined) throw new RegistryError("BLOB_UNKNOWN", { detail: { digest } });
  const etag = `"${digest}"`;
  const headers = {
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    "accept-ranges": "bytes",
    // Content under a digest never changes.
    "cache-control": "max-age=31536000, immutable",
    etag,
  };
  if (matchesEtag(request.headers["if-none-match"], etag)) return emptyResponse(304, headers);
  const ifRange = request.headers["if-range"];
  const range = ifRange === undefined || ifRange === etag ? requestedRange(request.headers.range, size) : "all";
  if (range === "unsatisfiable") {
    throw new RegistryError("SIZE_INVALID", {
      status: 416,
      message: `the blob has ${size} bytes`,
      headers: { "content-range": `bytes */${size}`, "accept-ranges": "bytes" },
    });
  }
  const { start, end } = range === "all" ? { start: 0, end: size } : range;
  // Named as a range although it may be all of it: the store then leaves the check to the client, which makes it anyway.
  const body = end === start ? new Uint8Array() : context.blobs.open(digest, { start, end });
  const length = { "content-length": String(end - start) };
  if (range === "all") return { status: 200, headers: { ...headers, ...length }, body };
  return { status: 206, headers: { ...headers, ...length, "content-range": `bytes ${start}-${end - 1}/${size}` }, body };
}

/** DELETE of a blob: from this repository only. The bytes stay until the store is pruned. */
export async function deleteBlob(context: RegistryContext, { repository, digest }: BlobRoute): Promise<RegistryResponse> {
  if (!(await context.storage.unlinkBlob(repository, digest))) throw new RegistryError("BLOB_UNKNOWN", { detail: { digest } });
  return emptyResponse(202, { "docker-content-digest": digest });
}

/** Size of a blob that the repository has and the store holds. */
export async function blobSize(context: RegistryContext, repository: string, digest: Digest): Promise<number | undefined> {
  return (await context.storage.hasBlob(repository, digest)) ? context.blobs.stat(digest) : undefined;
}

/** If-None-Match: a list of tags, maybe weak, or `*`. */
export const matchesEtag = (header: string | undefined, etag: string): boolean =>
  (header ?? "").split(",").some((tag) => ["*", etag].includes(tag.trim().replace(/^W\//, "")));
