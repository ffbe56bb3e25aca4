import { nodeWorld, type World } from "../adapters/node/world.ts";
import { isIndexType, isManifestType } from "../core/media-type.ts";
import { formatPlatform, type Platform, platformOf, samePlatform } from "../core/platform.ts";
import { ProblemError } from "../core/problem.ts";
import type { BlobReader } from "../image/blob-store.ts";
import type { HistoryEntry, ImageConfig } from "../image/config.ts";
import type { Descriptor } from "../image/descriptor.ts";
import type { FileReport, ImageReport, PlatformReport } from "../image/image-report.ts";
import { indexLayer } from "../image/layer.ts";
import type { Document, Manifest } from "../image/manifest.ts";
import { parseConfig } from "../image/parse.ts";
import { Tree } from "../image/tree.ts";
import { readSmall } from "../image/walk.ts";
import { parsePlatforms } from "./flags.ts";
import { type OpenedImage, openImage } from "./image-name.ts";
import type { SessionOptions } from "./session.ts";

export type { FileReport, ImageReport, LayerReport, PlatformReport } from "../image/image-report.ts";

/** What of an image is read. */
export interface InspectOptions extends SessionOptions {
  /** Only these platforms; default all. */
  readonly platforms?: readonly string[] | undefined;
  /** Also list files, which reads every layer. */
  readonly files?: boolean | undefined;
}

/**
 * Reads what is in an image.
 * @throws {ProblemError} `platform-missing` and whatever opening an image throws
 */
export async function inspect(name: string, options: InspectOptions = {}, world: World = nodeWorld()): Promise<ImageReport> {
  const wanted = parsePlatforms(options.platforms ?? [], world.buildPlatform);
  const image = await openImage(name, world, options);
  try {
    const { root } = image;
    const entries = root.kind === "index" ? root.value.manifests : [root.descriptor];
    const images = entries.filter((entry) => isManifestType(entry.mediaType) && !isAttestation(entry));
    const nested = entries.filter((entry) => isIndexType(entry.mediaType));
    const read = await Promise.all(images.map((entry) => readPlatform(entry, image)));
    const chosen = wanted.length === 0 ? read : wanted.map((platform) => find(platform, read, name));
    const uses = countUses(read);
    return {
      version: 1,
      name: image.name,
      digest: root.descriptor.digest,
      mediaType: root.descriptor.mediaType,
      annotations: root.value.annotations ?? {},
      platforms: await Promise.all(chosen.map((one) => report(one, uses, options.files === true ? image.blobs : undefined))),
      others: [...entries.filter((entry) => !images.includes(entry) && !nested.includes(entry)), ...nested].map(({ digest, mediaType, size, annotations }) => ({
        digest,
        mediaType,
        size,
        type: annotations?.["vnd.docker.reference.type"] ?? (isIndexType(mediaType) ? "nested index" : "unknown"),
      })),
    };
  } finally {
    await image.close();
  }
}

/** The index or manifest of an image, byte for byte. */
export async function inspectRaw(name: string, options: SessionOptions = {}, world: World = nodeWorld()): Promise<Uint8Array> {
  const image = await openImage(name, world, options);
  try {
    return image.root.bytes;
  } finally {
    await image.close();
  }
}

interface ReadImage {
  readonly platform: Platform;
  readonly manifest: Document<Manifest>;
  readonly config: ImageConfig;
}

// BuildKit marks attestation manifests so; see docs/attestations/attestation-storage.md of moby/buildkit, read 2026-11-22.
const isAttestation = (entry: Descriptor): boolean =>
  entry.annotations?.["vnd.docker.reference.type"] === "attestation-manifest" || entry.platform?.os === "unknown";

async function readPlatform(entry: Descriptor, image: OpenedImage): Promise<ReadImage> {
  const manifest = image.root.kind === "manifest" ? image.root : await image.readManifest(entry);
  const config = parseConfig(await readSmall(image.blobs, manifest.value.config));
  return { platform: entry.platform ?? platformOf(config), manifest, config };
}

function find(platform: Platform, images: readonly ReadImage[], name: string): ReadImage {
  const found = images.find((image) => samePlatform(platformOf(image.platform), platform));
  if (found !== undefined) return found;
  throw new ProblemError("platform-missing", {
    message: `"${name}" has no image for ${formatPlatform(platform)}`,
    hint: `it has ${images.map((image) => formatPlatform(platformOf(image.platform))).join(", ") || "none"}`,
  });
}

function countUses(images: readonly ReadImage[]): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const image of images)
    for (const digest of new Set(image.manifest.value.layers.map((layer) => layer.digest))) uses.set(digest, (uses.get(digest) ?? 0) + 1);
  return uses;
}

async function report({ platform, manifest, config }: ReadImage, uses: ReadonlyMap<string, number>, files: BlobReader | undefined): Promise<PlatformReport> {
  const { layers } = manifest.value;
  const made = (config.history ?? []).filter((entry: HistoryEntry) => entry.empty_layer !== true);
  return {
    platform: formatPlatform(platformOf(platform)),
    digest: manifest.descriptor.digest,
    mediaType: manifest.descriptor.mediaType,
    configDigest: manifest.value.config.digest,
    size: layers.reduce((sum, layer) => sum + layer.size, 0),
    ...(config.created === undefined ? {} : { created: config.created }),
    config: config.config ?? {},
    annotations: manifest.value.annotations ?? {},
    layers: layers.map(({ digest, mediaType, size }, i) => {
      const createdBy = made.length === layers.length ? made[i]?.created_by : undefined;
      return { digest, mediaType, size, ...(createdBy === undefined ? {} : { createdBy }), shared: (uses.get(digest) ?? 0) > 1 };
    }),
    ...(files === undefined ? {} : { files: await listFiles(manifest.value, config, files) }),
  };
}

async function listFiles(manifest: Manifest, config: ImageConfig, blobs: BlobReader): Promise<FileReport[]> {
  let tree = Tree.empty<number>();
  for (const [i, layer] of manifest.layers.entries()) {
    const diffId = config.rootfs.diff_ids[i];
    tree = tree.apply((await indexLayer(blobs, layer, diffId === undefined ? {} : { diffId })).entries, i);
  }
  const files: FileReport[] = [];
  for (const [path, node] of tree.walk()) {
    if (path === "") continue;
    files.push({
      path: `/${path}`,
      type: node.type,
      mode: node.mode.toString(8).padStart(4, "0"),
      owner: `${node.uid}:${node.gid}`,
      size: node.size,
      ...(node.link === undefined ? {} : { link: node.link }),
    });
  }
  return files;
}
