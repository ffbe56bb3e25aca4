/** One entry of a file tree or layer: everything but the content. */
export interface EntryMeta {
  /** Permission bits with setuid, setgid and sticky: 0o0000–0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970; layers hold whole seconds (BuildKit truncates). */
  readonly mtime: number;
  /** Extended attributes, raw bytes; empty when there are none. */
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

export type EntryType = "file" | "directory" | "symlink" | "hardlink" | "char" | "block" | "fifo";

/** An entry of a layer, as its archive tells it. */
export interface LayerEntry extends EntryMeta {
  /** Path without leading slash, `/` between parts, no `.` or `..` parts, no trailing slash; the root is `""`. Whiteouts keep their `.wh.` name. */
  readonly path: string;
  readonly type: EntryType;
  /** Bytes of content; 0 unless a file. */
  readonly size: number;
  /** Target of a symlink (as written) or hard link (a path as above). */
  readonly link?: string;
  readonly device?: { readonly major: number; readonly minor: number };
}
