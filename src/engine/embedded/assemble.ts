import { digestOf } from "../../core/digest.ts";
import { MEDIA_TYPE } from "../../core/media-type.ts";
import { type Platform, platformOf } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import type { ImageConfig } from "../../image/config.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { encodeConfig, encodeManifest } from "../../image/encode.ts";
import type { Manifest } from "../../image/manifest.ts";
import { layerMediaType } from "../../image/pack.ts";
import type { ImagePlan, ImageVertex } from "../../plan/graph.ts";
import { annotated } from "../assemble-index.ts";
import { inlineCacheOf } from "../cache/inline.ts";
import type { CacheEntry } from "../cache-entry.ts";
import type { BuildOptions, BuiltImage } from "../engine.ts";
import { goTime } from "./go-time.ts";
import { finishHistory } from "./image-history.ts";
import { convertLayerType } from "./media-types.ts";
import type { StepResult } from "./step-cache.ts";

export interface AssembledImage extends Omit<BuiltImage, "origins"> {
  readonly configBytes: Uint8Array;
}

type AssemblyOptions = Pick<BuildOptions, "ociMediaTypes" | "annotations"> & {
  /** What the config is to tell caches of the layers; nothing by default. */
  readonly inline?: readonly CacheEntry[];
};

/**
 * One platform's config and manifest, in BuildKit's form.
 * @param base   absent for scratch
 * @param steps  the layers that this build adds, with what made each
 * @throws {ProblemError} `manifest-invalid` when the base tells other numbers of layers in manifest and config
 * @see moby/buildkit exporter/containerimage/writer.go, read 2026-11-22
 */
export function assembleImage(
  plan: ImagePlan,
  base: { readonly vertex: ImageVertex; readonly layers: readonly Descriptor[] } | undefined,
  steps: readonly { readonly result: StepResult; readonly name: string }[],
  epoch: number | undefined,
  options: AssemblyOptions,
): AssembledImage {
  const baseLayers = base?.layers ?? [];
  const baseDiffIds = base?.vertex.config.rootfs.diff_ids ?? [];
  if (base !== undefined && baseLayers.length !== baseDiffIds.length) {
    throw new ProblemError("manifest-invalid", {
      message: `${base.vertex.reference} has ${baseLayers.length} layers in its manifest and ${baseDiffIds.length} in its config`,
      hint: "the image was put together wrongly: use another base",
    });
  }
  const history = finishHistory(
    plan,
    [
      ...baseLayers.map(() => ({ description: base?.vertex.name ?? "" })),
      ...steps.map(({ result, name }) => ({ createdMs: result.createdMs, description: name })),
    ],
    epoch,
  );
  const created = createdTime(plan.config.created, history.findLast((entry) => entry.created !== undefined)?.created, epoch);
  const diffIds = [...baseDiffIds, ...steps.map(({ result }) => result.layer.diffId)];
  const config: ImageConfig = {
    ...plan.config,
    ...(created === undefined ? {} : { created }),
    rootfs: { type: "layers", diff_ids: diffIds },
    history,
    ...inlineCacheOf(diffIds, options.inline ?? []),
  };
  const configBytes = encodeConfig(config);
  const oci = options.ociMediaTypes;
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: oci ? MEDIA_TYPE.ociManifest : MEDIA_TYPE.dockerManifest,
    config: { mediaType: oci ? MEDIA_TYPE.ociConfig : MEDIA_TYPE.dockerConfig, digest: digestOf(configBytes), size: configBytes.byteLength },
    layers: [
      ...baseLayers.map((layer) => baseDescriptor(layer, oci)),
      ...steps.map(({ result: { layer } }) => ({ mediaType: layerMediaType(layer.compression, oci), digest: layer.digest, size: layer.size })),
    ],
    ...annotated(options.annotations, "manifest", plan.platform),
  };
  const encoded = encodeManifest(manifest);
  const descriptor = {
    ...encoded.descriptor,
    platform: indexPlatform(plan.platform, config),
    ...annotated(options.annotations, "manifest-descriptor", plan.platform),
  };
  return { platform: plan.platform, manifest: { ...encoded, descriptor }, config, configBytes };
}

/** Windows is told apart by its version, which the base's config knows. */
function indexPlatform(platform: Platform, config: ImageConfig): Platform {
  if (platform.os !== "windows" || platform["os.version"] !== undefined) return platform;
  const said = platformOf(config);
  return said["os.version"] === undefined ? platform : { ...platform, "os.version": said["os.version"] };
}

/** @param last  of the history, where what the base made keeps its time even when that is later than the epoch */
function createdTime(own: string | undefined, last: string | undefined, epoch: number | undefined): string | undefined {
  if (own === undefined || epoch === undefined || Date.parse(own) <= epoch * 1000) return own ?? last;
  return goTime(epoch * 1000);
}

/** What BuildKit keeps of a base's layer: what a snapshotter needs to open it lazily (cache/refs.go filterAnnotationsForSave, read 2026-11-22). */
const KEPT_ANNOTATIONS: ReadonlySet<string> = new Set([
  "containerd.io/snapshot/stargz/toc.digest",
  "io.containers.estargz.uncompressed-size",
  "containerd.io/snapshot/overlaybd/blob-digest",
  "containerd.io/snapshot/overlaybd/blob-size",
  "containerd.io/snapshot/overlaybd/blob-fs-type",
]);

function baseDescriptor(layer: Descriptor, oci: boolean): Descriptor {
  const annotations = Object.entries(layer.annotations ?? {}).filter(([key]) => oci && KEPT_ANNOTATIONS.has(key));
  return {
    mediaType: convertLayerType(layer.mediaType, oci),
    digest: layer.digest,
    size: layer.size,
    ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    ...(layer.urls === undefined ? {} : { urls: layer.urls }),
  };
}
