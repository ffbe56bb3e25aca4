import type { Store } from "../adapters/node/store/store.ts";
import type { BlobReader } from "../image/blob-store.ts";
import type { Descriptor } from "../image/descriptor.ts";
import type { LayerContents, ScanDepth } from "../verify/scan/contents.ts";
import { scanner } from "../verify/scan/scanner.ts";
import { contentsMemory } from "./contents-memory.ts";
import type { OpenedSource } from "./open-source.ts";
import type { VerifyOptions } from "./verify.ts";

/** Looks at layers, and tells how far that is. */
export interface LayerScans {
  readonly scan: (layer: Descriptor) => Promise<LayerContents>;
  counts(): { readonly bytes: number; readonly layers: number; readonly remembered: number };
}

/** Scans of an image's layers, remembered in the store. What a registry has under a digest is that; what lies in a folder anybody may have altered. */
export function layerScans(
  { blobs, reference, trusted = reference !== undefined }: Pick<OpenedSource, "blobs" | "reference"> & { readonly trusted?: boolean },
  depth: ScanDepth,
  { progress, noCache }: Pick<VerifyOptions, "progress" | "noCache">,
  store: Store,
): LayerScans {
  const seen = { begun: 0, done: 0, bytes: 0 };
  const met = new Set<string>();
  const tell = (): void => progress?.({ ...seen });
  const reader: BlobReader = {
    stat: (digest) => blobs.stat(digest),
    async *open(digest, range) {
      for await (const chunk of blobs.open(digest, range)) {
        seen.bytes += chunk.byteLength;
        tell();
        yield chunk;
      }
    },
  };
  const scans = scanner({
    reader: progress === undefined ? blobs : reader,
    depth,
    memory: contentsMemory(store.records),
    trusted,
    fresh: noCache,
  });
  return {
    async scan(layer) {
      if (met.has(layer.digest)) return await scans.scan(layer);
      met.add(layer.digest);
      seen.begun++;
      tell();
      const contents = await scans.scan(layer);
      seen.done++;
      tell();
      return contents;
    },
    counts: () => ({ ...scans.counts }),
  };
}
