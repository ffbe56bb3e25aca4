import type { LayerIndex } from "../../image/layer-index.ts";
import type { Compression } from "../../image/unpack.ts";
import type { Binary } from "../binary/binary.ts";

export type { Compression } from "../../image/unpack.ts";

/** What one pass over a layer tells. Files are named by `offset`: where their content begins in the uncompressed archive ({@link TreeNode.offset}). */
export interface LayerContents {
  readonly index: LayerIndex;
  /** As its first bytes tell, whatever its media type says. */
  readonly compression: Compression;
  readonly binaries: ReadonlyMap<number, Binary>;
  /** What stands behind `#!` in the first line of files that begin so, without the line's end; at most 254 bytes, as Linux takes them. */
  readonly scripts: ReadonlyMap<number, string>;
  /** Contents of the files that rules read ({@link READ_FILES}), empty ones too; not those that are larger than the limit there. */
  readonly texts: ReadonlyMap<number, Uint8Array>;
  /** SHA-256 of each regular file's content, hex; undefined unless asked for. */
  readonly hashes: ReadonlyMap<number, string> | undefined;
  /** Binaries in jars, wheels and other archives among the files, by the archive's offset; undefined unless asked for. */
  readonly nested: ReadonlyMap<number, readonly NestedBinary[]> | undefined;
}

/** A binary in an archive that lies in a layer. */
export interface NestedBinary {
  /** Its path in the archive; `!/` where one lies in another. */
  readonly path: string;
  readonly binary: Binary;
}

/** How closely layers are looked at. */
export interface ScanDepth {
  /** Hashes of files: what a comparison needs. */
  readonly hashes: boolean;
  /** Archives are opened. */
  readonly nested: boolean;
}
