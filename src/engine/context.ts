import type { ByteStream } from "../image/blob-store.ts";
import type { EntryMeta, EntryType } from "../image/entry.ts";

/** One file, folder or link of a build context. Paths as in `LayerEntry`; owner 0:0 as BuildKit sends it, unless it came in an archive. */
export interface ContextEntry extends EntryMeta {
  readonly path: string;
  readonly type: Extract<EntryType, "file" | "directory" | "symlink" | "fifo" | "char" | "block" | "hardlink">;
  readonly size: number;
  readonly link?: string;
  /** Of `char` and `block`. */
  readonly device?: { readonly major: number; readonly minor: number };
  /**
   * Changes whenever the content may have changed (device, inode, size, mtime, ctime in nanoseconds), and is the same while it surely has not:
   * lets the engine skip hashing. Absent where that cannot be known.
   */
  readonly stamp?: string;
  /** Later of mtime and ctime, milliseconds since 1970: a stamp read within two seconds of it proves nothing (a second change may leave it the same). Goes with `stamp`. */
  readonly changedMs?: number;
}

/**
 * A build context: a folder, an unpacked archive or checkout. `.dockerignore` is already applied.
 * Nothing is followed out of it: symlinks are entries, and the engine resolves them inside the context.
 */
export interface BuildContext {
  /** For messages: the folder as the user named it, `-`, or the git address without credentials. */
  readonly name: string;
  /** All entries, sorted by path in code units, parents before children. Read once and kept. */
  entries(): Promise<readonly ContextEntry[]>;
  /**
   * Content of a regular file.
   * @throws {ProblemError} `context-changed` when it is no longer the file that `entries` told of (size, inode, type) | `context-unreadable`
   */
  open(entry: ContextEntry): ByteStream;
  /** Small files in one go, when that is quicker than a stream: the whole content. */
  readSync?(entry: ContextEntry): Uint8Array;
  /** Removes what was unpacked or checked out for it. */
  close(): Promise<void>;
}
