import type { EntryMeta, EntryType } from "../../image/entry.ts";
import type { Content } from "./content.ts";

/** A file, folder, link or device as a copy sees it. Two paths with the same node are hard links of one file. */
export interface FileNode extends Omit<EntryMeta, "mtime"> {
  readonly type: Exclude<EntryType, "hardlink">;
  /** Seconds since 1970; undefined: the time of the step that writes it. */
  readonly mtime: number | undefined;
  /** Bytes of content; 0 unless a file. */
  readonly size: number;
  /** Target of a symlink, as written. */
  readonly link?: string | undefined;
  readonly device?: { readonly major: number; readonly minor: number } | undefined;
  /** Of a file. */
  readonly content?: Content | undefined;
}

/** Files that can be looked at: a context, a stage, an image. Paths as in `LayerEntry`; the root is `""`. */
export interface FileView {
  /** The node at exactly this path, no symlink followed. */
  get(path: string): FileNode | undefined;
  /** Names in a folder, sorted; empty for what is not a folder. */
  children(path: string): readonly string[];
}

/** A folder that nothing tells of. */
export const PLAIN_FOLDER: FileNode = { type: "directory", mode: 0o755, uid: 0, gid: 0, mtime: undefined, size: 0 };

/** The files of scratch. */
export const NO_FILES: FileView = {
  get: (path) => (path === "" ? PLAIN_FOLDER : undefined),
  children: () => [],
};

/** A view with one file in its root. */
export function singleFile(name: string, node: FileNode): FileView {
  return {
    get: (path) => (path === "" ? PLAIN_FOLDER : path === name ? node : undefined),
    children: (path) => (path === "" ? [name] : []),
  };
}

/** `a/b` and `c` to `a/b/c`; the root adds no slash. */
export const joinPath = (folder: string, name: string): string => (folder === "" ? name : name === "" ? folder : `${folder}/${name}`);

export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));
export const baseOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Every folder above `path`, from the top, without the root. */
export function ancestorsOf(path: string): string[] {
  const found: string[] = [];
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) found.push(path.slice(0, at));
  return found;
}
