import type { Digest } from "../../core/digest.ts";
import type { Platform } from "../../core/platform.ts";
import { isProblem, ProblemError } from "../../core/problem.ts";
import type { BlobReader } from "../../image/blob-store.ts";
import type { Fields } from "../../image/json.ts";
import type { Index, Manifest } from "../../image/manifest.ts";
import { pickPlatform } from "../images/pick-platform.ts";
import { readWhole, type Shelf } from "../images/shelf.ts";
import { BUILDKIT_CACHE_MEDIA_TYPE, CACHE_BYTES_LIMIT, CACHE_MEDIA_TYPE, type CachedLayer, readCacheDocument } from "./document.ts";
import { BUILDKIT_INLINE_FIELD, INLINE_CACHE_FIELD, readInlineCache } from "./inline.ts";

/**
 * What a place holds for keys: a cache of ours, or an image with an inline cache; of an index, the images of `platforms`.
 * @throws {ProblemError} `cache-invalid` (also for a cache of BuildKit's, and for what is no cache) | `limit-exceeded` | `manifest-invalid` | from reading
 */
export async function readCache(shelf: Shelf, blobs: BlobReader, platforms: readonly Platform[]): Promise<ReadonlyMap<Digest, CachedLayer>> {
  const root = await shelf.root();
  const manifests: Manifest[] = [];
  if (root.kind === "manifest") manifests.push(root.value);
  else {
    if (isBuildKitIndex(root.value)) throw ofBuildKit();
    for (const platform of platforms) {
      try {
        manifests.push((await pickPlatform(root, platform, shelf, shelf.nameOf(root.descriptor.digest))).manifest.value);
      } catch (error) {
        if (!isProblem(error) || error.code !== "platform-missing") throw error;
      }
    }
  }
  const found = new Map<Digest, CachedLayer>();
  for (const manifest of manifests) for (const entry of await entriesOf(manifest, shelf, blobs)) if (!found.has(entry.key)) found.set(entry.key, entry);
  return found;
}

async function entriesOf(manifest: Manifest, shelf: Shelf, blobs: BlobReader): Promise<readonly CachedLayer[]> {
  const { config } = manifest;
  if (config.mediaType === BUILDKIT_CACHE_MEDIA_TYPE) throw ofBuildKit();
  if (config.mediaType === CACHE_MEDIA_TYPE) {
    const entries = readCacheDocument(await readWhole(blobs, config, CACHE_BYTES_LIMIT), `the cache's document ${config.digest}`);
    checkLayers(entries, manifest);
    return entries;
  }
  if (config.mediaType.startsWith("application/vnd.multihull.cache."))
    throw new ProblemError("cache-invalid", {
      message: "it is a cache of another version of multihull",
      hint: "let this version write it again with --cache-to",
    });
  const image = (await shelf.config(config)) as unknown as Fields;
  if (image[INLINE_CACHE_FIELD] !== undefined) return readInlineCache(image as unknown as Parameters<typeof readInlineCache>[0], manifest);
  if (image[BUILDKIT_INLINE_FIELD] !== undefined) throw ofBuildKit();
  throw new ProblemError("cache-invalid", { message: "it is an image without an inline cache", hint: "build it with --cache-to type=inline" });
}

/** Registries keep what a manifest names and nothing else: a layer that it does not name may be gone any day. */
function checkLayers(entries: readonly CachedLayer[], manifest: Manifest): void {
  const sizes = new Map(manifest.layers.map(({ digest, size }) => [digest, size]));
  const stray = entries.find(({ layer }) => sizes.get(layer.digest) !== layer.size);
  if (stray !== undefined)
    throw new ProblemError("cache-invalid", {
      message: `its document tells of the layer ${stray.layer.digest} with ${stray.layer.size} bytes, its manifest does not`,
    });
}

const isBuildKitIndex = ({ manifests }: Index): boolean => manifests.some(({ mediaType }) => mediaType === BUILDKIT_CACHE_MEDIA_TYPE);

const ofBuildKit = (): ProblemError =>
  new ProblemError("cache-invalid", {
    message: "it is a cache of BuildKit, which only BuildKit can read",
    hint: "write one of multihull under another name with --cache-to",
  });
