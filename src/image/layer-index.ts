import { type Digest, isDigest } from "../core/digest.ts";
import type { EntryType, LayerEntry } from "./entry.ts";

/** An entry and where its content begins in the uncompressed archive. */
export interface IndexedEntry extends LayerEntry {
  readonly offset: number;
}

/** What is in a layer, without the contents. */
export interface LayerIndex {
  readonly diffId: Digest;
  readonly uncompressedSize: number;
  /** In the archive's order; whiteouts keep their `.wh.` names. */
  readonly entries: readonly IndexedEntry[];
  /** Contents of small well-known files (`etc/passwd`, `etc/group`), by offset: looking up a user's name needs no second pass. */
  readonly contents: ReadonlyMap<number, Uint8Array>;
}

const VERSION = 1;
const TYPES: readonly EntryType[] = ["file", "directory", "symlink", "hardlink", "char", "block", "fifo"];
/** type, mode, uid, gid, mtime, size, offset. */
const NUMBERS = 7;

/** Columns: JSON reads long arrays of plain strings and numbers several times quicker than many small objects. */
interface Columns {
  readonly version: number;
  readonly diffId: string;
  readonly size: number;
  readonly paths: readonly string[];
  readonly numbers: readonly number[];
  /** What few entries have, by place. */
  readonly links: Readonly<Record<string, string>>;
  readonly devices: Readonly<Record<string, readonly [number, number]>>;
  readonly xattrs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By offset, base64. */
  readonly contents: Readonly<Record<string, string>>;
}

/** An index as bytes, for the engine's records. */
export function encodeLayerIndex(index: LayerIndex): Uint8Array {
  const paths: string[] = [];
  const numbers: number[] = [];
  const links: Record<string, string> = {};
  const devices: Record<string, [number, number]> = {};
  const xattrs: Record<string, Record<string, string>> = {};
  for (const [i, entry] of index.entries.entries()) {
    paths.push(entry.path);
    numbers.push(TYPES.indexOf(entry.type), entry.mode, entry.uid, entry.gid, entry.mtime, entry.size, entry.offset);
    if (entry.link !== undefined) links[i] = entry.link;
    if (entry.device !== undefined) devices[i] = [entry.device.major, entry.device.minor];
    if (entry.xattrs !== undefined) xattrs[i] = Object.fromEntries([...entry.xattrs].map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
  }
  const contents = Object.fromEntries([...index.contents].map(([offset, bytes]) => [offset, Buffer.from(bytes).toString("base64")]));
  const columns: Columns = { version: VERSION, diffId: index.diffId, size: index.uncompressedSize, paths, numbers, links, devices, xattrs, contents };
  return Buffer.from(JSON.stringify(columns));
}

/** Undefined for bytes that are not an index of this version, whole. What it says is not checked further: it comes from our own records. */
export function decodeLayerIndex(bytes: Uint8Array): LayerIndex | undefined {
  const columns = readColumns(bytes);
  if (columns === undefined) return undefined;
  const { paths, numbers, links, devices, xattrs } = columns;
  const entries: IndexedEntry[] = [];
  for (let i = 0, n = 0; i < paths.length; i++, n += NUMBERS) {
    entries.push({
      path: paths[i] as string,
      type: TYPES[numbers[n] as number] ?? "file",
      mode: numbers[n + 1] as number,
      uid: numbers[n + 2] as number,
      gid: numbers[n + 3] as number,
      mtime: numbers[n + 4] as number,
      size: numbers[n + 5] as number,
      offset: numbers[n + 6] as number,
    });
  }
  const amend = (i: string, more: Partial<IndexedEntry>): void => {
    const entry = entries[Number(i)];
    if (entry !== undefined) Object.assign(entry, more);
  };
  for (const [i, link] of Object.entries(links)) amend(i, { link });
  for (const [i, [major, minor]] of Object.entries(devices)) amend(i, { device: { major, minor } });
  for (const [i, values] of Object.entries(xattrs)) {
    amend(i, { xattrs: new Map(Object.entries(values).map(([key, value]) => [key, Buffer.from(value, "base64")])) });
  }
  if (!isDigest(columns.diffId)) return undefined;
  const contents = new Map(Object.entries(columns.contents).map(([offset, text]) => [Number(offset), Buffer.from(text, "base64")]));
  return { diffId: columns.diffId, uncompressedSize: columns.size, entries, contents };
}

function readColumns(bytes: Uint8Array): Columns | undefined {
  try {
    const columns = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")) as Columns;
    return columns.version === VERSION && columns.numbers.length === columns.paths.length * NUMBERS ? columns : undefined;
  } catch {
    return undefined;
  }
}
