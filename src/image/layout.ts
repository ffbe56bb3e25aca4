import { algorithmOf, type Digest, hexOf } from "../core/digest.ts";
import { MEDIA_TYPE } from "../core/media-type.ts";
import { ProblemError } from "../core/problem.ts";
import { parseReference } from "../core/reference.ts";
import type { BlobReader, ByteStream } from "./blob-store.ts";
import type { Descriptor } from "./descriptor.ts";
import { encodeIndex } from "./encode.ts";
import { DOCUMENT_BYTES_LIMIT, readJsonObject } from "./json.ts";
import type { Index } from "./manifest.ts";
import { parseIndex } from "./parse.ts";
import { verified } from "./verified.ts";
import { descriptorsOf } from "./walk.ts";

/** A folder of the machine, as layouts need it. Paths are relative, with `/`, without `.` and `..`. */
export interface Folder {
  /** Type (a symlink is "other") and size; undefined when absent. */
  stat(path: string): Promise<{ readonly type: "file" | "directory" | "other"; readonly size: number } | undefined>;
  /** Content of a regular file. @throws {ProblemError} `file-unreadable` */
  open(path: string, range?: { readonly start: number; readonly end?: number }): ByteStream;
  /** Writes a file that appears whole or not at all, making the folders above it. @throws {ProblemError} `file-unwritable` | `disk-full` */
  write(path: string, content: ByteStream | Uint8Array): Promise<void>;
}

/** Images that lie somewhere: the descriptors of `index.json`, and their blobs. */
export interface Layout {
  readonly index: Index;
  readonly blobs: BlobReader;
}

/** An image to be written. */
export interface NamedImage {
  /** Manifest or index; its annotations are written beside it. */
  readonly root: Descriptor;
  /** Full references, `docker.io/library/app:v1`; empty for an image without a name. */
  readonly names: readonly string[];
  readonly blobs: BlobReader;
}

export const LAYOUT_FILE = "oci-layout";
export const INDEX_FILE = "index.json";
/** BuildKit and containerd keep the full reference here, beside the tag. */
export const IMAGE_NAME = "io.containerd.image.name";
export const REF_NAME = "org.opencontainers.image.ref.name";

export const LAYOUT_MARK: Uint8Array = Buffer.from('{"imageLayoutVersion":"1.0.0"}');

export const blobPath = (digest: Digest): string => `blobs/${algorithmOf(digest)}/${hexOf(digest)}`;

/**
 * Opens an OCI layout. Blobs are checked against their digest as they are read.
 * @param name  as the user named it, for messages
 * @throws {ProblemError} `layout-invalid` | `limit-exceeded`
 */
export async function openLayout(folder: Folder, name: string): Promise<Layout> {
  const mark = await readFile(folder, name, LAYOUT_FILE);
  if (mark === undefined) {
    throw new ProblemError("layout-invalid", {
      message: `"${name}" is not an OCI layout: it has no file "${LAYOUT_FILE}"`,
      hint: "name a folder that holds one: `-o type=oci,tar=false,dest=DIR` writes it",
      facts: { layout: name },
    });
  }
  checkMark(mark, name);
  const index = await readFile(folder, name, INDEX_FILE);
  if (index === undefined)
    throw new ProblemError("layout-invalid", {
      message: `the OCI layout "${name}" has no file "${INDEX_FILE}"`,
      hint: "write the layout again: it is not whole",
      facts: { layout: name },
    });
  readJsonObject(index, `"${INDEX_FILE}" of "${name}"`, "layout-invalid");
  return { index: parseIndex(index, MEDIA_TYPE.ociIndex).value, blobs: layoutBlobs(folder, name) };
}

/**
 * @throws {ProblemError} `layout-invalid` for a version that we do not know
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md#oci-layout-file
 */
export function checkMark(mark: Uint8Array, name: string): void {
  const { imageLayoutVersion: version } = readJsonObject(mark, `"${LAYOUT_FILE}" of "${name}"`, "layout-invalid");
  if (typeof version === "string" && version.startsWith("1.")) return;
  throw new ProblemError("layout-invalid", { message: `the OCI layout "${name}" is of version ${JSON.stringify(version)?.slice(0, 60)}, wanted "1.0.0"` });
}

async function readFile(folder: Folder, name: string, path: string): Promise<Uint8Array | undefined> {
  const found = await folder.stat(path);
  if (found === undefined) return undefined;
  if (found.type !== "file") throw new ProblemError("layout-invalid", { message: `"${path}" of the OCI layout "${name}" is not a regular file` });
  if (found.size > DOCUMENT_BYTES_LIMIT) {
    throw new ProblemError("limit-exceeded", {
      message: `"${path}" of the OCI layout "${name}" has ${found.size} bytes, at most ${DOCUMENT_BYTES_LIMIT} are accepted`,
    });
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of folder.open(path)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function layoutBlobs(folder: Folder, name: string): BlobReader {
  async function find(digest: Digest): Promise<number | undefined> {
    const found = await folder.stat(blobPath(digest));
    if (found === undefined) return undefined;
    if (found.type === "file") return found.size;
    throw new ProblemError("layout-invalid", { message: `the blob ${digest} of the OCI layout "${name}" is not a regular file`, facts: { digest } });
  }
  return {
    stat: find,
    async *open(digest, range) {
      if ((await find(digest)) === undefined) throw blobMissing(digest, name);
      const stream = folder.open(blobPath(digest), range);
      yield* range === undefined ? verified(stream, digest, `a blob of the OCI layout "${name}"`) : stream;
    },
  };
}

export const blobMissing = (digest: Digest, name: string): ProblemError =>
  new ProblemError("layout-invalid", { message: `"${name}" does not hold the blob ${digest}, which it names`, facts: { digest, layout: name } });

/**
 * The image that a tag or digest means; with neither, the only one, else the one tagged `latest`.
 * @param wanted  `tag` is a ref name or the tag of a full reference
 * @throws {ProblemError} `layout-invalid`, with the tags that there are
 */
export function pickImage(layout: Layout, wanted: { readonly tag?: string | undefined; readonly digest?: string | undefined }, name: string): Descriptor {
  const { manifests } = layout.index;
  if (wanted.digest !== undefined) {
    const found = manifests.find(({ digest }) => digest === wanted.digest);
    if (found !== undefined) return found;
    throw new ProblemError("layout-invalid", { message: `"${name}" has no image with the digest ${wanted.digest}`, hint: known(manifests) });
  }
  if (wanted.tag !== undefined) {
    // The last one wins: writers that only append put the newest there.
    const found = manifests.findLast((manifest) => isNamed(manifest, wanted.tag as string));
    if (found !== undefined) return found;
    throw new ProblemError("layout-invalid", { message: `"${name}" has no image with the tag "${wanted.tag}"`, hint: known(manifests) });
  }
  const digests = new Set(manifests.map(({ digest }) => digest));
  const [only] = manifests;
  if (only !== undefined && digests.size === 1) return only;
  const latest = manifests.findLast((manifest) => isNamed(manifest, "latest"));
  if (latest !== undefined) return latest;
  if (only === undefined) throw new ProblemError("layout-invalid", { message: `"${name}" holds no image` });
  throw new ProblemError("layout-invalid", { message: `"${name}" holds ${digests.size} images and no tag says which`, hint: known(manifests) });
}

function isNamed(manifest: Descriptor, tag: string): boolean {
  const ref = manifest.annotations?.[REF_NAME];
  return ref === tag || manifest.annotations?.[IMAGE_NAME] === tag || ref?.endsWith(`:${tag}`) === true;
}

function known(manifests: readonly Descriptor[]): string {
  const tags = [...new Set(manifests.map(({ annotations }) => annotations?.[REF_NAME]).filter((tag) => tag !== undefined))].sort();
  if (tags.length > 0) return `its tags are ${tags.slice(0, 20).join(", ")}${tags.length > 20 ? ", …" : ""}`;
  return manifests.length === 0 ? "it holds no image" : `it has no tags; name one by digest: ${manifests[0]?.digest}`;
}

/**
 * Adds images to a layout, which is made where there is none: blobs first, `index.json` last, so that whoever reads meanwhile sees the old images or the new. An
 * image with the name of a former one replaces it; an unnamed one is kept once.
 * @throws {ProblemError} what the folder and the images' readers throw
 */
export async function writeLayout(folder: Folder, images: readonly NamedImage[], name = "the layout"): Promise<void> {
  const before = (await folder.stat(INDEX_FILE)) === undefined ? undefined : (await openLayout(folder, name)).index;
  const written = new Set<Digest>();
  for (const image of images) {
    for (const descriptor of await descriptorsOf(image.blobs, image.root)) {
      if (written.has(descriptor.digest)) continue;
      written.add(descriptor.digest);
      // A foreign layer may be nowhere but at its own address.
      if (descriptor.urls !== undefined && (await image.blobs.stat(descriptor.digest)) === undefined) continue;
      const path = blobPath(descriptor.digest);
      const there = await folder.stat(path);
      if (there?.type === "file" && there.size === descriptor.size) continue;
      await folder.write(path, image.blobs.open(descriptor.digest));
    }
  }
  const added = images.flatMap(indexEntries);
  await folder.write(LAYOUT_FILE, LAYOUT_MARK);
  await folder.write(INDEX_FILE, layoutIndex([...(before?.manifests ?? []).filter((old) => !added.some((entry) => replaces(entry, old))), ...added]));
}

/** The same name again, or the same image without a name. */
function replaces(entry: Descriptor, old: Descriptor): boolean {
  const name = entry.annotations?.[IMAGE_NAME];
  const oldName = old.annotations?.[IMAGE_NAME];
  if (name !== undefined && oldName !== undefined) return name === oldName;
  const ref = entry.annotations?.[REF_NAME];
  const oldRef = old.annotations?.[REF_NAME];
  return ref === undefined ? oldRef === undefined && entry.digest === old.digest : ref === oldRef;
}

/** One entry of `index.json` for each name, as containerd's exporter writes them. */
export function indexEntries(image: NamedImage): readonly Descriptor[] {
  if (image.names.length === 0) return [image.root];
  return image.names.map((full) => {
    const { tag, digest } = parseReference(full);
    return { ...image.root, annotations: { ...image.root.annotations, [IMAGE_NAME]: full, [REF_NAME]: tag ?? digest ?? "latest" } };
  });
}

/** `index.json`. */
export const layoutIndex = (manifests: readonly Descriptor[]): Uint8Array =>
  encodeIndex({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests }, 0).bytes;
