import { algorithmOf, type Digest, Digester, digestOf, isDigest } from "../../core/digest.ts";
import { isTag } from "../../core/reference.ts";
import { type ByteStream, readBytes } from "../../image/blob-store.ts";
import { blobSize, matchesEtag } from "./blobs.ts";
import type { RegistryContext } from "./context.ts";
import { RegistryError } from "./error.ts";
import { emptyResponse, type RegistryRequest, type RegistryResponse } from "./message.ts";
import { type PushedManifest, readPushedManifest } from "./pushed-manifest.ts";
import { digestParam, type Route } from "./route.ts";

type ManifestRoute = Extract<Route, { kind: "manifest" }>;

/** Bytes of a manifest: what the specification tells clients to expect of a registry. */
const LARGEST_MANIFEST = 4 * 1024 * 1024;
/** Tags set by one push. */
const MOST_TAGS = 100;

/** GET and HEAD of a manifest by tag or digest, as it was pushed, whatever the client says it accepts. */
export async function getManifest(context: RegistryContext, { repository, reference }: ManifestRoute, request: RegistryRequest): Promise<RegistryResponse> {
  const digest = await resolve(context, repository, reference);
  const record = digest === undefined ? undefined : await context.storage.manifest(repository, digest);
  if (digest === undefined || record === undefined || (await context.blobs.stat(digest)) === undefined) throw unknown(reference);
  const etag = `"${digest}"`;
  const headers = { "content-type": record.descriptor.mediaType, "docker-content-digest": digest, etag };
  if (matchesEtag(request.headers["if-none-match"], etag)) return emptyResponse(304, headers);
  if (request.method === "HEAD") return { status: 200, headers: { ...headers, "content-length": String(record.descriptor.size) } };
  const body = await readBytes(context.blobs, digest);
  return { status: 200, headers: { ...headers, "content-length": String(body.byteLength) }, body };
}

/** PUT of a manifest under a tag, or under its digest with tags as parameters. Everything it names must be there, but for its subject. */
export async function putManifest(
  context: RegistryContext,
  { repository, reference }: ManifestRoute,
  request: RegistryRequest,
  query: URLSearchParams,
): Promise<RegistryResponse> {
  const byDigest = reference.includes(":") ? digestParam(reference) : undefined;
  const tags = byDigest === undefined ? [reference] : [...new Set(query.getAll("tag"))];
  for (const tag of tags) if (!isTag(tag)) throw new RegistryError("TAG_INVALID", { detail: { tag: tag.slice(0, 160) } });
  if (tags.length > MOST_TAGS) throw new RegistryError("TAG_INVALID", { status: 414, message: `at most ${MOST_TAGS} tags can be set at once` });
  if (Number(request.headers["content-length"] ?? 0) > LARGEST_MANIFEST) throw tooLarge();
  const bytes = await readLimited(request.body);
  const digest = byDigest === undefined ? digestOf(bytes) : new Digester(algorithmOf(byDigest)).update(bytes).digest();
  if (byDigest !== undefined && digest !== byDigest) throw new RegistryError("DIGEST_INVALID", { message: `the manifest has the digest ${digest}` });
  const manifest = readPushedManifest(bytes, request.headers["content-type"]);
  if (!context.sparse) await checkNamed(context, repository, manifest);

  const writer = await context.blobs.create();
  try {
    await writer.write(bytes);
    await writer.commit({ digest });
  } finally {
    await writer.abort();
  }
  const { mediaType, artifactType, annotations, subject } = manifest;
  const descriptor = {
    mediaType,
    digest,
    size: bytes.byteLength,
    ...(annotations === undefined ? {} : { annotations }),
    ...(artifactType === undefined || artifactType === "" ? {} : { artifactType }),
  };
  await context.storage.putManifest(repository, subject === undefined ? { descriptor } : { descriptor, subject }, tags);
  return emptyResponse(201, {
    location: `/v2/${repository}/manifests/${digest}`,
    "docker-content-digest": digest,
    ...(subject === undefined ? {} : { "oci-subject": subject }),
    ...(byDigest === undefined || tags.length === 0 ? {} : { "oci-tag": tags.join(", ") }),
  });
}

/** DELETE of a tag, or of a manifest with all its tags. */
export async function deleteManifest(context: RegistryContext, { repository, reference }: ManifestRoute): Promise<RegistryResponse> {
  const gone = reference.includes(":")
    ? await context.storage.deleteManifest(repository, digestParam(reference))
    : isTag(reference) && (await context.storage.deleteTag(repository, reference));
  if (!gone) throw unknown(reference);
  return emptyResponse(202);
}

async function resolve(context: RegistryContext, repository: string, reference: string): Promise<Digest | undefined> {
  if (reference.includes(":")) return isDigest(reference) ? reference : digestParam(reference);
  return isTag(reference) ? context.storage.tag(repository, reference) : undefined;
}

async function checkNamed(context: RegistryContext, repository: string, manifest: PushedManifest): Promise<void> {
  const missing: Digest[] = [];
  for (const { digest, size } of manifest.blobs) {
    const found = await blobSize(context, repository, digest);
    if (found === undefined) missing.push(digest);
    else if (found !== size) throw new RegistryError("MANIFEST_INVALID", { message: `${digest} has ${found} bytes, the manifest says ${size}` });
  }
  for (const { digest } of manifest.children) {
    // BuildKit's cache exports are indexes over plain blobs.
    const there = (await context.storage.manifest(repository, digest)) !== undefined || (await blobSize(context, repository, digest)) !== undefined;
    if (!there) missing.push(digest);
  }
  if (missing.length > 0) throw new RegistryError("MANIFEST_BLOB_UNKNOWN", { detail: missing.map((digest) => ({ digest })) });
}

async function readLimited(body: ByteStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > LARGEST_MANIFEST) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (): RegistryError => new RegistryError("MANIFEST_INVALID", { status: 413, message: `the manifest has more than ${LARGEST_MANIFEST} bytes` });
const unknown = (reference: string): RegistryError => new RegistryError("MANIFEST_UNKNOWN", { detail: { reference: reference.slice(0, 200) } });
