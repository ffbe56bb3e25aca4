import { isProblem, ProblemError } from "../../../core/problem.ts";
import type { BuildContext } from "../../../engine/context.ts";
import { type ByteStream, collect } from "../../../image/blob-store.ts";
import { BLOCK, checksumOf } from "../../../image/tar/format.ts";
import { tarParser } from "../../../image/tar/reader.ts";
import { decompress } from "../../../image/unpack.ts";
import { ArchiveTree, type StoredEntry } from "./archive-tree.ts";
import { type Spooled, spool } from "./spool.ts";

/** What came on stdin as a context: a tar archive, or the text of a Dockerfile alone. */
export type StreamedContext = { readonly kind: "dockerfile"; readonly text: string } | { readonly kind: "archive"; readonly context: BuildContext };

/** There is no `.dockerignore` among these: BuildKit applies it to folders of the client only (frontend/dockerui/config.go, MainContext). */
export interface ArchiveContextOptions {
  /** For messages. */
  readonly name: string;
  /** Folder in which the archive is kept until `close`. */
  readonly spoolFolder: string;
  readonly limitBytes?: number;
}

/** Most bytes of an unpacked archive. */
const ARCHIVE_LIMIT_BYTES = 64 * 1024 ** 3;
/** A Dockerfile is text; more than this is something else. */
const DOCKERFILE_LIMIT_BYTES = 16 * 1024 * 1024;
// Source: docker/buildx build/utils.go (isArchive) at 461836b (2026-08-20); zstd is ours.
const PACKED: readonly Uint8Array[] = [
  Uint8Array.of(0x42, 0x5a, 0x68),
  Uint8Array.of(0x1f, 0x8b, 0x08),
  Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00),
  Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd),
];

/**
 * Reads a context from a stream, once: an archive (tar, plain or packed by gzip or zstd) is kept in a temporary file and served from there, nothing is unpacked
 * onto the disk. Anything else is the text of a Dockerfile.
 * @throws {ProblemError} `context-unreadable` (a damaged archive, or entries that lead out of it) | `limit-exceeded` | `disk-full` | `store-unusable`
 */
export async function streamedContext(stream: ByteStream, options: ArchiveContextOptions): Promise<StreamedContext> {
  const source = stream[Symbol.asyncIterator]();
  const head = await take(source, BLOCK);
  const whole = (async function* () {
    try {
      yield head;
      for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
    } finally {
      await source.return?.();
    }
  })();
  if (isArchive(head)) return { kind: "archive", context: await archiveContext(whole, options) };
  const text = await collect(limited(whole, DOCKERFILE_LIMIT_BYTES, options.name));
  return { kind: "dockerfile", text: Buffer.from(text).toString("utf8") };
}

/** Told by its first 512 bytes, as Docker tells. */
function isArchive(head: Uint8Array): boolean {
  if (PACKED.some((magic) => magic.every((byte, i) => head[i] === byte))) return true;
  if (head.byteLength < BLOCK) return false;
  const told = Buffer.from(head.buffer, head.byteOffset + 148, 8)
    .toString("latin1")
    .replace(/[\0 ]+$/, "")
    .trim();
  return /^[0-7]+$/.test(told) && Number.parseInt(told, 8) === checksumOf(head.subarray(0, BLOCK));
}

async function archiveContext(stream: ByteStream, options: ArchiveContextOptions): Promise<BuildContext> {
  const tree = new ArchiveTree();
  const parser = tarParser({
    entry(entry, offset) {
      tree.put(entry, offset);
      return undefined;
    },
  });
  const limit = options.limitBytes ?? ARCHIVE_LIMIT_BYTES;
  const parsed = (async function* () {
    for await (const chunk of decompress(stream, { bytes: limit })) {
      parser.write(chunk);
      yield chunk;
    }
    parser.end();
  })();
  let spooled: Spooled;
  try {
    spooled = await spool(parsed, options.spoolFolder, `the context "${options.name}"`, limit);
  } catch (error) {
    if (isProblem(error, "layer-invalid") || isProblem(error, "layer-unsupported") || isProblem(error, "path-escapes"))
      throw new ProblemError("context-unreadable", {
        message: `the context "${options.name}" is no sound archive: ${error.message}`,
        hint: "make it anew with tar, from inside the folder",
        cause: error,
        facts: error.facts,
      });
    throw error;
  }
  const entries = tree.entries(spooled.digest);
  const placeOf = (entry: { readonly path: string }): StoredEntry => {
    const stored = tree.fileAt(entry.path);
    if (stored === undefined) throw new Error(`"${entry.path}" is no file of the archive`);
    return stored;
  };
  return {
    name: options.name,
    entries: async () => entries,
    open(entry) {
      const { offset, size } = placeOf(entry);
      return spooled.open({ start: offset, end: offset + size });
    },
    close: () => spooled.close(),
  };
}

async function take(source: AsyncIterator<Uint8Array>, bytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < bytes) {
    const { done, value } = await source.next();
    if (done === true) break;
    chunks.push(value);
    size += value.byteLength;
  }
  return Buffer.concat(chunks);
}

async function* limited(stream: ByteStream, limitBytes: number, name: string): ByteStream {
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > limitBytes)
      throw new ProblemError("limit-exceeded", {
        message: `"${name}" is no archive, and too long for a Dockerfile`,
        hint: "send a tar archive",
        facts: { limitBytes },
      });
    yield chunk;
  }
}
