import type { Descriptor } from "../../image/descriptor.ts";
import type { Attestation, ReadDocument } from "../subject.ts";
import { isConfigType, isInToto, isLayerType } from "./media-types.ts";

// moby/buildkit docs/attestations/attestation-storage.md, read 2026-11-23.
const REFERENCE_TYPE = "vnd.docker.reference.type";
const REFERENCE_DIGEST = "vnd.docker.reference.digest";

/** An index's entry that says it is for no platform at all. */
export const isForNoPlatform = ({ platform }: Descriptor): boolean =>
  platform !== undefined && (platform.os === "unknown" || platform.architecture === "unknown");

/** The attestation that a document is, its contents unread; undefined when it is none. */
export function attestationOf(document: ReadDocument): Omit<Attestation, "contents"> | undefined {
  const { descriptor, manifest, parent } = document;
  const layers = manifest?.layers ?? [];
  const marked = parent !== undefined && descriptor.annotations?.[REFERENCE_TYPE] === "attestation-manifest";
  if (!marked && (layers.length === 0 || !layers.every((layer) => isInToto(layer.mediaType)))) return undefined;
  return { document, of: descriptor.annotations?.[REFERENCE_DIGEST] ?? manifest?.subject?.digest };
}

/** Types that say nothing: Docker takes such configs for images' (distribution/registry.go, defaultImageTypes). */
const isAnything = (type: string): boolean => /^(?:|application\/(?:json|octet-stream|vnd\.unknown\.config\.v1\+json)|text\/(?:plain|html))$/.test(type);

/** Whether a document is meant to be started on some platform: no index, attestation or artifact. */
export function isPlatformImage(document: ReadDocument): boolean {
  const { kind, descriptor, manifest, parent } = document;
  if (kind !== "manifest" || isForNoPlatform(descriptor) || attestationOf(document) !== undefined) return false;
  if (manifest === undefined) return parent !== undefined && descriptor.platform !== undefined;
  if (isConfigType(manifest.config.mediaType)) return true;
  if (manifest.artifactType !== undefined) return false;
  if (parent === undefined) return isAnything(manifest.config.mediaType) && manifest.layers.some((layer) => isLayerType(layer.mediaType));
  return descriptor.platform !== undefined && manifest.layers.every((layer) => isLayerType(layer.mediaType));
}
