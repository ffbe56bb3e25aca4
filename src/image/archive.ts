import { type Digest, isDigest } from "../core/digest.ts";
import { MEDIA_TYPE } from "../core/media-type.ts";
import { isProblem, ProblemError } from "../core/problem.ts";
import { ArchiveFiles, type BlobPlaces, type FilePlace, type RandomAccess } from "./archive-files.ts";
import { DOCKER_MANIFEST_FILE } from "./archive-write.ts";
import type { BlobReader } from "./blob-store.ts";
import { readDockerImages } from "./docker-archive.ts";
import type { LayerEntry } from "./entry.ts";
import { blobMissing, checkMark, INDEX_FILE, LAYOUT_FILE, type Layout } from "./layout.ts";
import { parseIndex } from "./parse.ts";
import { tarParser } from "./tar/reader.ts";
import { verified } from "./verified.ts";

export type { RandomAccess } from "./archive-files.ts";
export { dockerArchive, ociArchive } from "./archive-write.ts";

/** Images of an archive: blobs and configs, no trees of files. */
const ENTRIES_LIMIT = 100_000;
/** Enough for a header and what is small behind it. */
const WINDOW_BYTES = 32 * 1024;
/**
 * Opens an OCI archive, or what `docker save` wrote. The file is scanned once, header by header; blobs are then read from where they lie and checked against their
 * digest. Images of an old Docker archive come as manifests that we make of it, under their names.
 * @param name  as the user named it, for messages
 * @throws {ProblemError} `layout-invalid` | `manifest-invalid` | `limit-exceeded`
 */
export async function openArchive(file: RandomAccess, name: string): Promise<Layout> {
  const files = new ArchiveFiles(name, file, await scan(file, name));
  const mark = await files.readSmall(LAYOUT_FILE);
  const index = await files.readSmall(INDEX_FILE);
  if (mark !== undefined && index !== undefined) {
    checkMark(mark, name);
    return { index: parseIndex(index, MEDIA_TYPE.ociIndex).value, blobs: archiveBlobs(files, blobPlaces(files), new Map()) };
  }
  const list = await files.readSmall(DOCKER_MANIFEST_FILE);
  if (list === undefined) {
    throw new ProblemError("layout-invalid", {
      message: `"${name}" is neither an OCI archive nor a Docker archive: it has neither "${INDEX_FILE}" nor "${DOCKER_MANIFEST_FILE}"`,
    });
  }
  const { index: made, places, documents } = await readDockerImages(files, list);
  return { index: made, blobs: archiveBlobs(files, places, documents) };
}

async function scan(file: RandomAccess, name: string): Promise<ReadonlyMap<string, LayerEntry & { readonly offset: number }>> {
  const entries = new Map<string, LayerEntry & { readonly offset: number }>();
  const parser = tarParser(
    {
      entry(entry, offset) {
        entries.set(entry.path, Object.assign(entry, { offset }));
        return undefined;
      },
    },
    { entries: ENTRIES_LIMIT, totalBytes: Number.MAX_SAFE_INTEGER },
  );
  try {
    for (let at = 0; at < file.size; ) {
      const end = Math.min(at + WINDOW_BYTES, file.size);
      for await (const chunk of file.read(at, end)) {
        if (at === 0) refuseCompressed(chunk, name);
        parser.write(chunk);
      }
      at = end;
      const jump = Math.min(parser.skippable, file.size - at);
      parser.skip(jump);
      at += jump;
    }
    parser.end();
  } catch (error) {
    if (!isProblem(error) || !error.code.startsWith("layer-")) throw error;
    throw new ProblemError("layout-invalid", { message: `"${name}" is not a sound archive: ${error.message}`, hint: error.hint, cause: error });
  }
  return entries;
}

function refuseCompressed(start: Uint8Array, name: string): void {
  if (!(start[0] === 0x1f && start[1] === 0x8b) && !(start[0] === 0x28 && start[1] === 0xb5)) return;
  throw new ProblemError("layout-invalid", {
    message: `the archive "${name}" is compressed as a whole, its parts cannot be reached`,
    hint: start[0] === 0x1f ? "unpack it first: gunzip --keep FILE" : "unpack it first: zstd -d FILE",
  });
}

function blobPlaces(files: ArchiveFiles): BlobPlaces {
  const places = new Map<Digest, FilePlace>();
  for (const path of files.paths()) {
    const [, algorithm, hex] = /^blobs\/([a-z0-9]+)\/([a-f0-9]+)$/.exec(path) ?? [];
    const digest = `${algorithm}:${hex}`;
    const place = isDigest(digest) ? files.find(path) : undefined;
    if (isDigest(digest) && place !== undefined) places.set(digest, place);
  }
  return places;
}

function archiveBlobs(files: ArchiveFiles, places: BlobPlaces, documents: ReadonlyMap<Digest, Uint8Array>): BlobReader {
  return {
    async stat(digest) {
      const place = places.get(digest);
      return place === undefined ? documents.get(digest)?.length : place.end - place.start;
    },
    async *open(digest, range) {
      const document = documents.get(digest);
      if (document !== undefined) {
        yield document.subarray(range?.start ?? 0, range?.end);
        return;
      }
      const place = places.get(digest);
      if (place === undefined) throw blobMissing(digest, files.name);
      if (range === undefined) {
        yield* verified(files.read(place), digest, `a blob of the archive "${files.name}"`);
        return;
      }
      const start = Math.min(place.start + range.start, place.end);
      yield* files.read({ start, end: range.end === undefined ? place.end : Math.max(start, Math.min(place.start + range.end, place.end)) });
    },
  };
}
