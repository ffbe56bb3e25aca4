import { gzipSync } from "node:zlib";
import { memoryBlobStore } from "../../src/adapters/memory/blob-store.ts";
import { digestOf } from "../../src/core/digest.ts";
import { MEDIA_TYPE } from "../../src/core/media-type.ts";
import { parsePlatform } from "../../src/core/platform.ts";
import type { CacheEntry } from "../../src/engine/cache-entry.ts";
import type { BuildResult, BuiltImage } from "../../src/engine/engine.ts";
import { type BlobStore, putBytes } from "../../src/image/blob-store.ts";
import type { ImageConfig } from "../../src/image/config.ts";
import type { Descriptor } from "../../src/image/descriptor.ts";
import { encodeConfig, encodeIndex, encodeManifest } from "../../src/image/encode.ts";
import type { LayerEntry } from "../../src/image/entry.ts";
import { TAR_END, tarHeader, tarPad } from "../../src/image/tar/writer.ts";

/** An entry as short as a test wants it; without a type it is a file. */
export type Row = Partial<LayerEntry> & { readonly path: string; readonly content?: string };

/** A tar of rows, the same bytes for the same rows. */
export function tarOf(rows: readonly Row[]): Buffer {
  return Buffer.concat([
    ...rows.flatMap(({ content = "", ...row }) => {
      const bytes = Buffer.from(content);
      return [tarHeader({ type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 1000, ...row, size: bytes.length }), bytes, tarPad(bytes.length)];
    }),
    TAR_END,
  ]);
}

export interface MadeImage {
  /** Layers, lowest first. */
  readonly layers: readonly (readonly Row[])[];
  readonly created?: string;
  /** Where layers came from, by number. */
  readonly origins?: Readonly<Record<number, readonly { readonly registry: string; readonly repository: string }[]>>;
}

/** What an engine would have made of these layers, in memory: an index when there is more than one platform. */
export async function builtResult(images: Readonly<Record<string, MadeImage>>): Promise<BuildResult & { readonly store: BlobStore }> {
  const store = memoryBlobStore();
  const built: BuiltImage[] = [];
  const steps = new Map<string, CacheEntry>();
  for (const [platform, image] of Object.entries(images)) {
    const made = await builtImage(store, platform, image);
    built.push(made);
    for (const [i, rows] of image.layers.entries()) {
      const entry = entryOf(made.manifest.value.layers[i] as Descriptor, tarOf(rows));
      steps.set(entry.key, entry);
    }
  }
  const several = built.length > 1;
  const index = encodeIndex({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociIndex,
    manifests: built.map(({ manifest, platform }) => ({ ...manifest.descriptor, platform })),
  });
  return { images: built, ...(several ? { index } : {}), attestations: [], blobs: store, store, steps: [...steps.values()] };
}

/** As if each layer were a step of its own, whose key is told by what it makes. */
function entryOf({ digest, size }: Descriptor, tar: Buffer): CacheEntry {
  const layer = { digest, size, diffId: digestOf(tar), uncompressedSize: tar.length, compression: "gzip" } as const;
  return { key: digestOf(`key of ${layer.diffId}`), layer, createdMs: 1_000_000, published: true };
}

async function builtImage(store: BlobStore, name: string, image: MadeImage): Promise<BuiltImage> {
  const platform = parsePlatform(name);
  const tars = image.layers.map(tarOf);
  const layers: Descriptor[] = [];
  for (const tar of tars) {
    const bytes = gzipSync(tar);
    layers.push({ mediaType: MEDIA_TYPE.ociLayerGzip, digest: await putBytes(store, bytes), size: bytes.length });
  }
  const config: ImageConfig = {
    ...platform,
    ...(image.created === undefined ? {} : { created: image.created }),
    config: {},
    rootfs: { type: "layers", diff_ids: tars.map((tar) => digestOf(tar)) },
    history: tars.map(() => ({ created_by: "test" })),
  };
  const configBytes = encodeConfig(config);
  const manifest = encodeManifest({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: { mediaType: MEDIA_TYPE.ociConfig, digest: await putBytes(store, configBytes), size: configBytes.length },
    layers,
  });
  const origins = new Map(Object.entries(image.origins ?? {}).map(([i, from]) => [layers[Number(i)]?.digest as string, from]));
  return { platform, manifest, config, origins };
}
