import { isIndexType, isManifestType } from "../../core/media-type.ts";
import { isProblem } from "../../core/problem.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { type Fields, isObject } from "../../image/json.ts";
import { parseDescriptor } from "../../image/parse.ts";

/**
 * A document without what is unsound in it but hides nothing: annotations, platforms and other extras of wrong types, an odd schemaVersion or media type. What
 * stays may still be unsound. The finding is told of the document as it came.
 */
export function mended(fields: Fields): Fields {
  const { annotations, artifactType, mediaType, subject, ...rest } = fields;
  return {
    ...rest,
    schemaVersion: fields.schemaVersion === 1 ? 1 : 2,
    ...(isStringMap(annotations) ? { annotations } : {}),
    ...(typeof artifactType === "string" ? { artifactType } : {}),
    ...(typeof mediaType === "string" && (isIndexType(mediaType) || isManifestType(mediaType)) ? { mediaType } : {}),
    ...(lenientDescriptor(subject) === undefined ? {} : { subject: lenientDescriptor(subject) }),
    ...(Array.isArray(fields.manifests) ? { manifests: fields.manifests.map((item) => lenientDescriptor(item) ?? item) } : {}),
    ...(Array.isArray(fields.layers) ? { layers: fields.layers.map((item) => lenientDescriptor(item) ?? item) } : {}),
    ...(isObject(fields.config) ? { config: lenientDescriptor(fields.config) ?? fields.config } : {}),
  };
}

/** A descriptor, if need be without what only adds to it; undefined when it does not tell what it points to. */
export function lenientDescriptor(value: unknown): Descriptor | undefined {
  if (!isObject(value)) return undefined;
  const { mediaType, digest, size, platform } = value;
  return attempt(value) ?? attempt({ mediaType, digest, size, platform }) ?? attempt({ mediaType, digest, size });
}

function attempt(fields: Fields): Descriptor | undefined {
  try {
    return parseDescriptor(fields, "");
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}

const isStringMap = (value: unknown): boolean => isObject(value) && Object.values(value).every((item) => typeof item === "string");
