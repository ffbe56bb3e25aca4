import { decodeName } from "../../image/tar/name.ts";

// Source: PKWARE, APPNOTE.TXT, 4.3 (general format) and 4.4 (fields).

/** A file of a zip archive. */
export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  /** As told: of what comes out. */
  readonly size: number;
  /** As it lies in the archive. */
  readonly data: Buffer;
}

const END = 0x06054b50;
const END_BYTES = 22;
const COMMENT_BYTES = 65_535;
const DIRECTORY = 0x02014b50;
const DIRECTORY_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const ENCRYPTED = 1;

/**
 * The files of an archive that is in memory, as its central directory tells them; folders, encrypted files, and those whose place or name cannot be are left out.
 * An archive that stands behind a program is found; one that needs 64-bit fields is not: it would be larger than what is kept.
 */
export function* zipEntries(archive: Buffer, nameLimit: number): Generator<ZipEntry> {
  const end = endRecord(archive);
  if (end === undefined) return;
  const [size, offset] = [archive.readUInt32LE(end + 12), archive.readUInt32LE(end + 16)];
  // Places are told from where the archive begins, which may be behind something else.
  const start = end - size - offset;
  if (start < 0) return;
  for (let at = start + offset; at + DIRECTORY_BYTES <= end && archive.readUInt32LE(at) === DIRECTORY; ) {
    const nameLength = archive.readUInt16LE(at + 28);
    const next = at + DIRECTORY_BYTES + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    if (next > end) return;
    const entry = nameLength > nameLimit ? undefined : entryAt(archive, at, nameLength, start);
    if (entry !== undefined) yield entry;
    at = next;
  }
}

function entryAt(archive: Buffer, at: number, nameLength: number, start: number): ZipEntry | undefined {
  const nameAt = at + DIRECTORY_BYTES;
  const isFolder = archive[nameAt + nameLength - 1] === 0x2f;
  if (nameLength === 0 || isFolder || (archive.readUInt16LE(at + 8) & ENCRYPTED) !== 0) return undefined;
  const local = start + archive.readUInt32LE(at + 42);
  if (local + LOCAL_BYTES > archive.length || archive.readUInt32LE(local) !== LOCAL) return undefined;
  const from = local + LOCAL_BYTES + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const to = from + archive.readUInt32LE(at + 20);
  if (to > archive.length) return undefined;
  return {
    name: decodeName(archive.subarray(nameAt, nameAt + nameLength)),
    method: archive.readUInt16LE(at + 10),
    size: archive.readUInt32LE(at + 24),
    data: archive.subarray(from, to),
  };
}

/** Where the end record stands: the last one whose comment reaches just to the end. */
function endRecord(archive: Buffer): number | undefined {
  const first = Math.max(0, archive.length - END_BYTES - COMMENT_BYTES);
  for (let at = archive.length - END_BYTES; at >= first; at--) {
    if (archive.readUInt32LE(at) === END && at + END_BYTES + archive.readUInt16LE(at + 20) === archive.length) return at;
  }
  return undefined;
}
