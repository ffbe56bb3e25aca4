import { type BlobReader, withDocuments } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import type { Document, Index, Manifest } from "../../image/manifest.ts";
import type { BuildResult } from "../engine.ts";

/** What a name of the image means: the index, or the only manifest. */
export function rootOf(result: BuildResult): Document<Index> | Document<Manifest> {
  const root = result.index ?? result.images[0]?.manifest;
  if (root === undefined) throw new Error("a build without images cannot be exported");
  return root;
}

/** Blobs of a result with its manifests and index among them. */
export function blobsOf(result: BuildResult): BlobReader {
  const documents = [...manifestsOf(result), ...(result.index === undefined ? [] : [result.index])];
  return withDocuments(new Map(documents.map(({ descriptor, bytes }) => [descriptor.digest, bytes])), result.blobs);
}

/**
 * The root's descriptor as BuildKit puts it into an archive or layout: with the time of SOURCE_DATE_EPOCH. Without that BuildKit says when it wrote the archive,
 * and we when the newest image in it was made, so that what did not change gives the same archive again.
 * @param epoch  seconds
 */
export function archivedRoot(result: BuildResult, epoch: number | undefined, nowMs: number): Descriptor {
  const { descriptor } = rootOf(result);
  const key = "org.opencontainers.image.created";
  if (descriptor.annotations?.[key] !== undefined) return descriptor;
  const made = result.images.map(({ config }) => Date.parse(config.created ?? "")).filter(Number.isFinite);
  const createdMs = epoch !== undefined ? epoch * 1000 : made.length > 0 ? Math.max(...made) : nowMs;
  return { ...descriptor, annotations: { ...descriptor.annotations, [key]: `${new Date(createdMs).toISOString().slice(0, 19)}Z` } };
}

/** The images' manifests, and those of what was attested of them. */
export const manifestsOf = (result: BuildResult): readonly Document<Manifest>[] => [...result.images.map(({ manifest }) => manifest), ...result.attestations];

/** Configs and layers of all manifests, each once, in their order; layers that may not be distributed are left where they are. */
export function contentOf(result: BuildResult): readonly Descriptor[] {
  const found = new Map<string, Descriptor>();
  for (const manifest of manifestsOf(result)) {
    for (const descriptor of [...manifest.value.layers, manifest.value.config]) {
      if (!isForeign(descriptor)) found.set(descriptor.digest, descriptor);
    }
  }
  return [...found.values()];
}

const isForeign = ({ mediaType, urls }: Descriptor): boolean =>
  (urls?.length ?? 0) > 0 && (mediaType.includes(".foreign.") || mediaType.includes(".nondistributable."));
