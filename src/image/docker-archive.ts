import { type Digest, isDigest } from "../core/digest.ts";
import { MEDIA_TYPE } from "../core/media-type.ts";
import { platformOf } from "../core/platform.ts";
import { isProblem, ProblemError } from "../core/problem.ts";
import { formatReference, parseReference, withDefaultTag } from "../core/reference.ts";
import { type ArchiveFiles, type BlobPlaces, digestAt, type FilePlace } from "./archive-files.ts";
import { type Descriptor, describe } from "./descriptor.ts";
import { encodeManifest } from "./encode.ts";
import { FieldReader, isObject } from "./json.ts";
import { IMAGE_NAME, REF_NAME } from "./layout.ts";
import type { Index } from "./manifest.ts";
import { LAYERS_LIMIT, MANIFESTS_LIMIT, parseConfig } from "./parse.ts";

/** Images of an archive without an OCI index, made into manifests of ours. */
export interface DockerImages {
  readonly index: Index;
  readonly places: BlobPlaces;
  /** Manifests that we wrote, by digest. */
  readonly documents: ReadonlyMap<Digest, Uint8Array>;
}

/**
 * Reads `manifest.json` of `docker save` (before Docker 25), skopeo, kaniko, crane.
 * @throws {ProblemError} `layout-invalid` | `manifest-invalid` | `limit-exceeded`
 * @see https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
 */
export async function readDockerImages(files: ArchiveFiles, list: Uint8Array): Promise<DockerImages> {
  const what = `"manifest.json" of the archive "${files.name}"`;
  const places = new Map<Digest, FilePlace>();
  const documents = new Map<Digest, Uint8Array>();
  const manifests: Descriptor[] = [];
  for (const [i, item] of readList(list, what).entries()) {
    const where = `${what} [${i}]`;
    if (!isObject(item)) throw new ProblemError("layout-invalid", { message: `${where} is not an object` });
    const reader = new FieldReader(item, where, "layout-invalid");
    const configPath = reader.string("Config");
    const layerPaths = reader.stringsIfAny("Layers", LAYERS_LIMIT) ?? [];
    const tags = reader.stringsIfAny("RepoTags", MANIFESTS_LIMIT) ?? [];
    const configBytes = await files.readSmall(configPath);
    if (configBytes === undefined) throw missing(where, configPath);
    const config = parseConfig(configBytes);
    const { diff_ids: diffIds } = config.rootfs;
    if (diffIds.length !== layerPaths.length) {
      throw new ProblemError("layout-invalid", { message: `${where} names ${layerPaths.length} layers, its config ${diffIds.length}` });
    }
    const configDescriptor = describe(MEDIA_TYPE.ociConfig, configBytes);
    places.set(configDescriptor.digest, files.find(configPath) as FilePlace);
    const layers: Descriptor[] = [];
    for (const [n, path] of layerPaths.entries()) {
      const place = files.find(path);
      if (place === undefined) throw missing(where, path);
      const compression = await compressionAt(files, place);
      // A plain layer's digest is its diff_id: to be checked when it is read. A compressed one's is nowhere told but, in newer archives, by its path.
      const told = /^blobs\/sha256\/([a-f0-9]{64})$/.exec(path)?.[1];
      const byPath = `sha256:${told}`;
      const digest = compression === "plain" ? (diffIds[n] as Digest) : isDigest(byPath) ? byPath : await digestAt(files, place);
      places.set(digest, place);
      layers.push({ mediaType: LAYER_TYPE[compression], digest, size: place.end - place.start });
    }
    const manifest = encodeManifest({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: configDescriptor, layers });
    documents.set(manifest.descriptor.digest, manifest.bytes);
    const described: Descriptor = { ...manifest.descriptor, platform: platformOf(config) };
    if (tags.length === 0) manifests.push(described);
    for (const tag of tags) manifests.push({ ...described, annotations: nameAnnotations(tag) });
  }
  return { index: { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests }, places, documents };
}

const LAYER_TYPE = { plain: MEDIA_TYPE.ociLayer, gzip: MEDIA_TYPE.ociLayerGzip, zstd: MEDIA_TYPE.ociLayerZstd } as const;

function readList(bytes: Uint8Array, what: string): readonly unknown[] {
  let list: unknown;
  try {
    list = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw new ProblemError("layout-invalid", { message: `${what} is not JSON`, cause });
  }
  return new FieldReader({ images: list }, what, "layout-invalid").listIfAny("images", MANIFESTS_LIMIT) ?? [];
}

async function compressionAt(files: ArchiveFiles, place: FilePlace): Promise<keyof typeof LAYER_TYPE> {
  for await (const chunk of files.read({ start: place.start, end: Math.min(place.end, place.start + 4) })) {
    if (chunk[0] === 0x1f && chunk[1] === 0x8b) return "gzip";
    if (chunk[0] === 0x28 && chunk[1] === 0xb5) return "zstd";
    return "plain";
  }
  return "plain";
}

function nameAnnotations(tag: string): Readonly<Record<string, string>> {
  try {
    const reference = withDefaultTag(parseReference(tag));
    return { [IMAGE_NAME]: formatReference(reference), [REF_NAME]: reference.tag ?? tag };
  } catch (error) {
    // Some tools write what is no reference; the name is still what a user would ask for.
    if (isProblem(error, "reference-malformed")) return { [REF_NAME]: tag };
    throw error;
  }
}

const missing = (where: string, path: string): ProblemError =>
  new ProblemError("layout-invalid", { message: `${where} names "${path.slice(0, 200)}", which the archive does not hold` });
