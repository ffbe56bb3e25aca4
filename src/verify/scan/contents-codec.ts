import { digestOf } from "../../core/digest.ts";
import { decodeLayerIndex, encodeLayerIndex } from "../../image/layer-index.ts";
import type { Compression } from "../../image/unpack.ts";
import type { Binary } from "../binary/binary.ts";
import type { LayerContents, NestedBinary, ScanDepth } from "./contents.ts";
import { READ_FILES } from "./read-files.ts";

/** Raise it whenever something else is seen in a layer than before, or is told in another shape: a binary's fields, what counts as a script. */
const VERSION = 1;
/** What an earlier look did not read is not in its record. */
const READ = digestOf(JSON.stringify([VERSION, READ_FILES])).slice("sha256:".length, "sha256:".length + 16);

/** A scan that was written down. */
export interface ContentsRecord {
  /** Bytes of the layer, packed. */
  readonly size: number;
  /** How closely it was looked at. */
  readonly depth: ScanDepth;
  readonly contents: LayerContents;
}

/** The first line. */
interface Head {
  readonly read: string;
  readonly size: number;
  readonly compression: Compression;
  /** Bytes of the index that follows; the rest is {@link Found}. */
  readonly index: number;
}

/** Each pair: offsets, and what was found there. */
interface Found {
  readonly binaries: readonly [readonly number[], readonly Binary[]];
  readonly scripts: readonly [readonly number[], readonly string[]];
  /** Base64. */
  readonly texts: readonly [readonly number[], readonly string[]];
  readonly hashes: readonly [readonly number[], readonly string[]] | null;
  readonly nested: readonly [readonly number[], readonly (readonly NestedBinary[])[]] | null;
}

/** A scan as bytes; undefined when it is too large to be one text, and so not worth remembering. */
export function encodeContents(size: number, contents: LayerContents): Uint8Array | undefined {
  const found: Found = {
    binaries: columns(contents.binaries),
    scripts: columns(contents.scripts),
    texts: columns(new Map([...contents.texts].map(([offset, bytes]) => [offset, Buffer.from(bytes).toString("base64")]))),
    hashes: contents.hashes === undefined ? null : columns(contents.hashes),
    nested: contents.nested === undefined ? null : columns(contents.nested),
  };
  try {
    const index = encodeLayerIndex(contents.index);
    const head: Head = { read: READ, size, compression: contents.compression, index: index.length };
    return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), index, Buffer.from(JSON.stringify(found))]);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Undefined for bytes that are no whole record of this version. What it says is not checked further: it comes from our own records. */
export function decodeContents(bytes: Uint8Array): ContentsRecord | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headEnd = buffer.subarray(0, HEAD_LIMIT).indexOf("\n");
  if (headEnd === -1) return undefined;
  try {
    const head = JSON.parse(buffer.toString("utf8", 0, headEnd)) as Head;
    if (head.read !== READ || !Number.isSafeInteger(head.index) || !COMPRESSIONS.includes(head.compression)) return undefined;
    const index = decodeLayerIndex(buffer.subarray(headEnd + 1, headEnd + 1 + head.index));
    if (index === undefined) return undefined;
    const found = JSON.parse(buffer.toString("utf8", headEnd + 1 + head.index)) as Found;
    const contents: LayerContents = {
      index,
      compression: head.compression,
      binaries: mapOf(found.binaries),
      scripts: mapOf(found.scripts),
      texts: new Map([...mapOf(found.texts)].map(([offset, text]) => [offset, Buffer.from(text, "base64")])),
      hashes: found.hashes === null ? undefined : mapOf(found.hashes),
      nested: found.nested === null ? undefined : mapOf(found.nested),
    };
    return { size: head.size, depth: { hashes: contents.hashes !== undefined, nested: contents.nested !== undefined }, contents };
  } catch {
    return undefined;
  }
}

const HEAD_LIMIT = 1024;
const COMPRESSIONS: readonly Compression[] = ["none", "gzip", "zstd", "bzip2", "xz"];

const columns = <V>(map: ReadonlyMap<number, V>): readonly [readonly number[], readonly V[]] => [[...map.keys()], [...map.values()]];

/** @throws when they are no columns of one length */
function mapOf<V>([offsets, values]: readonly [readonly number[], readonly V[]]): ReadonlyMap<number, V> {
  if (!Array.isArray(offsets) || !Array.isArray(values) || offsets.length !== values.length) throw new TypeError("columns differ");
  return new Map(offsets.map((offset, i) => [offset, values[i] as V]));
}
