import { MEDIA_TYPE } from "../../core/media-type.ts";

export const isConfigType = (type: string): boolean => type === MEDIA_TYPE.ociConfig || type === MEDIA_TYPE.dockerConfig;

/** What containerd takes for a layer of an image (core/images/mediatypes.go, IsLayerType, read 2026-11-23). */
export const isLayerType = (type: string): boolean =>
  type.startsWith("application/vnd.oci.image.layer.") ||
  /^application\/vnd\.docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.gzip|\.zstd)?(?:\+|$)/.test(type);

export const isNonDistributable = (type: string): boolean =>
  type.startsWith("application/vnd.oci.image.layer.nondistributable.") || type.startsWith("application/vnd.docker.image.rootfs.foreign.");

/** A statement about an image, as BuildKit stores it. */
export const isInToto = (type: string): boolean => type === "application/vnd.in-toto+json" || type.startsWith("application/vnd.in-toto.");

/** A layer that can be read as an archive: encrypted ones cannot. */
export const isReadable = (type: string): boolean => /\btar\b/.test(type) && !type.endsWith("+encrypted");

/** Docker's manifests before schema 2. */
export const isSchema1Type = (type: string): boolean => type.startsWith("application/vnd.docker.distribution.manifest.v1+");
