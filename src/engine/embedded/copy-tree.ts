import { posix } from "node:path";
import { ProblemError } from "../../core/problem.ts";
import type { CopyTarget } from "./copy-target.ts";
import { baseOf, type FileNode, type FileView, joinPath, parentOf } from "./file-view.ts";
import { followPath } from "./follow-path.ts";
import type { ModeChange } from "./symbolic-mode.ts";

export interface CopyRules {
  /** Absent: files keep their owner, new folders above them belong to root. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  readonly mode?: ModeChange | undefined;
  /** Mode of new folders above the destination: 0755, or that of an octal --chmod. */
  readonly folderMode: number;
  /** A folder's content is copied, not the folder. */
  readonly contentsOnly: boolean;
  /** The source's last part is followed when it is a symlink. */
  readonly followLinks: boolean;
  /** Which paths, relative to the source folder, are copied; absent: all. */
  readonly include?: ((path: string) => boolean) | undefined;
  readonly exclude?: { readonly ignored: (path: string) => boolean; readonly mayHoldIncluded: (folder: string) => boolean } | undefined;
}

/** `source` does not exist; the caller knows how the user named it. */
export class SourceMissing extends Error {}

/**
 * Copies one file or folder into the target, as `cp -a` would with the destination rules of COPY.
 * @param source  path in `view`
 * @param destination  absolute; a trailing `/` or `/.` says: a folder
 * @throws {SourceMissing}
 * @throws {ProblemError} `copy-conflict`
 * @see tonistiigi/fsutil copy/copy.go Copy, read 2026-11-22
 */
export function copyTree(view: FileView, source: string, target: CopyTarget, destination: string, rules: CopyRules): void {
  const folderMeta = { mode: rules.folderMode, uid: rules.owner?.uid ?? 0, gid: rules.owner?.gid ?? 0 };
  const last = destination.slice(destination.lastIndexOf("/") + 1);
  const ensured = last !== "" && last !== "." ? posix.dirname(destination) : destination;
  target.makeFolders(target.resolve(ensured), folderMeta);
  let place = target.resolve(destination);
  const from = followPath(view, source, { followLast: rules.followLinks });
  const node = view.get(from);
  if (node === undefined) throw new SourceMissing(source);
  const there = target.get(place);
  if (there?.type === "directory" && (node.type !== "directory" || !rules.contentsOnly)) place = joinPath(place, baseOf(source));
  const isNewFolder = rules.contentsOnly && node.type === "directory" && there === undefined;
  target.makeFolders(isNewFolder ? place : parentOf(place), folderMeta);
  new Copier(view, target, rules).copy(from, "", place, false);
}

class Copier {
  readonly #view: FileView;
  readonly #target: CopyTarget;
  readonly #rules: CopyRules;
  /** Marks of what was copied: names of one file stay one within this source, and only there. */
  readonly #inodes = new Map<FileNode, object>();
  /** Folders that are being gone through, outermost first: made in the target when something in them is copied. */
  readonly #open: { readonly node: FileNode; readonly place: string; made: boolean }[] = [];

  constructor(view: FileView, target: CopyTarget, rules: CopyRules) {
    this.#view = view;
    this.#target = target;
    this.#rules = rules;
  }

  /** @param inside  path relative to the source folder; empty for that itself, which no pattern leaves out */
  copy(from: string, inside: string, place: string, overwrite: boolean): void {
    const node = this.#view.get(from);
    if (node === undefined) return;
    const excluded = inside !== "" && this.#rules.exclude?.ignored(inside) === true;
    const included = !excluded && (inside === "" || this.#rules.include === undefined || this.#rules.include(inside));
    if (!included && node.type !== "directory") return;
    if (included) this.#makeOpenFolders(overwrite);
    if (node.type === "directory") this.#copyFolder(node, from, inside, place, { overwrite, included, excluded });
    else this.#copyFile(node, place);
  }

  #copyFile(node: FileNode, place: string): void {
    if (this.#target.get(place)?.type === "directory") {
      throw new ProblemError("copy-conflict", {
        message: `a file cannot take the place of the folder "/${place}"`,
        hint: `choose another destination, such as "/${place}/${baseOf(place)}"`,
        facts: { path: `/${place}` },
      });
    }
    const copy = this.#withRules(node);
    const inode = node.type === "file" ? (this.#inodes.get(node) ?? copy) : undefined;
    if (inode !== undefined) this.#inodes.set(node, inode);
    this.#target.put(place, copy, inode);
  }

  #copyFolder(node: FileNode, from: string, inside: string, place: string, how: { overwrite: boolean; included: boolean; excluded: boolean }): void {
    const created = how.included && this.#makeFolder(node, place, how.overwrite);
    const existed = this.#target.get(place) !== undefined;
    this.#open.push({ node, place, made: how.included });
    if (!how.excluded || this.#rules.exclude?.mayHoldIncluded(inside) === true) {
      for (const name of this.#view.children(from)) this.copy(joinPath(from, name), joinPath(inside, name), joinPath(place, name), true);
    }
    this.#open.pop();
    if (how.included && (created || how.overwrite)) this.#target.change(place, this.#merged(node, place));
    else if (!how.overwrite && existed) this.#restoreTime(node, place);
  }

  /** @returns whether it was not there before */
  #makeFolder(node: FileNode, place: string, overwrite: boolean): boolean {
    const there = this.#target.get(place);
    if (there === undefined) {
      this.#target.put(place, this.#withRules(node));
      return true;
    }
    if (there.type !== "directory") {
      throw new ProblemError("copy-conflict", {
        message: `a folder cannot be copied to "/${place}", which is a ${there.type === "symlink" ? "symlink" : "file"}`,
        hint: there.type === "symlink" ? `copy to where it leads ("${there.link}")` : "choose another destination",
        facts: { path: `/${place}` },
      });
    }
    if (overwrite) this.#target.change(place, { ...there, mode: node.mode });
    return false;
  }

  #makeOpenFolders(overwrite: boolean): void {
    for (const folder of this.#open) {
      if (folder.made) continue;
      this.#makeFolder(folder.node, folder.place, overwrite);
      folder.made = true;
    }
  }

  /** The folder that was gone into first keeps its metadata where it existed, but takes the source's time. */
  #restoreTime(node: FileNode, place: string): void {
    const there = this.#target.get(place);
    if (there !== undefined && there.mtime !== node.mtime) this.#target.change(place, { ...there, mtime: node.mtime });
  }

  #merged(node: FileNode, place: string): FileNode {
    const there = this.#target.get(place);
    const xattrs = new Map([...(there?.xattrs ?? []), ...(node.xattrs ?? [])]);
    return { ...this.#withRules(node), ...(xattrs.size === 0 ? {} : { xattrs }) };
  }

  #withRules(node: FileNode): FileNode {
    const { owner, mode } = this.#rules;
    return {
      ...node,
      ...(owner === undefined ? {} : owner),
      ...(mode === undefined || node.type === "symlink" ? {} : { mode: mode(node.mode, node.type === "directory") }),
    };
  }
}
