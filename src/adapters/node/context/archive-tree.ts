import type { Digest } from "../../../core/digest.ts";
import { byCodeUnit } from "../../../core/order.ts";
import { ProblemError } from "../../../core/problem.ts";
import type { ContextEntry } from "../../../engine/context.ts";
import type { LayerEntry } from "../../../image/entry.ts";

/** Something that an archive holds; hard links are the same thing under several names. */
export interface StoredEntry extends Omit<LayerEntry, "path"> {
  /** Where its content begins in the archive. */
  readonly offset: number;
}

/** Most characters of all paths together, with those of folders that no entry tells of: a few long names may ask for thousands of those. */
const PATHS_LIMIT = 128 * 1024 * 1024;

/**
 * What unpacking an archive into an empty folder would leave, worked out without a disk: later entries replace earlier ones, folders that no entry tells
 * of are made. A name that leads through a symlink or file is refused, whatever that points to: it could only lead astray.
 */
export class ArchiveTree {
  readonly #at = new Map<string, StoredEntry>();
  /** Paths in a folder, so that what is below it can go without a look at everything else. */
  readonly #below = new Map<string, Set<string>>();
  #characters = 0;

  /** @throws {ProblemError} `context-unreadable` */
  put(entry: LayerEntry, offset: number): void {
    if (entry.path === "") return;
    this.#makeParents(entry);
    const old = this.#at.get(entry.path);
    if (old?.type === "directory" && entry.type !== "directory") this.#removeBelow(entry.path);
    this.#set(entry.path, entry.type === "hardlink" ? this.#linked(entry) : { ...entry, offset });
  }

  /** The file at a path, or under a hard link's name. */
  fileAt(path: string): StoredEntry | undefined {
    const stored = this.#at.get(path);
    return stored?.type === "file" ? stored : undefined;
  }

  /** @param archive  digest of the archive: what lies at an offset of it never changes */
  entries(archive: Digest): readonly ContextEntry[] {
    const names = new Map<StoredEntry, string>();
    return [...this.#at]
      .sort(([a], [b]) => byCodeUnit(a, b))
      .map(([path, stored]) => {
        const { offset, ...entry } = stored;
        const type = entry.type as ContextEntry["type"];
        const first = names.get(stored);
        if (first === undefined) names.set(stored, path);
        return {
          ...entry,
          path,
          type: first === undefined ? type : "hardlink",
          ...(first === undefined ? {} : { link: first }),
          stamp: `${archive}:${offset}`,
          changedMs: 0,
        };
      });
  }

  #makeParents(entry: LayerEntry): void {
    for (let slash = entry.path.indexOf("/"); slash !== -1; slash = entry.path.indexOf("/", slash + 1)) {
      const parent = entry.path.slice(0, slash);
      const old = this.#at.get(parent);
      if (old === undefined) this.#set(parent, { type: "directory", mode: 0o755, uid: 0, gid: 0, mtime: entry.mtime, size: 0, offset: 0 });
      else if (old.type !== "directory") throw this.#refuse(`"${entry.path}" lies below "${parent}", which is a ${old.type}`);
    }
  }

  #linked(entry: LayerEntry): StoredEntry {
    const target = this.#at.get(entry.link ?? "");
    if (target === undefined) throw this.#refuse(`the hard link "${entry.path}" leads to "${entry.link}", which is not there`);
    if (target.type === "directory") throw this.#refuse(`the hard link "${entry.path}" leads to the folder "${entry.link}"`);
    return target;
  }

  #set(path: string, stored: StoredEntry): void {
    if (!this.#at.has(path)) this.#characters += path.length;
    this.#at.set(path, stored);
    if (this.#characters > PATHS_LIMIT)
      throw new ProblemError("limit-exceeded", {
        message: `the paths of an archive have more than ${PATHS_LIMIT} characters`,
        hint: "send a smaller context",
        facts: { limit: PATHS_LIMIT },
      });
    const slash = path.lastIndexOf("/");
    if (slash === -1) return;
    const siblings = this.#below.get(path.slice(0, slash));
    if (siblings === undefined) this.#below.set(path.slice(0, slash), new Set([path]));
    else siblings.add(path);
  }

  #removeBelow(path: string): void {
    const folders = [path];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const inside = this.#below.get(folder);
      this.#below.delete(folder);
      for (const child of inside ?? []) {
        this.#at.delete(child);
        folders.push(child);
      }
    }
  }

  #refuse(why: string): ProblemError {
    return new ProblemError("context-unreadable", { message: `an archive cannot be a context: ${why}`, hint: "make it anew with tar, from inside the folder" });
  }
}
