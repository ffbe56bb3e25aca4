import type { Digest } from "../../core/digest.ts";
import { isIndexType } from "../../core/media-type.ts";
import { ProblemError } from "../../core/problem.ts";
import type { Reference } from "../../core/reference.ts";
import { formatReference } from "../../core/reference.ts";
import { withDocuments } from "../../image/blob-store.ts";
import { describe } from "../../image/descriptor.ts";
import { parseIndex } from "../../image/parse.ts";
import type { RegistryClient } from "../../registry/client/client.ts";
import type { BuildResult } from "../engine.ts";
import { importResult } from "./import-result.ts";
import { type PushPorts, pushWithBuildkit } from "./push.ts";
import type { BuildkitBuilder, BuildkitRequest } from "./request.ts";

/** Where a builder pushes to by itself. */
export interface DirectTarget {
  /** Without tag. */
  readonly repository: Reference;
  /** Written by the builder where it cannot push by digest (Docker's own). */
  readonly tags: readonly Reference[];
  readonly insecure: boolean;
  /** Names wait until what was pushed is looked into. */
  readonly namedLater: boolean;
}

/**
 * Lets a builder push what it makes, by digest, and reads back only the documents: layers go from the builder to the registry. The result's blobs are read from there.
 * @throws {ProblemError} as {@link pushWithBuildkit} | `registry-*` | `usage` where names are to wait and the builder cannot push without
 */
export async function pushShare(
  request: BuildkitRequest,
  builder: BuildkitBuilder,
  { repository, tags, insecure, namedLater }: DirectTarget,
  ports: PushPorts & { readonly registry: RegistryClient },
): Promise<BuildResult> {
  // @see docker/buildx build/opt.go at 461836b (2026-08-20): the docker driver has no push by digest.
  const byDigest = builder.driver !== "docker";
  if (namedLater && !byDigest)
    throw new ProblemError("usage", {
      message: `${builder.shown} is Docker's own, which names an image as it pushes it: with --direct-push nothing can be verified before`,
      hint: "take another builder with --builder, or leave out --direct-push or --verify",
    });
  const names = (byDigest ? [repository] : tags).map(formatReference);
  const { digest } = await pushWithBuildkit(request, builder, { names, insecure, byDigest }, ports);
  const blobs = await documentsOf(repository, digest, ports.registry, ports.signal);
  const result = await importResult(blobs.reader, blobs.root);
  const origin = [{ registry: repository.registry, repository: repository.repository }];
  const images = result.images.map((image) => ({ ...image, origins: new Map(image.manifest.value.layers.map((layer) => [layer.digest, origin])) }));
  return { ...result, images };
}

/** The documents below a digest, which registries keep apart from blobs, with a reader of both. */
async function documentsOf(repository: Reference, digest: Digest, registry: RegistryClient, signal: AbortSignal | undefined) {
  const options = signal === undefined ? {} : { signal };
  const documents = new Map<Digest, Uint8Array>();
  const fetched = async (one: Digest) => {
    const raw = await registry.manifest({ ...repository, digest: one }, options);
    documents.set(one, raw.bytes);
    return raw;
  };
  const { bytes, mediaType } = await fetched(digest);
  if (isIndexType(mediaType)) await Promise.all(parseIndex(bytes).value.manifests.map((child) => fetched(child.digest)));
  return { root: describe(mediaType, bytes), reader: withDocuments(documents, registry.blobs(repository, options)) };
}
