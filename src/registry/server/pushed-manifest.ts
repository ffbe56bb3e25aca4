import { type Digest, isDigest } from "../../core/digest.ts";
import { isIndexType, isManifestType, MEDIA_TYPE } from "../../core/media-type.ts";
import { RegistryError } from "./error.ts";

/** Content that a manifest names. */
export interface Named {
  readonly digest: Digest;
  readonly size: number;
}

/** What the registry needs to know of a manifest that is pushed to it; the bytes stay as they came. */
export interface PushedManifest {
  readonly mediaType: string;
  /** Blobs that must be there; layers that are to be had elsewhere (foreign ones) are left out. */
  readonly blobs: readonly Named[];
  /** Children of an index. */
  readonly children: readonly Named[];
  readonly subject?: Digest;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

type Fields = Readonly<Record<string, unknown>>;

/** Layers whose licence forbids passing them on; nobody pushes them. */
const FOREIGN = /^application\/vnd\.(?:oci\.image\.layer\.nondistributable\.|docker\.image\.rootfs\.foreign\.)/;

/**
 * Reads a manifest as far as a registry must. Types that are not an image or an index are taken as they are.
 * @param contentType  of the request, maybe with parameters
 * @throws {RegistryError} MANIFEST_INVALID
 */
export function readPushedManifest(bytes: Uint8Array, contentType: string | undefined): PushedManifest {
  const fields = objectOf(parse(bytes), "the manifest");
  const mediaType = mediaTypeOf(fields, contentType?.split(";")[0]?.trim());
  const common = {
    mediaType,
    ...(fields.annotations === undefined ? {} : { annotations: annotationsOf(fields.annotations) }),
    ...(fields.subject === undefined || fields.subject === null ? {} : { subject: named(fields.subject, "subject").digest }),
    ...(typeof fields.artifactType === "string" && fields.artifactType !== "" ? { artifactType: fields.artifactType } : {}),
  };
  if (isIndexType(mediaType)) {
    checkVersion(fields);
    return { ...common, blobs: [], children: listOf(fields.manifests, "manifests").map((child, i) => named(child, `manifests[${i}]`)) };
  }
  if (isManifestType(mediaType)) {
    checkVersion(fields);
    const layers = listOf(fields.layers, "layers").map((layer, i) => ({ ...named(layer, `layers[${i}]`), type: typeOf(layer) }));
    const blobs = [named(fields.config, "config"), ...layers.filter((layer) => !FOREIGN.test(layer.type)).map(({ digest, size }) => ({ digest, size }))];
    return { artifactType: typeOf(fields.config), ...common, blobs, children: [] };
  }
  return { ...common, blobs: [], children: [] };
}

function mediaTypeOf(fields: Fields, contentType: string | undefined): string {
  const inside = fields.mediaType;
  if (inside !== undefined && typeof inside !== "string") throw invalid("mediaType is not a text");
  if (contentType !== undefined && contentType !== "") {
    if (inside !== undefined && inside !== "" && inside !== contentType)
      throw invalid(`the content-type is ${contentType}, the manifest's mediaType ${inside}`);
    return contentType;
  }
  if (inside !== undefined && inside !== "") return inside;
  return fields.manifests === undefined ? MEDIA_TYPE.ociManifest : MEDIA_TYPE.ociIndex;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw invalid("the manifest is not JSON");
  }
}

function named(value: unknown, where: string): Named {
  const fields = objectOf(value, where);
  const { digest, size } = fields;
  if (typeof digest !== "string" || !isDigest(digest)) throw invalid(`${where}.digest is not a digest`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) throw invalid(`${where}.size is not a number of bytes`);
  return { digest, size };
}

function checkVersion(fields: Fields): void {
  if (fields.schemaVersion !== 2) throw invalid("schemaVersion is not 2");
}

function objectOf(value: unknown, where: string): Fields {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw invalid(`${where} is not an object`);
  return value as Fields;
}

// Go programs write an empty list as null.
function listOf(value: unknown, where: string): readonly unknown[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw invalid(`${where} is not a list`);
  return value;
}

function annotationsOf(value: unknown): Record<string, string> {
  if (value === null) return {};
  const entries = Object.entries(objectOf(value, "annotations"));
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === "string")) throw invalid("an annotation is not a text");
  return Object.fromEntries(entries);
}

const typeOf = (descriptor: unknown): string => {
  const { mediaType } = descriptor as Fields;
  return typeof mediaType === "string" ? mediaType : "";
};

const invalid = (message: string): RegistryError => new RegistryError("MANIFEST_INVALID", { message });
