import { binarySampler } from "../binary/sampler.ts";
import type { NestedBinary } from "./contents.ts";
import { isArchiveName, isZipName, NESTED_LIMITS, type NestedSearch } from "./nested-search.ts";
import { searchTar } from "./nested-tar.ts";
import { searchZip } from "./nested-zip.ts";

/** Takes an archive's bytes as they pass, first to last. Memory is bounded; a damaged archive gives what was found in it. */
export interface NestedReader {
  /** Never throws. */
  write(chunk: Uint8Array): void;
  end(): Promise<readonly NestedBinary[]>;
}

/** Undefined: by its name or size it is no archive that is opened. */
export function nestedReader(path: string, size: number): NestedReader | undefined {
  if (size === 0 || size > NESTED_LIMITS.archiveBytes || !isArchiveName(path)) return undefined;
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  return {
    write(chunk) {
      const piece = chunk.length > size - at ? chunk.subarray(0, size - at) : chunk;
      bytes.set(piece, at);
      at += piece.length;
    },
    end: () => searchArchive(bytes.subarray(0, at), path),
  };
}

async function searchArchive(bytes: Buffer, path: string): Promise<readonly NestedBinary[]> {
  const search: NestedSearch = {
    sampler: binarySampler(),
    found: [],
    entriesLeft: NESTED_LIMITS.entries,
    bytesLeft: NESTED_LIMITS.freeBytes + NESTED_LIMITS.ratio * bytes.length,
    async inner(content, name) {
      // The archive around it may be in the middle of a file.
      const below: NestedSearch = { ...search, sampler: binarySampler(), inner: undefined };
      await searchOne(content, name, `${name}!/`, below);
      search.entriesLeft = below.entriesLeft;
      search.bytesLeft = below.bytesLeft;
    },
  };
  await searchOne(bytes, path, "", search);
  return search.found;
}

async function searchOne(bytes: Buffer, path: string, prefix: string, search: NestedSearch): Promise<void> {
  if (isZipName(path)) await searchZip(bytes, prefix, search);
  else await searchTar(bytes, prefix, search);
}
