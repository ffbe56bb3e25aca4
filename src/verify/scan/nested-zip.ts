import { constants, createInflateRaw, inflateRawSync } from "node:zlib";
import { mayBeBinary } from "../binary/read.ts";
import { isArchiveName, isSpent, NESTED_LIMITS, type NestedSearch } from "./nested-search.ts";
import { type ZipEntry, zipEntries } from "./zip-directory.ts";

const STORED = 0;
const DEFLATED = 8;
/** Enough to tell the first bytes of a file: the tables of a block's code come before them. */
const PEEK_BYTES = 1024;
const CHUNK_BYTES = 256 * 1024;
/** Java's classes are most of an archive, and no native code. */
const NEVER = /\.(?:class|java|py|js|html?|txt|xml|properties)$/;

/** Looks for binaries in a zip archive. */
export async function searchZip(bytes: Buffer, prefix: string, search: NestedSearch): Promise<void> {
  for (const entry of zipEntries(bytes, NESTED_LIMITS.nameBytes)) {
    if (isSpent(search)) return;
    search.entriesLeft--;
    if (NEVER.test(entry.name)) continue;
    const isInner = search.inner !== undefined && isArchiveName(entry.name) && entry.size <= NESTED_LIMITS.innerBytes;
    if (isInner) {
      const content = await unpacked(entry, search);
      if (content !== undefined) await search.inner?.(content, `${prefix}${entry.name}`);
    } else if (mayBeBinary(firstBytes(entry, search))) {
      await sample(entry, prefix, search);
    }
  }
}

function firstBytes(entry: ZipEntry, search: NestedSearch): Uint8Array {
  if (entry.method === STORED) return entry.data.subarray(0, 8);
  if (entry.method !== DEFLATED) return entry.data.subarray(0, 0);
  try {
    const head = inflateRawSync(entry.data.subarray(0, PEEK_BYTES), { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 4096 });
    search.bytesLeft -= head.length;
    return head.subarray(0, 8);
  } catch {
    return entry.data.subarray(0, 0);
  }
}

async function sample(entry: ZipEntry, prefix: string, search: NestedSearch): Promise<void> {
  search.sampler.begin(entry.size);
  await eachChunk(entry, search, (chunk) => search.sampler.write(chunk));
  const binary = search.sampler.end();
  if (binary !== undefined) search.found.push({ path: `${prefix}${entry.name}`, binary });
}

/** The content of an archive in the archive; undefined when it is damaged or larger than told. */
async function unpacked(entry: ZipEntry, search: NestedSearch): Promise<Buffer | undefined> {
  const content = Buffer.allocUnsafe(entry.size);
  let at = 0;
  await eachChunk(entry, search, (chunk) => {
    if (at + chunk.length <= content.length) content.set(chunk, at);
    at += chunk.length;
    return at < content.length;
  });
  return at === content.length ? content : undefined;
}

/** @param take  false: no more is wanted. What is damaged ends early. */
async function eachChunk(entry: ZipEntry, search: NestedSearch, take: (chunk: Uint8Array) => boolean): Promise<void> {
  if (entry.method === STORED) {
    search.bytesLeft -= entry.data.length;
    take(entry.data);
    return;
  }
  if (entry.method !== DEFLATED) return;
  const engine = createInflateRaw({ chunkSize: CHUNK_BYTES });
  engine.end(entry.data);
  try {
    for await (const chunk of engine as AsyncIterable<Uint8Array>) {
      search.bytesLeft -= chunk.length;
      if (!take(chunk) || search.bytesLeft <= 0) return;
    }
  } catch {
    // A damaged file: what came of it is looked at.
  }
}
