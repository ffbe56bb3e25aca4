import { MEDIA_TYPE } from "../core/media-type.ts";
import { type Platform, samePlatform } from "../core/platform.ts";
import type { Descriptor } from "../image/descriptor.ts";
import { encodeIndex } from "../image/encode.ts";
import type { Document, Index } from "../image/manifest.ts";
import type { Annotation, BuildOptions } from "./engine.ts";

/** The index over manifests, in their order. @see moby/buildkit exporter/containerimage/writer.go, read 2026-11-22 */
export function assembleIndex(manifests: readonly Descriptor[], options: Pick<BuildOptions, "ociMediaTypes" | "annotations">): Document<Index> {
  const index: Index = {
    schemaVersion: 2,
    mediaType: options.ociMediaTypes ? MEDIA_TYPE.ociIndex : MEDIA_TYPE.dockerIndex,
    manifests,
    ...annotated(options.annotations, "index"),
  };
  const encoded = encodeIndex(index);
  return { ...encoded, descriptor: { ...encoded.descriptor, ...annotated(options.annotations, "index-descriptor") } };
}

/** The annotations for one place; undefined key when there are none. */
export function annotated(all: readonly Annotation[], at: Annotation["at"], platform?: Platform): { annotations?: Record<string, string> } {
  const found = all.filter(
    (annotation) => annotation.at === at && (annotation.platform === undefined || (platform !== undefined && samePlatform(annotation.platform, platform))),
  );
  // One for a platform goes over one for all.
  found.sort((a, b) => Number(a.platform !== undefined) - Number(b.platform !== undefined));
  return found.length === 0 ? {} : { annotations: Object.fromEntries(found.map(({ key, value }) => [key, value])) };
}
