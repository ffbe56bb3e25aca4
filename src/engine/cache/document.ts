import { type Digest, isDigest } from "../../core/digest.ts";
import { byCodeUnit } from "../../core/order.ts";
import { ProblemError } from "../../core/problem.ts";
import { stableJson } from "../../core/stable-json.ts";
import { FieldReader, isObject, kindOf, readJsonObject } from "../../image/json.ts";
import type { PackCompression } from "../../image/pack.ts";
import type { CacheEntry } from "../cache-entry.ts";

/** An entry as another machine reads it. */
export type CachedLayer = Omit<CacheEntry, "published">;

/** The document that a cache's manifest has in place of an image's config. */
export const CACHE_MEDIA_TYPE = "application/vnd.multihull.cache.v1+json";
/** BuildKit's own document in that place: a cache that is not ours. */
export const BUILDKIT_CACHE_MEDIA_TYPE = "application/vnd.buildkit.cacheconfig.v0";

/** Bump when keys or entries come to mean something else: older documents are then told of, and not used. */
const VERSION = 1;
/** Largest document that is read: an entry has some 350 bytes. */
export const CACHE_BYTES_LIMIT = 16 * 1024 * 1024;
/** Entries of one document: a hundred steps for each of two hundred platforms and stages. */
export const CACHE_ENTRIES_LIMIT = 20_000;
/** Largest layer that is believed in: beyond what any file system or registry of today takes as one file. */
export const CACHED_LAYER_BYTES_LIMIT = 2 ** 44;

/** The document of entries, the same bytes for the same entries in any order; of equal keys the last counts. */
export function encodeCacheDocument(entries: readonly CachedLayer[]): Uint8Array {
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  const listed = [...byKey.values()]
    .sort((a, b) => byCodeUnit(a.key, b.key))
    .map(({ key, createdMs, layer: { digest, size, diffId, uncompressedSize, compression } }) => ({
      key,
      createdMs: Math.max(0, Math.round(createdMs)),
      digest,
      size,
      diffId,
      uncompressedSize,
      compression,
    }));
  return Buffer.from(stableJson({ version: VERSION, entries: listed }));
}

/**
 * Reads an untrusted document. One bad entry makes all of it bad: nobody wrote it with this program.
 * @param what  for messages
 * @throws {ProblemError} `cache-invalid` | `limit-exceeded`
 */
export function readCacheDocument(bytes: Uint8Array, what: string): readonly CachedLayer[] {
  const fields = readJsonObject(bytes, what, "cache-invalid", CACHE_BYTES_LIMIT);
  if (fields.version !== VERSION)
    throw new ProblemError("cache-invalid", {
      message: `${what} is of version ${JSON.stringify(fields.version)?.slice(0, 40) ?? "none"}, wanted ${VERSION}`,
      hint: "let this version of multihull write it again with --cache-to",
    });
  const list = new FieldReader(fields, what, "cache-invalid").listIfAny("entries", CACHE_ENTRIES_LIMIT) ?? [];
  return list.map((entry, i) => readEntry(entry, `${what} entries[${i}]`));
}

function readEntry(value: unknown, where: string): CachedLayer {
  if (!isObject(value)) throw new ProblemError("cache-invalid", { message: `${where} is ${kindOf(value)}, wanted an object` });
  const reader = new FieldReader(value, where, "cache-invalid");
  const digest = (field: string): Digest => {
    const text = reader.string(field);
    return isDigest(text) ? text : reader.refuse(field, "a digest");
  };
  const compression = reader.string("compression");
  if (!isPackCompression(compression)) return reader.refuse("compression", '"gzip" or "uncompressed"');
  const layer = {
    digest: digest("digest"),
    size: readBytes(reader, "size"),
    diffId: digest("diffId"),
    uncompressedSize: readBytes(reader, "uncompressedSize"),
    compression,
  };
  return { key: digest("key"), createdMs: readTime(reader, "createdMs"), layer };
}

export function readBytes(reader: FieldReader, field: string): number {
  const bytes = reader.countIfAny(field);
  return bytes !== undefined && bytes <= CACHED_LAYER_BYTES_LIMIT ? bytes : reader.refuse(field, "a number of bytes");
}

/** What `Date` can say. */
const LATEST_MS = 8.64e15;

function readTime(reader: FieldReader, field: string): number {
  const ms = reader.countIfAny(field);
  return ms !== undefined && ms <= LATEST_MS ? ms : reader.refuse(field, "a time in milliseconds");
}

const isPackCompression = (text: string): text is PackCompression => text === "gzip" || text === "uncompressed";
