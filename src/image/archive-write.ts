import { algorithmOf, type Digest } from "../core/digest.ts";
import { isManifestType } from "../core/media-type.ts";
import { byCodeUnit } from "../core/order.ts";
import { ProblemError } from "../core/problem.ts";
import { formatReference, parseReference } from "../core/reference.ts";
import type { BlobReader, ByteStream } from "./blob-store.ts";
import { blobPath, INDEX_FILE, indexEntries, LAYOUT_FILE, LAYOUT_MARK, layoutIndex, type NamedImage } from "./layout.ts";
import { TAR_END, tarHeader, tarPad } from "./tar/writer.ts";
import { descriptorsOf, readDocument } from "./walk.ts";

export const DOCKER_MANIFEST_FILE = "manifest.json";

/**
 * A tar of an OCI layout, the same bytes for the same images: names sorted, times 0, each blob once.
 * @throws {ProblemError} while it is read: what the images' readers throw
 */
export function ociArchive(images: readonly NamedImage[]): ByteStream {
  return layoutTar(images, []);
}

/**
 * What `docker load` takes: an OCI layout and Docker's `manifest.json` in one tar, as BuildKit's docker exporter writes it.
 * @throws {ProblemError} while it is read: `output-conflict` for an index, because Docker's list has no platforms
 */
export async function* dockerArchive(images: readonly NamedImage[]): AsyncGenerator<Uint8Array> {
  const list: { Config: string; RepoTags: readonly string[] | null; Layers: readonly string[] }[] = [];
  for (const { root, names, blobs } of images) {
    if (!isManifestType(root.mediaType)) {
      throw new ProblemError("output-conflict", {
        message: `a Docker archive holds one platform, ${root.digest} is an index`,
        hint: "build for one platform, or write type=oci",
      });
    }
    const document = await readDocument(blobs, root);
    if (document.kind !== "manifest") throw new Error("a manifest's media type with an index in it passed the parser");
    const { config, layers } = document.value;
    list.push({
      Config: blobPath(config.digest),
      RepoTags: names.length === 0 ? null : names.map(familiar),
      Layers: layers.map(({ digest }) => blobPath(digest)),
    });
  }
  yield* layoutTar(images, [{ path: DOCKER_MANIFEST_FILE, mode: 0o644, bytes: Buffer.from(JSON.stringify(list)) }]);
}

/** `docker.io/library/app:v1` as people say it: `app:v1`. */
function familiar(full: string): string {
  return formatReference(parseReference(full)).replace(/^docker\.io\/(?:library\/)?/, "");
}

interface SmallFile {
  readonly path: string;
  readonly mode: number;
  readonly bytes: Uint8Array;
}

async function* layoutTar(images: readonly NamedImage[], more: readonly SmallFile[]): AsyncGenerator<Uint8Array> {
  const blobs = new Map<Digest, { readonly size: number; readonly reader: BlobReader }>();
  for (const image of images) {
    for (const { digest, size, urls } of await descriptorsOf(image.blobs, image.root)) {
      if (urls !== undefined && (await image.blobs.stat(digest)) === undefined) continue;
      if (!blobs.has(digest)) blobs.set(digest, { size, reader: image.blobs });
    }
  }
  const folders = new Set([...blobs.keys()].map((digest) => `blobs/${algorithmOf(digest)}`));
  if (folders.size > 0) yield folder("blobs");
  for (const path of [...folders].sort(byCodeUnit)) yield folder(path);
  for (const [digest, { size, reader }] of [...blobs].sort(([a], [b]) => byCodeUnit(a, b))) {
    yield file(blobPath(digest), 0o444, size);
    let got = 0;
    for await (const chunk of reader.open(digest)) {
      got += chunk.length;
      if (got > size) break;
      yield chunk;
    }
    if (got !== size)
      throw new ProblemError("size-mismatch", { message: `${digest} has ${got > size ? "more" : "fewer"} than the ${size} bytes that its descriptor says` });
    yield tarPad(size);
  }
  const index = layoutIndex(images.flatMap(indexEntries));
  const files: SmallFile[] = [{ path: INDEX_FILE, mode: 0o644, bytes: index }, ...more, { path: LAYOUT_FILE, mode: 0o444, bytes: LAYOUT_MARK }];
  for (const { path, mode, bytes } of files) {
    yield file(path, mode, bytes.length);
    yield bytes;
    yield tarPad(bytes.length);
  }
  yield TAR_END;
}

const folder = (path: string): Uint8Array => tarHeader({ path, type: "directory", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 });
const file = (path: string, mode: number, size: number): Uint8Array => tarHeader({ path, type: "file", mode, uid: 0, gid: 0, mtime: 0, size });
