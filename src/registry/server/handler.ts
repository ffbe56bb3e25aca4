import type { Clock } from "../../core/clock.ts";
import { isProblem } from "../../core/problem.ts";
import type { BlobStore } from "../../image/blob-store.ts";
import { deleteBlob, getBlob } from "./blobs.ts";
import type { RegistryContext } from "./context.ts";
import { errorResponse, RegistryError } from "./error.ts";
import { deleteManifest, getManifest, putManifest } from "./manifests.ts";
import { BodyCut, jsonResponse, type RegistryHandler, type RegistryRequest, type RegistryResponse } from "./message.ts";
import { getReferrers } from "./referrers.ts";
import { type Route, routeOf } from "./route.ts";
import type { RegistryStorage } from "./storage.ts";
import { getCatalog, getTags } from "./tags.ts";
import { UploadSessions } from "./upload-sessions.ts";
import { cancelUpload, finishUpload, getUpload, patchUpload, startUpload } from "./uploads.ts";

export interface RegistryOptions {
  /** Tells how long an upload lay idle. */
  readonly clock: Pick<Clock, "nowMs">;
  /** Idle uploads older than this are dropped; milliseconds, default one hour. */
  readonly uploadIdleMs?: number;
  /** Takes manifests whose layers, config or children the repository does not have (copies of some platforms only). Default false. */
  readonly sparse?: boolean;
  /** Told of failures that are ours or the machine's (answered with 500 or 507). */
  readonly onFailure?: (error: unknown) => void;
}

type Endpoint = (context: RegistryContext, route: never, request: RegistryRequest, query: URLSearchParams) => Promise<RegistryResponse> | RegistryResponse;

const HOUR_MS = 3_600_000;

const ENDPOINTS: Readonly<Record<Route["kind"], Readonly<Record<string, Endpoint>>>> = {
  root: { GET: () => jsonResponse(200, {}) },
  catalog: { GET: getCatalog },
  tags: { GET: getTags },
  manifest: { GET: getManifest, PUT: putManifest, DELETE: deleteManifest },
  blob: { GET: getBlob, DELETE: deleteBlob },
  uploads: { POST: startUpload },
  upload: { GET: getUpload, PATCH: patchUpload, PUT: finishUpload, DELETE: cancelUpload },
  referrers: { GET: getReferrers },
};

/**
 * The embedded registry: OCI distribution 1.1, and what Docker's clients expect beside it. Blobs that the store has, by whatever way,
 * can be mounted into any repository, with or without naming another one. Uploads live as long as the handler: a client that comes back after
 * a restart is told BLOB_UPLOAD_UNKNOWN and starts again. Whole blobs are served as they lie on the disk, unchecked: clients check them.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 */
export function registryHandler(storage: RegistryStorage, blobs: BlobStore, options: RegistryOptions): RegistryHandler {
  const uploads = new UploadSessions(blobs, options.clock, options.uploadIdleMs ?? HOUR_MS);
  const context: RegistryContext = { storage, blobs, uploads, sparse: options.sparse ?? false };
  return async (request) => {
    const response = await answer(context, request).catch((error: unknown) => refusal(error, options.onFailure));
    const headers = { ...response.headers, "docker-distribution-api-version": "registry/2.0" };
    return request.method === "HEAD" || response.body === undefined ? { status: response.status, headers } : { ...response, headers };
  };
}

async function answer(context: RegistryContext, request: RegistryRequest): Promise<RegistryResponse> {
  const at = request.url.indexOf("?");
  const path = at === -1 ? request.url : request.url.slice(0, at);
  const query = new URLSearchParams(at === -1 ? "" : request.url.slice(at + 1));
  const route = routeOf(path);
  if (route === undefined) throw new RegistryError("UNSUPPORTED", { status: 404, message: "the registry has no such address" });
  const endpoints = ENDPOINTS[route.kind];
  const method = request.method === "HEAD" ? "GET" : request.method;
  const endpoint = Object.hasOwn(endpoints, method) ? endpoints[method] : undefined;
  if (endpoint === undefined) {
    const allowed = Object.keys(endpoints).flatMap((m) => (m === "GET" ? ["GET", "HEAD"] : [m]));
    throw new RegistryError("UNSUPPORTED", { headers: { allow: allowed.join(", ") } });
  }
  return endpoint(context, route as never, request, query);
}

function refusal(error: unknown, onFailure: RegistryOptions["onFailure"]): RegistryResponse {
  if (error instanceof RegistryError) return errorResponse(error);
  if (error instanceof BodyCut) return errorResponse(new RegistryError("BLOB_UPLOAD_INVALID", { message: "the body ended early" }));
  onFailure?.(error);
  if (isProblem(error, "disk-full"))
    return errorResponse(new RegistryError("UNKNOWN", { status: 507, message: "there is no room left on the registry's disk" }));
  return errorResponse(new RegistryError("UNKNOWN"));
}
