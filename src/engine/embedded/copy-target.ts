import { byCodeUnit } from "../../core/order.ts";
import { ProblemError } from "../../core/problem.ts";
import { sameContent } from "./content.ts";
import { ancestorsOf, baseOf, type FileNode, type FileView, joinPath, PLAIN_FOLDER, parentOf } from "./file-view.ts";
import { followPath } from "./follow-path.ts";

/** What a step puts at a path of its layer. */
export interface MadeEntry {
  readonly path: string;
  /** Absent: a whiteout, the path is gone. */
  readonly node?: FileNode;
  /** The same file as the entry at this path, which comes before it. */
  readonly hardLinkTo?: string;
  /** Nothing but a folder above a change, as it is below. */
  readonly kept?: true;
  /** A new folder in the place of another one: nothing of that is left in it. */
  readonly opaque?: true;
}

/** Folders may differ in time: it tells of what happened in them. */
function isSame(a: FileNode, b: FileNode): boolean {
  const meta = a.type === b.type && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && sameXattrs(a.xattrs, b.xattrs);
  if (!meta || a.type === "directory") return meta;
  return (
    a.mtime !== undefined &&
    a.mtime === b.mtime &&
    a.size === b.size &&
    a.link === b.link &&
    a.type !== "char" &&
    a.type !== "block" &&
    sameContent(a.content, b.content)
  );
}

function sameXattrs(a: FileNode["xattrs"], b: FileNode["xattrs"]): boolean {
  const [one, other] = [a ?? new Map(), b ?? new Map()];
  return one.size === other.size && [...one].every(([name, value]) => Buffer.compare(value, other.get(name) ?? Buffer.of()) === 0);
}

/** Most characters of all paths that a step makes, with folders that no entry of an archive tells of: a few long names may ask for thousands of those. */
const PATHS_LIMIT = 128 * 1024 * 1024;

interface Made {
  node: FileNode;
  /** Not there before, or of another type. */
  readonly fresh: boolean;
  /** Files with the same mark are hard links of each other. */
  readonly inode?: object | undefined;
}

/**
 * The files below a step, with what the step does to them: the changes are kept apart, so that they can become a layer.
 * Behaves as a folder on disk does: making or removing something gives the folder around it the time of the step.
 */
export class CopyTarget implements FileView {
  readonly #below: FileView;
  readonly #made = new Map<string, Made>();
  readonly #names = new Map<string, Set<string>>();
  readonly #removed = new Set<string>();
  #characters = 0;

  constructor(below: FileView) {
    this.#below = below;
  }

  get(path: string): FileNode | undefined {
    const made = this.#made.get(path);
    if (made !== undefined) return made.node;
    // Below a new folder there was nothing: no need to look.
    if (this.#made.get(parentOf(path))?.fresh === true) return undefined;
    return this.#hidden(path) ? undefined : this.#below.get(path);
  }

  children(path: string): readonly string[] {
    if (this.get(path)?.type !== "directory") return [];
    const below = this.#hidden(path) ? [] : this.#below.children(path).filter((name) => !this.#hidden(joinPath(path, name)));
    return [...new Set([...below, ...(this.#names.get(path) ?? [])])].sort(byCodeUnit);
  }

  /** Where a path leads, inside the root (or inside `root`, as after a chroot). */
  resolve(path: string, root = ""): string {
    return followPath(this, path, { followLast: true, root });
  }

  /**
   * Puts a file, link, device or new folder at `path`, whose parent is a folder; what is there goes.
   * @param inode  mark of the file, when it may be hard linked
   */
  put(path: string, node: FileNode, inode?: object): void {
    const old = this.get(path);
    if (old !== undefined && (old.type === "directory" || node.type === "directory")) this.remove(path);
    this.#touch(parentOf(path));
    this.#set(path, { node, fresh: old?.type !== node.type, inode });
  }

  /** Gives the folder at `path` other metadata and leaves what is in it. */
  change(path: string, node: FileNode): void {
    this.#set(path, { node, fresh: this.#made.get(path)?.fresh ?? false });
  }

  /** Removes what is at `path` and below. */
  remove(path: string): void {
    this.#forget(path);
    if (!this.#hidden(path) && this.#below.get(path) !== undefined) this.#removed.add(path);
    this.#touch(parentOf(path));
  }

  /**
   * Makes the folders of `path` that are missing; none of its parts is a symlink.
   * @throws {ProblemError} `copy-conflict` when one of them is there and no folder
   */
  makeFolders(path: string, meta: { readonly mode: number; readonly uid: number; readonly gid: number }): void {
    for (const folder of path === "" ? [] : [...ancestorsOf(path), path]) {
      const node = this.get(folder);
      if (node === undefined) this.put(folder, { ...PLAIN_FOLDER, ...meta });
      else if (node.type !== "directory") {
        throw new ProblemError("copy-conflict", {
          message: `"/${folder}" is a ${node.type === "symlink" ? "symlink" : "file"} and would have to be a folder`,
          hint: "choose another destination, or start from a base without it",
          facts: { path: `/${folder}` },
        });
      }
    }
  }

  /** What the step did, sorted by path, parents before children: with the folders above each change, as they are, since a layer may be unpacked by itself. */
  entries(): MadeEntry[] {
    const found = new Map<string, MadeEntry>();
    const files = new Map<object, string>();
    for (const path of [...new Set([...this.#made.keys(), ...this.#removed])].sort(byCodeUnit)) {
      if (path === "") continue;
      // Where the parent is known, so are the folders above it.
      const above = found.has(parentOf(path)) ? [] : ancestorsOf(path);
      for (const folder of above) if (!found.has(folder)) found.set(folder, { path: folder, node: this.get(folder) ?? PLAIN_FOLDER, kept: true });
      const made = this.#made.get(path);
      if (made === undefined) {
        found.set(path, { path });
        continue;
      }
      const first = made.inode === undefined ? undefined : files.get(made.inode);
      if (made.inode !== undefined && first === undefined) files.set(made.inode, path);
      const opaque = made.fresh && made.node.type === "directory" && this.#removed.has(path) && this.#below.get(path)?.type === "directory";
      found.set(path, { path, node: made.node, ...(first === undefined ? {} : { hardLinkTo: first }), ...(opaque ? { opaque: true } : {}) });
    }
    return this.#changes([...found.values()].sort((a, b) => byCodeUnit(a.path, b.path)));
  }

  /**
   * Leaves out what is as it was below: a file written over itself, a folder in which nothing happened.
   * @see moby/buildkit util/overlay, which leaves them out of a layer too; read 2026-11-22
   */
  #changes(entries: readonly MadeEntry[]): MadeEntry[] {
    const above = new Set<string>();
    const linked = new Set(entries.flatMap(({ hardLinkTo }) => (hardLinkTo === undefined ? [] : [hardLinkTo])));
    const changed = entries.toReversed().filter((entry) => {
      const { path, node, hardLinkTo } = entry;
      const before = this.#made.get(path)?.fresh === true || this.#removed.has(path) ? undefined : this.#below.get(path);
      const same = node !== undefined && before !== undefined && hardLinkTo === undefined && !linked.has(path) && isSame(node, before);
      if (same && !above.has(path)) return false;
      above.add(parentOf(path));
      return true;
    });
    return changed.reverse();
  }

  #touch(folder: string): void {
    const node = this.get(folder);
    if (node?.type === "directory" && node.mtime !== undefined) this.change(folder, { ...node, mtime: undefined });
  }

  #set(path: string, made: Made): void {
    if (!this.#made.has(path)) this.#characters += path.length;
    this.#made.set(path, made);
    if (this.#characters > PATHS_LIMIT) {
      throw new ProblemError("limit-exceeded", {
        message: `the paths of one step have more than ${PATHS_LIMIT} characters`,
        hint: "copy or add less in one step",
        facts: { limit: PATHS_LIMIT },
      });
    }
    // Up to what is known already, so that all below a folder is found from it.
    for (let at = path; at !== ""; at = parentOf(at)) {
      const names = this.#names.get(parentOf(at)) ?? new Set();
      if (names.has(baseOf(at))) break;
      this.#names.set(parentOf(at), names.add(baseOf(at)));
    }
  }

  /** What was made at `path` and below, without a look at everything else: an archive may flip folders and files many times. */
  #forget(path: string): void {
    this.#names.get(parentOf(path))?.delete(baseOf(path));
    const pending = [path];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      this.#made.delete(at);
      for (const name of this.#names.get(at) ?? []) pending.push(joinPath(at, name));
      this.#names.delete(at);
    }
  }

  #hidden(path: string): boolean {
    if (this.#removed.size === 0) return false;
    return this.#removed.has(path) || ancestorsOf(path).some((above) => this.#removed.has(above));
  }
}
