import { type Digest, isDigest } from "../core/digest.ts";
import { MEDIA_TYPE } from "../core/media-type.ts";
import { isProblem, ProblemError } from "../core/problem.ts";
import { DOCKER_MANIFEST_FILE } from "./archive-write.ts";
import type { BlobStore, BlobWriter, ByteStream } from "./blob-store.ts";
import type { Descriptor } from "./descriptor.ts";
import type { LayerEntry } from "./entry.ts";
import { DOCUMENT_BYTES_LIMIT } from "./json.ts";
import { checkMark, INDEX_FILE, LAYOUT_FILE } from "./layout.ts";
import { parseIndex } from "./parse.ts";
import { shown } from "./tar/path.ts";
import { tarParser } from "./tar/reader.ts";

/** Images of an archive: blobs and configs, no trees of files. */
const ENTRIES_LIMIT = 100_000;
/** `blobs/sha512/` and 128 digits, with room for a `./` before it. */
const PATH_BYTES_LIMIT = 256;
const PAX_BYTES_LIMIT = 64 * 1024;
/** Far above what several platforms of the largest published images have together. */
const ARCHIVE_BYTES_LIMIT = 1024 ** 4;

/**
 * Takes an OCI archive as it comes, in any order of its entries, and puts its blobs into a store: each is checked against the digest that it is named by before it
 * can be seen there. What the store has already is passed over. Memory is bounded, nothing is written but blobs; those of an archive that turns out to be unsound
 * stay, as content that nothing refers to. The end of the archive may lack its two empty blocks, as Go's reader takes it.
 * @param name  what the archive is, for messages: `what BuildKit sent`
 * @returns what `index.json` names, each digest once, with the first entry's annotations; blobs that it leads to are not looked for
 * @throws {ProblemError} `layout-invalid` | `digest-mismatch` | `manifest-invalid` | `limit-exceeded` | what the store and the stream throw
 */
export async function readArchiveStream(stream: ByteStream, store: BlobStore, name: string): Promise<readonly Descriptor[]> {
  const reader = new StreamedArchive(store, name);
  const parser = tarParser(
    { entry: (entry) => reader.entry(entry) },
    { entries: ENTRIES_LIMIT, pathBytes: PATH_BYTES_LIMIT, paxBytes: PAX_BYTES_LIMIT, totalBytes: ARCHIVE_BYTES_LIMIT },
  );
  try {
    for await (const chunk of stream) {
      parser.write(chunk);
      await reader.settle();
    }
    parser.end();
    return reader.roots();
  } catch (error) {
    if (!isProblem(error) || !error.code.startsWith("layer-")) throw error;
    throw new ProblemError("layout-invalid", { message: `${name} is not a sound archive: ${error.message}`, hint: error.hint, cause: error });
  } finally {
    await reader.close();
  }
}

type Taker = (chunk: Uint8Array) => void;

/** The parser tells what passes, and cannot wait: what it means for the store is noted, and done before the next chunk is asked for. */
class StreamedArchive {
  readonly #store: BlobStore;
  readonly #name: string;
  #todo: (() => Promise<void>)[] = [];
  /** The blob that is being written; undefined for one that is passed over. */
  #writer: BlobWriter | undefined;
  readonly #small = new Map<string, Buffer>();

  constructor(store: BlobStore, name: string) {
    this.#store = store;
    this.#name = name;
  }

  entry(entry: LayerEntry): Taker | undefined {
    if (entry.type === "directory") {
      if (/^(?:blobs(?:\/[a-z0-9]+)?)?$/.test(entry.path)) return undefined;
      throw this.#invalid(`it has the folder ${shown(entry.path)}, which OCI archives do not have`);
    }
    if (entry.type !== "file") throw this.#invalid(`${shown(entry.path)} is a ${entry.type}, wanted a regular file`);
    if (entry.path === DOCKER_MANIFEST_FILE) return undefined;
    if (entry.path === INDEX_FILE || entry.path === LAYOUT_FILE) return this.#document(entry);
    const [, algorithm, hex] = /^blobs\/([a-z0-9]+)\/([a-f0-9]+)$/.exec(entry.path) ?? [];
    const digest = `${algorithm}:${hex}`;
    if (isDigest(digest)) return this.#blob(digest, entry.size);
    throw this.#invalid(`it has the file ${shown(entry.path)}, which OCI archives do not have`);
  }

  #document({ path, size }: LayerEntry): Taker {
    if (this.#small.has(path)) throw this.#invalid(`it has "${path}" twice`);
    if (size > DOCUMENT_BYTES_LIMIT) {
      throw new ProblemError("limit-exceeded", { message: `"${path}" of ${this.#name} has ${size} bytes, at most ${DOCUMENT_BYTES_LIMIT} are accepted` });
    }
    const bytes = Buffer.alloc(size);
    this.#small.set(path, bytes);
    let at = 0;
    return (chunk) => {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    };
  }

  #blob(digest: Digest, size: number): Taker {
    let left = size;
    this.#todo.push(async () => {
      this.#writer = (await this.#store.stat(digest)) === size ? undefined : await this.#store.create();
    });
    const finish = (): void => {
      this.#todo.push(() => this.#commit(digest));
    };
    if (size === 0) finish();
    return (chunk) => {
      left -= chunk.byteLength;
      // The bytes are those of the stream's chunk, which stays as it is until the next one is asked for.
      this.#todo.push(async () => this.#writer?.write(chunk));
      if (left === 0) finish();
    };
  }

  async #commit(digest: Digest): Promise<void> {
    try {
      await this.#writer?.commit({ digest });
    } catch (error) {
      if (!isProblem(error, "digest-mismatch")) throw error;
      throw new ProblemError("digest-mismatch", {
        message: `a blob of ${this.#name} is not what it is named: ${error.message}`,
        facts: error.facts,
        cause: error,
      });
    }
    this.#writer = undefined;
  }

  async settle(): Promise<void> {
    const todo = this.#todo;
    this.#todo = [];
    for (const act of todo) await act();
  }

  async close(): Promise<void> {
    await this.#writer?.abort();
  }

  roots(): readonly Descriptor[] {
    const [mark, index] = [this.#small.get(LAYOUT_FILE), this.#small.get(INDEX_FILE)];
    for (const [path, bytes] of [
      [INDEX_FILE, index],
      [LAYOUT_FILE, mark],
    ] as const) {
      if (bytes === undefined) throw this.#invalid(`it ends without "${path}"`);
    }
    checkMark(mark as Buffer, this.#name);
    const roots = new Map<Digest, Descriptor>();
    for (const descriptor of parseIndex(index as Buffer, MEDIA_TYPE.ociIndex).value.manifests) {
      if (!roots.has(descriptor.digest)) roots.set(descriptor.digest, descriptor);
    }
    return [...roots.values()];
  }

  #invalid(what: string): ProblemError {
    return new ProblemError("layout-invalid", { message: `${this.#name} is not a sound OCI archive: ${what}` });
  }
}
