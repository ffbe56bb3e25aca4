import { isIndexType, isManifestType } from "../../core/media-type.ts";
import { formatPlatform, platformOf } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import type { BlobReader } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import type { Document, Index, Manifest } from "../../image/manifest.ts";
import { parseConfig } from "../../image/parse.ts";
import { readDocument, readSmall } from "../../image/walk.ts";
import type { BuildResult, BuiltImage } from "../engine.ts";

/** What an exporter writes beside what the user asked for: names, and when the archive was written. */
const CREATED = "org.opencontainers.image.created";
const OF_THE_ARCHIVE: readonly string[] = ["io.containerd.image.name", "org.opencontainers.image.ref.name", "config.digest"];

/**
 * What BuildKit made, as a result of ours: documents byte for byte as it wrote them, blobs read from where they lie, each looked for.
 * @param root  as the archive's `index.json` names it
 * @param keepCreated  the user asked for the annotation `org.opencontainers.image.created` of the root's descriptor; else it only tells when the archive was written
 * @throws {ProblemError} `manifest-invalid` | `layout-invalid` (a blob is missing) | `size-mismatch` | what `blobs` throws
 */
export async function importResult(
  blobs: BlobReader,
  root: Descriptor,
  { keepCreated = false }: { readonly keepCreated?: boolean } = {},
): Promise<BuildResult> {
  const document = await readDocument(blobs, root);
  const annotations = ownAnnotations(root, keepCreated);
  if (document.kind === "manifest") {
    const image = await builtImage(blobs, { ...document, descriptor: { ...document.descriptor, ...annotations } }, root);
    return { images: [image], attestations: [], blobs, steps: [] };
  }
  const images: BuiltImage[] = [];
  const attestations: Document<Manifest>[] = [];
  for (const child of document.value.manifests) {
    const manifest = await childManifest(blobs, child, document);
    if (isAttestation(child, manifest)) attestations.push(await sound(blobs, manifest));
    else images.push(await builtImage(blobs, manifest, child));
  }
  if (images.length === 0) throw new ProblemError("manifest-invalid", { message: `the index ${root.digest} that BuildKit made names no image` });
  const index: Document<Index> = { bytes: document.bytes, value: document.value, descriptor: { ...document.descriptor, ...annotations } };
  return { images, index, attestations, blobs, steps: [] };
}

function ownAnnotations(root: Descriptor, keepCreated: boolean): { annotations?: Readonly<Record<string, string>> } {
  const own = Object.entries(root.annotations ?? {}).filter(([key]) => !OF_THE_ARCHIVE.includes(key) && (keepCreated || key !== CREATED));
  return own.length === 0 ? {} : { annotations: Object.fromEntries(own) };
}

async function childManifest(blobs: BlobReader, child: Descriptor, index: Document<Index>): Promise<Document<Manifest>> {
  if (!isManifestType(child.mediaType)) {
    throw new ProblemError("manifest-invalid", {
      message: `the index ${index.descriptor.digest} that BuildKit made names ${isIndexType(child.mediaType) ? "an index" : `content of type "${child.mediaType}"`}, wanted image manifests`,
    });
  }
  const document = await readDocument(blobs, child);
  if (document.kind === "index") throw new Error("an index was read where its media type says manifest");
  return { bytes: document.bytes, value: document.value, descriptor: { ...child, mediaType: document.descriptor.mediaType } };
}

/**
 * BuildKit binds what it attests by an annotation of the index's entry, or (`oci-artifact=true`) by the manifest's `subject`.
 * @see https://github.com/moby/buildkit/blob/HEAD/docs/attestations/attestation-storage.md
 */
function isAttestation(entry: Descriptor, manifest: Document<Manifest>): boolean {
  if (entry.annotations?.["vnd.docker.reference.type"] !== undefined || manifest.value.subject !== undefined) return true;
  return entry.platform?.os === "unknown" && entry.platform.architecture === "unknown";
}

async function builtImage(blobs: BlobReader, manifest: Document<Manifest>, entry: Descriptor): Promise<BuiltImage> {
  await sound(blobs, manifest);
  const config = parseConfig(await readSmall(blobs, manifest.value.config));
  const platform = entry.platform ?? platformOf(config);
  if (platform.os === "" || platform.architecture === "") {
    throw new ProblemError("manifest-invalid", {
      message: `the image ${manifest.descriptor.digest} that BuildKit made names no platform ("${formatPlatform(platform)}")`,
    });
  }
  return { platform, manifest: { bytes: manifest.bytes, value: manifest.value, descriptor: { ...manifest.descriptor, platform } }, config, origins: new Map() };
}

/** The same manifest, when all that it names is there. Layers with an address of their own may be nowhere else. */
async function sound(blobs: BlobReader, manifest: Document<Manifest>): Promise<Document<Manifest>> {
  for (const { digest, size, urls } of [manifest.value.config, ...manifest.value.layers]) {
    const found = await blobs.stat(digest);
    if (found === size || (found === undefined && urls !== undefined)) continue;
    throw new ProblemError("layout-invalid", {
      message:
        found === undefined
          ? `the manifest ${manifest.descriptor.digest} that BuildKit made names ${digest}, which it did not send`
          : `${digest} that BuildKit sent has ${found} bytes, its manifest ${manifest.descriptor.digest} says ${size}`,
      facts: { digest },
    });
  }
  return manifest;
}
