import { algorithmOf, type Digest, Digester, isDigest } from "../../core/digest.ts";
import { isIndexType, isManifestType, MEDIA_TYPE } from "../../core/media-type.ts";
import { ProblemError } from "../../core/problem.ts";
import { formatReference, type Reference } from "../../core/reference.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { type Asked, answerProblem, firstWords, statusProblem } from "./answer-problem.ts";
import type { RawManifest, TransferOptions } from "./client.ts";
import { type Endpoint, endpointsOf } from "./endpoint.ts";
import type { Exchange, WholeAnswer } from "./exchange.ts";
import { MANIFEST_LIMIT_BYTES } from "./limits.ts";
import type { RegistryOptions } from "./options.ts";
import { fromMirrors } from "./pulling.ts";
import { repositoryScope } from "./scope.ts";
import { bytesBody } from "./transport.ts";

/** Everything that may be a manifest today. The order is a preference that registries follow: they may convert for old clients. */
export const ACCEPTED_MANIFESTS = [MEDIA_TYPE.ociIndex, MEDIA_TYPE.dockerIndex, MEDIA_TYPE.ociManifest, MEDIA_TYPE.dockerManifest].join(", ");

const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/;

/** What a reference asks a registry for: the digest where there is one, else the tag, else Docker's default. */
const targetOf = ({ tag, digest }: Reference): string => digest ?? tag ?? "latest";

export async function pullManifest(exchange: Exchange, options: RegistryOptions, reference: Reference, transfer: TransferOptions = {}): Promise<RawManifest> {
  const found = await fromMirrors(reference.registry, options, async (endpoint) => {
    const answer = await exchange.fetch(question(endpoint, "GET", reference, transfer), MANIFEST_LIMIT_BYTES);
    if (answer.status !== 200) throw statusProblem(answer.asked, answer.status, answer.bytes);
    return manifestIn(answer, reference);
  });
  if (found === undefined) throw new Error("the registry itself always answers or fails");
  transfer.onProgress?.(found.bytes.byteLength);
  return found;
}

/** By HEAD where that tells all, else by GET. */
export async function headManifest(
  exchange: Exchange,
  options: RegistryOptions,
  reference: Reference,
  transfer: TransferOptions = {},
): Promise<Descriptor | undefined> {
  return fromMirrors(reference.registry, options, async (endpoint) => {
    const { status, headers, asked } = await exchange.fetch(question(endpoint, "HEAD", reference, transfer), 0);
    if (status === 404) return undefined;
    const told = headers["docker-content-digest"];
    const mediaType = typeOf(headers);
    const size = headers["content-length"] ?? "";
    if (status === 200 && told !== undefined && isDigest(told) && isKnown(mediaType) && /^\d{1,15}$/.test(size)) {
      if (reference.digest !== undefined && algorithmOf(told) === algorithmOf(reference.digest)) refuseOther(asked, reference.digest, told);
      return { mediaType, digest: reference.digest ?? told, size: Number(size) };
    }
    // No word came with the HEAD's refusal, or it told too little.
    const whole = await exchange.fetch(question(endpoint, "GET", reference, transfer), MANIFEST_LIMIT_BYTES);
    if (whole.status === 404) return undefined;
    if (whole.status !== 200) throw statusProblem(whole.asked, whole.status, whole.bytes);
    const found = manifestIn(whole, reference);
    return { mediaType: found.mediaType, digest: found.digest, size: found.bytes.byteLength };
  });
}

/** @returns true when the registry says that it lists the manifest among the referrers of its subject */
export async function pushManifest(
  exchange: Exchange,
  options: RegistryOptions,
  reference: Reference,
  mediaType: string,
  bytes: Uint8Array,
  transfer: TransferOptions = {},
): Promise<boolean> {
  const digest = new Digester(reference.digest === undefined ? "sha256" : algorithmOf(reference.digest)).update(bytes).digest();
  if (reference.digest !== undefined && reference.digest !== digest) {
    throw new ProblemError("digest-mismatch", {
      message: `the manifest for "${formatReference(reference)}" has the digest ${digest}`,
      facts: { wanted: reference.digest, got: digest },
    });
  }
  if (bytes.byteLength > MANIFEST_LIMIT_BYTES) {
    throw new ProblemError("limit-exceeded", {
      message: `the manifest for "${formatReference(reference)}" has ${bytes.byteLength} bytes, registries take ${MANIFEST_LIMIT_BYTES}`,
      facts: { got: bytes.byteLength, wanted: MANIFEST_LIMIT_BYTES },
    });
  }
  const [endpoint] = endpointsOf(reference.registry, options, "push");
  const { repository } = reference;
  const answer = await exchange.fetch(
    {
      endpoint,
      method: "PUT",
      target: `${repository}/manifests/${reference.tag ?? digest}`,
      headers: { "content-type": mediaType },
      body: bytesBody(bytes),
      scopes: [repositoryScope(repository, "push")],
      repository,
      signal: transfer.signal,
    },
    MANIFEST_LIMIT_BYTES,
  );
  if (answer.status < 200 || answer.status > 299) throw statusProblem(answer.asked, answer.status, answer.bytes);
  const told = answer.headers["docker-content-digest"];
  if (told !== undefined && isDigest(told) && algorithmOf(told) === algorithmOf(digest)) refuseOther(answer.asked, digest, told);
  transfer.onProgress?.(bytes.byteLength);
  return answer.headers["oci-subject"] !== undefined;
}

function question(endpoint: Endpoint, method: "GET" | "HEAD", reference: Reference, { signal }: TransferOptions) {
  const { repository } = reference;
  return {
    endpoint,
    method,
    target: `${repository}/manifests/${targetOf(reference)}`,
    headers: { accept: ACCEPTED_MANIFESTS },
    scopes: [repositoryScope(repository, "pull")],
    repository,
    signal,
  };
}

/** The manifest that an answer holds; all that is checked without looking at its fields. */
function manifestIn({ headers, bytes, cut, asked }: WholeAnswer, reference: Reference): RawManifest {
  if (cut) throw answerProblem("limit-exceeded", asked, `more than ${MANIFEST_LIMIT_BYTES} bytes of manifest`, undefined, { wanted: MANIFEST_LIMIT_BYTES });
  const mediaType = mediaTypeOf(typeOf(headers), bytes, asked);
  const digest = new Digester(reference.digest === undefined ? "sha256" : algorithmOf(reference.digest)).update(bytes).digest();
  refuseOther(asked, reference.digest, digest);
  const told = headers["docker-content-digest"];
  if (told !== undefined && isDigest(told) && algorithmOf(told) === algorithmOf(digest)) refuseOther(asked, told, digest);
  return { mediaType, digest, bytes };
}

function mediaTypeOf(told: string, bytes: Uint8Array, asked: Asked): string {
  if (told === "text/html")
    throw answerProblem("registry-status", asked, firstWords(bytes), `is "${asked.registry}" a registry? a proxy or a login page may stand before it`);
  if (SCHEMA_1.test(told))
    throw answerProblem("manifest-invalid", asked, `a manifest of Docker's schema 1 ("${told}")`, "push the image again with a tool of this decade");
  const inside = mediaTypeInside(bytes);
  if (inside === undefined) throw answerProblem("manifest-invalid", asked, `${firstWords(bytes)} where a manifest was wanted`);
  // Some registries and mirrors serve every file as JSON or as bytes; the document then speaks for itself.
  const settled = isKnown(told) ? told : inside;
  if (!isKnown(settled)) throw answerProblem("manifest-invalid", asked, `a document of type "${(settled || told).slice(0, 100)}" where a manifest was wanted`);
  if (inside !== "" && inside !== settled) {
    throw answerProblem("manifest-invalid", asked, `a manifest that is sent as "${settled}" and calls itself "${inside.slice(0, 100)}"`);
  }
  return settled;
}

/** The document's own mediaType, "" when it has none, undefined when it is no JSON object. */
function mediaTypeInside(bytes: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const { mediaType } = value as { mediaType?: unknown };
    return typeof mediaType === "string" ? mediaType : "";
  } catch {
    return undefined;
  }
}

function refuseOther(asked: Asked, wanted: Digest | undefined, got: Digest): void {
  if (wanted === undefined || wanted === got) return;
  throw answerProblem("digest-mismatch", asked, `content of digest ${got}, wanted ${wanted}`, undefined, { wanted, got });
}

const typeOf = (headers: Readonly<Record<string, string>>): string => (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
const isKnown = (type: string): boolean => isIndexType(type) || isManifestType(type);
