import { type Digest, isDigest } from "../../core/digest.ts";
import { MEDIA_TYPE } from "../../core/media-type.ts";
import { ProblemError } from "../../core/problem.ts";
import type { ImageConfig } from "../../image/config.ts";
import { FieldReader, type Fields, isObject, kindOf } from "../../image/json.ts";
import type { Manifest } from "../../image/manifest.ts";
import type { PackCompression } from "../../image/pack.ts";
import type { CacheEntry } from "../cache-entry.ts";
import { CACHE_ENTRIES_LIMIT, type CachedLayer, readBytes } from "./document.ts";

/** The field of an image's config that tells by which keys its layers can be found. Docker and registries keep fields that they do not know. */
export const INLINE_CACHE_FIELD = "multihull.cache.v1";
/** BuildKit's field for the same. */
export const BUILDKIT_INLINE_FIELD = "moby.buildkit.cache.v0";

/** What is in the field: digests and sizes of blobs are the manifest's to tell, so that an image that was packed anew on its way stays a cache. */
export interface InlineCache {
  readonly [INLINE_CACHE_FIELD]?: { readonly layers: readonly { readonly layer: number; readonly key: Digest; readonly uncompressedSize: number }[] };
}

/**
 * What goes into an image's config, to be spread into it: `{...config, ...inlineCacheOf(config.rootfs.diff_ids, entries)}`. Nothing in it tells of the time or the
 * machine, so that the image stays reproducible; empty when no layer of the image has an entry.
 */
export function inlineCacheOf(diffIds: readonly Digest[], entries: readonly Pick<CacheEntry, "key" | "layer">[]): InlineCache {
  const layers = new Map<string, { layer: number; key: Digest; uncompressedSize: number }>();
  for (const { key, layer } of entries) {
    // The last of equal ones: an image's own steps lie above its base.
    const at = diffIds.lastIndexOf(layer.diffId);
    if (at !== -1) layers.set(`${at} ${key}`, { layer: at, key, uncompressedSize: layer.uncompressedSize });
  }
  if (layers.size === 0) return {};
  return { [INLINE_CACHE_FIELD]: { layers: [...layers.values()].sort((a, b) => a.layer - b.layer || (a.key < b.key ? -1 : 1)) } };
}

/**
 * What an image's config tells of its layers; empty when it tells nothing. Layers that nobody here unpacks (zstd, foreign ones) are left out.
 * @throws {ProblemError} `cache-invalid` when what it tells is damaged | `limit-exceeded`
 */
export function readInlineCache(config: ImageConfig, manifest: Pick<Manifest, "layers">): readonly CachedLayer[] {
  const value = (config as unknown as Fields)[INLINE_CACHE_FIELD];
  if (value === undefined || value === null) return [];
  const where = `the image's "${INLINE_CACHE_FIELD}"`;
  if (!isObject(value)) throw new ProblemError("cache-invalid", { message: `${where} is ${kindOf(value)}, wanted an object` });
  const list = new FieldReader(value, where, "cache-invalid").listIfAny("layers", CACHE_ENTRIES_LIMIT) ?? [];
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== manifest.layers.length)
    throw new ProblemError("cache-invalid", { message: `the image has ${manifest.layers.length} layers in its manifest and ${diffIds.length} in its config` });
  const created = (config.history ?? []).filter((entry) => entry.empty_layer !== true).map((entry) => Date.parse(entry.created ?? ""));
  return list.flatMap((item, i) => {
    if (!isObject(item)) throw new ProblemError("cache-invalid", { message: `${where} layers[${i}] is ${kindOf(item)}, wanted an object` });
    const reader = new FieldReader(item, `${where} layers[${i}]`, "cache-invalid");
    const at = reader.countIfAny("layer") ?? reader.refuse("layer", "the number of a layer");
    const descriptor = manifest.layers[at] ?? reader.refuse("layer", "the number of a layer");
    const key = reader.string("key");
    if (!isDigest(key)) return reader.refuse("key", "a digest");
    const uncompressedSize = readBytes(reader, "uncompressedSize");
    const compression = COMPRESSION_OF[descriptor.mediaType];
    if (compression === undefined) return [];
    const createdMs = created[at];
    return [
      {
        key,
        createdMs: createdMs === undefined || Number.isNaN(createdMs) ? 0 : Math.max(0, createdMs),
        layer: { digest: descriptor.digest, size: descriptor.size, diffId: diffIds[at] as Digest, uncompressedSize, compression },
      },
    ];
  });
}

const COMPRESSION_OF: Readonly<Record<string, PackCompression>> = {
  [MEDIA_TYPE.ociLayer]: "uncompressed",
  [MEDIA_TYPE.ociLayerGzip]: "gzip",
  [MEDIA_TYPE.dockerLayer]: "uncompressed",
  [MEDIA_TYPE.dockerLayerGzip]: "gzip",
};
