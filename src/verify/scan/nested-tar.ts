import { ProblemError } from "../../core/problem.ts";
import { tarParser } from "../../image/tar/reader.ts";
import { decompress } from "../../image/unpack.ts";
import { isArchiveName, isSpent, NESTED_LIMITS, type NestedSearch } from "./nested-search.ts";

const CHUNK_BYTES = 256 * 1024;

/** Looks for binaries in a tar archive, compressed or not. */
export async function searchTar(bytes: Buffer, prefix: string, search: NestedSearch): Promise<void> {
  const waiting: { readonly path: string; readonly content: Buffer }[] = [];
  const parser = tarParser(
    {
      entry({ path, type, size }) {
        search.entriesLeft--;
        if (type !== "file" || size === 0 || isSpent(search)) return undefined;
        const isInner = search.inner !== undefined && isArchiveName(path) && size <= NESTED_LIMITS.innerBytes;
        return isInner ? gather(size, (content) => waiting.push({ path: `${prefix}${path}`, content })) : sample(`${prefix}${path}`, size, search);
      },
    },
    { entries: NESTED_LIMITS.entries, pathBytes: NESTED_LIMITS.nameBytes },
  );
  try {
    for await (const chunk of decompress(pieces(bytes), { bytes: Math.max(1, search.bytesLeft) })) {
      search.bytesLeft -= chunk.length;
      parser.write(chunk);
      for (const { path, content } of waiting.splice(0)) await search.inner?.(content, path);
      if (isSpent(search)) return;
    }
  } catch (error) {
    // Damaged, or more than it may be: what was found counts.
    if (!(error instanceof ProblemError)) throw error;
  }
}

function sample(path: string, size: number, search: NestedSearch): (chunk: Uint8Array) => void {
  search.sampler.begin(size);
  let at = 0;
  let isWanted = true;
  return (chunk) => {
    if (isWanted) isWanted = search.sampler.write(chunk);
    at += chunk.length;
    const binary = at < size ? undefined : search.sampler.end();
    if (binary !== undefined) search.found.push({ path, binary });
  };
}

function gather(size: number, done: (content: Buffer) => void): (chunk: Uint8Array) => void {
  const content = Buffer.allocUnsafe(size);
  let at = 0;
  return (chunk) => {
    content.set(chunk, at);
    at += chunk.length;
    if (at === size) done(content);
  };
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
