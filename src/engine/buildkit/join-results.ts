import { formatPlatform, type Platform, samePlatform } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import type { BlobReader } from "../../image/blob-store.ts";
import { annotated, assembleIndex } from "../assemble-index.ts";
import type { BuildOptions, BuildResult } from "../engine.ts";

/**
 * One image of what several nodes built: their manifests as they are, in the order of `platforms`, under an index of ours; attestations come behind the images, as BuildKit
 * puts them. Layers that nodes have in common are one blob, for they have one digest.
 * @param blobs  where everything of all results can be read
 * @throws {ProblemError} `platform-missing` when nobody built a platform
 */
export function joinResults(
  results: readonly BuildResult[],
  platforms: readonly Platform[],
  options: Pick<BuildOptions, "ociMediaTypes" | "annotations">,
  blobs: BlobReader,
): BuildResult {
  const built = results.flatMap(({ images }) => images);
  const images = platforms.map((platform) => {
    const image = built.find((one) => samePlatform(one.platform, platform));
    if (image === undefined)
      throw new ProblemError("platform-missing", { message: `no node built ${formatPlatform(platform)}`, hint: "give it to a node that can build it" });
    const descriptor = { ...image.manifest.descriptor, platform: image.platform, ...annotated(options.annotations, "manifest-descriptor", image.platform) };
    return { ...image, manifest: { ...image.manifest, descriptor } };
  });
  const attestations = results.flatMap((result) => result.attestations);
  const descriptors = [...images, ...attestations.map((manifest) => ({ manifest }))].map(({ manifest }) => manifest.descriptor);
  return { images, index: assembleIndex(descriptors, options), attestations, blobs, steps: results.flatMap(({ steps }) => steps) };
}
