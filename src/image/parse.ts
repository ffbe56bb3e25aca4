import { digestOf, isDigest } from "../core/digest.ts";
import { isIndexType, isManifestType, MEDIA_TYPE } from "../core/media-type.ts";
import { platformOf } from "../core/platform.ts";
import { ProblemError } from "../core/problem.ts";
import type { Descriptor } from "./descriptor.ts";
import { FieldReader, type Fields, isObject, kindOf, readJsonObject } from "./json.ts";
import type { Document, Index, Manifest } from "./manifest.ts";

export { parseConfig } from "./parse-config.ts";

/** Layers of an image: Docker's own storage stops at 127. */
export const LAYERS_LIMIT = 1000;
/** Manifests of an index: platforms and their attestations; layouts and indexes of referrers hold more. */
export const MANIFESTS_LIMIT = 10_000;
const URLS_LIMIT = 100;

/** A document of either kind, told by what it holds. */
export type ImageDocument = (Document<Manifest> & { readonly kind: "manifest" }) | (Document<Index> & { readonly kind: "index" });

/**
 * Reads an image manifest, OCI or Docker schema 2. Unknown fields stay in `bytes`, `null` is absent, a missing media type is taken from `mediaType` (what the
 * registry or the parent said), else from the config's.
 * @throws {ProblemError} `manifest-invalid` | `limit-exceeded`
 */
export function parseManifest(bytes: Uint8Array, mediaType?: string): Document<Manifest> {
  const document = parseDocument(bytes, mediaType);
  if (document.kind === "manifest") return document;
  throw new ProblemError("manifest-invalid", { message: `${document.descriptor.digest} is an index, wanted an image manifest` });
}

/**
 * Reads an index, OCI or Docker manifest list; as lenient as {@link parseManifest}.
 * @throws {ProblemError} `manifest-invalid` | `limit-exceeded`
 */
export function parseIndex(bytes: Uint8Array, mediaType?: string): Document<Index> {
  const document = parseDocument(bytes, mediaType);
  if (document.kind === "index") return document;
  throw new ProblemError("manifest-invalid", { message: `${document.descriptor.digest} is an image manifest, wanted an index` });
}

/**
 * Reads whichever of the two it is.
 * @throws {ProblemError} `manifest-invalid` | `limit-exceeded`
 */
export function parseDocument(bytes: Uint8Array, mediaType?: string): ImageDocument {
  const digest = digestOf(bytes);
  const what = `manifest ${digest}`;
  const fields = readJsonObject(bytes, what);
  const reader = new FieldReader(fields, what);
  const own = reader.stringIfAny("mediaType");
  const told = own ?? (mediaType !== undefined && (isIndexType(mediaType) || isManifestType(mediaType)) ? mediaType : undefined);
  if (fields.schemaVersion === 1 || told?.startsWith("application/vnd.docker.distribution.manifest.v1+") === true) {
    throw new ProblemError("manifest-invalid", {
      message: `${what} is of Docker's schema 1, which is no longer read`,
      hint: "push the image again with a current client: any since Docker 1.10 writes schema 2",
    });
  }
  if (fields.schemaVersion !== 2) reader.refuse("schemaVersion", "2");
  if (told !== undefined && !isIndexType(told) && !isManifestType(told)) reader.refuse("mediaType", "an image manifest's or an index's");
  // A document that can be read as both means one image to one client and another to the next (CVE-2021-41190).
  const isIndex = present(fields.manifests);
  const isManifest = present(fields.config) || present(fields.layers);
  if (isIndex && isManifest) throw new ProblemError("manifest-invalid", { message: `${what} has both "manifests" and "layers", it must be one of the two` });
  if (!isIndex && !isManifest) throw new ProblemError("manifest-invalid", { message: `${what} has neither "manifests" nor "config" and "layers"` });
  for (const type of [own, mediaType]) {
    if (type !== undefined && (isIndex ? isManifestType(type) : isIndexType(type))) {
      throw new ProblemError("manifest-invalid", { message: `${what} is told to be ${type}, its content is ${isIndex ? "an index" : "an image manifest"}` });
    }
  }
  const common = {
    schemaVersion: 2,
    ...optional("artifactType", reader.stringIfAny("artifactType")),
    ...optional("annotations", reader.stringMapIfAny("annotations")),
    ...(present(fields.subject) ? { subject: parseDescriptor(fields.subject, `${what} subject`) } : {}),
  } as const;
  if (isIndex) {
    const manifests = reader.listIfAny("manifests", MANIFESTS_LIMIT) ?? [];
    const value: Index = {
      ...common,
      mediaType: told ?? MEDIA_TYPE.ociIndex,
      manifests: manifests.map((item, i) => parseDescriptor(item, `${what} manifests[${i}]`)),
    };
    return { kind: "index", bytes, descriptor: { mediaType: value.mediaType, digest, size: bytes.length }, value };
  }
  const config = parseDescriptor(fields.config, `${what} config`);
  const layers = reader.listIfAny("layers", LAYERS_LIMIT) ?? [];
  const value: Manifest = {
    ...common,
    mediaType: told ?? (config.mediaType === MEDIA_TYPE.dockerConfig ? MEDIA_TYPE.dockerManifest : MEDIA_TYPE.ociManifest),
    config,
    layers: layers.map((item, i) => parseDescriptor(item, `${what} layers[${i}]`)),
  };
  return { kind: "manifest", bytes, descriptor: { mediaType: value.mediaType, digest, size: bytes.length }, value };
}

/**
 * Reads a descriptor of a document.
 * @param where  for messages: `manifest sha256:… layers[2]`
 * @throws {ProblemError} `manifest-invalid` | `limit-exceeded`
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  if (!isObject(value)) throw new ProblemError("manifest-invalid", { message: `${where} is ${kindOf(value)}, wanted a descriptor` });
  const reader = new FieldReader(value, where);
  const digest = reader.string("digest");
  if (!isDigest(digest)) return reader.refuse("digest", '"sha256:" and 64 lower-case hex digits');
  const platform = reader.objectIfAny("platform");
  return {
    mediaType: reader.string("mediaType"),
    digest,
    size: reader.countIfAny("size") ?? reader.refuse("size", "a number of bytes"),
    ...optional("urls", reader.stringsIfAny("urls", URLS_LIMIT)),
    ...optional("annotations", reader.stringMapIfAny("annotations")),
    ...optional("data", reader.stringIfAny("data")),
    ...(platform === undefined ? {} : { platform: parsePlatformFields(platform, `${where} platform`) }),
    ...optional("artifactType", reader.stringIfAny("artifactType")),
  };
}

function parsePlatformFields(fields: Fields, where: string): ReturnType<typeof platformOf> {
  const reader = new FieldReader(fields, where);
  return platformOf({
    os: reader.string("os"),
    architecture: reader.string("architecture"),
    variant: reader.stringIfAny("variant"),
    "os.version": reader.stringIfAny("os.version"),
    "os.features": reader.stringsIfAny("os.features", 100),
  });
}

const present = (value: unknown): boolean => value !== undefined && value !== null;

const optional = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });
