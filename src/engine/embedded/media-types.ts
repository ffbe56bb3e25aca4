import { MEDIA_TYPE } from "../../core/media-type.ts";

const PAIRS: readonly (readonly [oci: string, docker: string])[] = [
  [MEDIA_TYPE.ociLayerGzip, MEDIA_TYPE.dockerLayerGzip],
  [MEDIA_TYPE.ociLayer, MEDIA_TYPE.dockerLayer],
  ["application/vnd.oci.image.layer.v1.tar+zstd", "application/vnd.docker.image.rootfs.diff.tar.zstd"],
  ["application/vnd.oci.image.layer.nondistributable.v1.tar", "application/vnd.docker.image.rootfs.foreign.diff.tar"],
  ["application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", MEDIA_TYPE.dockerForeignLayer],
];

/**
 * A layer's media type in the family of the image that it goes into; one that is not known stays.
 * @see moby/buildkit util/compression ConvertAllLayerMediaTypes, read 2026-11-22
 */
export function convertLayerType(type: string, ociMediaTypes: boolean): string {
  for (const [oci, docker] of PAIRS) if (type === oci || type === docker) return ociMediaTypes ? oci : docker;
  return type;
}

/** How a layer of this type is compressed; undefined for what we do not write. */
export function compressionOf(type: string): "gzip" | "uncompressed" | undefined {
  if (type === MEDIA_TYPE.ociLayerGzip || type === MEDIA_TYPE.dockerLayerGzip || type === MEDIA_TYPE.dockerForeignLayer) return "gzip";
  if (type === MEDIA_TYPE.ociLayer || type === MEDIA_TYPE.dockerLayer) return "uncompressed";
  return type.endsWith("+gzip") ? "gzip" : undefined;
}
