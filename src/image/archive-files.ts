import { type Digest, Digester } from "../core/digest.ts";
import { ProblemError } from "../core/problem.ts";
import type { ByteStream } from "./blob-store.ts";
import type { LayerEntry } from "./entry.ts";
import { DOCUMENT_BYTES_LIMIT } from "./json.ts";
import { shown } from "./tar/path.ts";

/** A file that can be read anywhere. */
export interface RandomAccess {
  readonly size: number;
  /** Bytes from `start` up to and without `end`. */
  read(start: number, end: number): ByteStream;
}

/** Where something lies in an archive: from `start` up to and without `end`. */
export interface FilePlace {
  readonly start: number;
  readonly end: number;
}

/** Where a blob lies, by digest. */
export type BlobPlaces = ReadonlyMap<Digest, FilePlace>;

/** Links that lead to links. */
const LINKS_LIMIT = 16;

/** What lies where in an archive. */
export class ArchiveFiles {
  readonly name: string;
  readonly #file: RandomAccess;
  readonly #entries: ReadonlyMap<string, LayerEntry & { readonly offset: number }>;

  constructor(name: string, file: RandomAccess, entries: ReadonlyMap<string, LayerEntry & { readonly offset: number }>) {
    this.name = name;
    this.#file = file;
    this.#entries = entries;
  }

  /** Paths of all entries. */
  paths(): Iterable<string> {
    return this.#entries.keys();
  }

  /** The regular file at a path, through links inside the archive (old `docker save` writes a layer once and links to it); undefined when absent. */
  find(path: string): FilePlace | undefined {
    let at = path;
    for (let i = 0; i < LINKS_LIMIT; i++) {
      const entry = this.#entries.get(at);
      if (entry === undefined) return undefined;
      if (entry.type === "file") return { start: entry.offset, end: entry.offset + entry.size };
      if (entry.link === undefined) break;
      at = entry.type === "hardlink" ? entry.link : join(at, entry.link);
    }
    throw new ProblemError("layout-invalid", { message: `${shown(path)} of the archive "${this.name}" is not a regular file` });
  }

  read(place: FilePlace): ByteStream {
    return this.#file.read(place.start, place.end);
  }

  /** A small file whole; undefined when absent. */
  async readSmall(path: string): Promise<Uint8Array | undefined> {
    const place = this.find(path);
    if (place === undefined) return undefined;
    if (place.end - place.start > DOCUMENT_BYTES_LIMIT) {
      throw new ProblemError("limit-exceeded", {
        message: `${shown(path)} of the archive "${this.name}" has ${place.end - place.start} bytes, at most ${DOCUMENT_BYTES_LIMIT} are accepted`,
      });
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.read(place)) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }
}

/** The digest of what lies somewhere in the archive. */
export async function digestAt(files: ArchiveFiles, place: FilePlace): Promise<Digest> {
  const digester = new Digester();
  for await (const chunk of files.read(place)) digester.update(chunk);
  return digester.digest();
}

/** A symlink's target, inside the archive: what would leave it stays at its top, and is not found there. */
function join(from: string, target: string): string {
  const parts = target.startsWith("/") ? [] : from.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}
