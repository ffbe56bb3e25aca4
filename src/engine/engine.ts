import type { Platform } from "../core/platform.ts";
import type { BlobReader } from "../image/blob-store.ts";
import type { ImageConfig } from "../image/config.ts";
import type { Document, Index, Manifest } from "../image/manifest.ts";
import type { LayerWatch } from "../image/pack.ts";
import type { BuildPlan } from "../plan/graph.ts";
import type { CacheEntry, CacheSource } from "./cache-entry.ts";
import type { EventSink } from "./event.ts";
import type { RunSettings } from "./run-settings.ts";

/** One platform's image, in the store. */
export interface BuiltImage {
  readonly platform: Platform;
  readonly manifest: Document<Manifest>;
  readonly config: ImageConfig;
  /** Repositories on registries that already hold a layer, by digest: candidates for a cross-repository mount. */
  readonly origins: ReadonlyMap<string, readonly { readonly registry: string; readonly repository: string }[]>;
}

/** What an engine made: images whose every blob can be read from `blobs`, and the index over them. */
export interface BuildResult {
  readonly images: readonly BuiltImage[];
  /** Present when several platforms were asked for (BuildKit's rule: one platform without attestations is a bare manifest). */
  readonly index?: Document<Index>;
  /** Manifests that the index names beside the images: what was attested of them (`unknown/unknown`). */
  readonly attestations: readonly Document<Manifest>[];
  readonly blobs: BlobReader;
  /** What a cache can hold of this build: the layers that were made or found, by their keys. Not those of bases. */
  readonly steps: readonly CacheEntry[];
}

export interface BuildOptions {
  readonly events: EventSink;
  readonly signal?: AbortSignal;
  readonly noCache: boolean;
  readonly layers: LayerOptions;
  /** True: OCI media types; false: Docker's. BuildKit 0.31 and later: OCI by default. */
  readonly ociMediaTypes: boolean;
  readonly annotations: readonly Annotation[];
  /** What RUN steps are given; absent: nothing. */
  readonly run?: RunSettings;
  /** --cache-from, asked in this order, after the store. */
  readonly cacheFrom?: readonly CacheSource[];
  /** True: `BuildResult.steps` is wanted, which takes reading all that was copied; else it is empty. */
  readonly exportsCache?: boolean;
  /** `--cache-to type=inline`: what is in an image's config of how its layers were made. */
  readonly inlineCache?: boolean;
}

/** How layers are packed. Layers of a base stay as they are unless `force`. */
export interface LayerOptions {
  readonly compression: "gzip" | "uncompressed" | "zstd" | "estargz";
  /** gzip 0–9; absent: the engine's default. */
  readonly level?: number;
  /** Our own deflate gives the same bytes on every Node, more slowly; with the default level only. Absent: Node's. */
  readonly deflate?: "own";
  readonly force: boolean;
  /** Asked for each layer that the embedded engine packs; its answer sees the archive as it passes. */
  readonly watch?: () => LayerWatch;
}

/** One annotation and where it goes (BuildKit's `annotation[-manifest|-index|-manifest-descriptor|-index-descriptor][PLATFORM].KEY`). */
export interface Annotation {
  readonly at: "manifest" | "index" | "manifest-descriptor" | "index-descriptor";
  /** Only this platform's image; absent: all. */
  readonly platform?: Platform;
  readonly key: string;
  readonly value: string;
}

/** Makes a plan true. */
export interface Engine {
  readonly name: "embedded" | "buildkit";
  /**
   * Why the plan cannot be built by this engine, told before anything is done; empty when it can.
   * @returns problems to be shown all at once
   */
  check(plan: BuildPlan, options: BuildOptions): Promise<readonly Error[]>;
  /** @throws {ProblemError} the first failure; everything started has ended when it throws */
  build(plan: BuildPlan, options: BuildOptions): Promise<BuildResult>;
}
