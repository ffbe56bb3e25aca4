import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { byCodeUnit } from "../../../core/order.ts";
import { ProblemError } from "../../../core/problem.ts";
import type { IgnoreMatcher } from "../../../dockerfile/ignore.ts";
import type { BuildContext, ContextEntry } from "../../../engine/context.ts";
import { openUnchanged, readUnchanged, stampOf } from "./open-unchanged.ts";

export interface FolderContextOptions {
  /** For messages; default: `folder`. */
  readonly name?: string;
  /** Decides what `.dockerignore` leaves out. */
  readonly ignore?: IgnoreMatcher;
  /** Modes are what a checkout under umask 022 gives, whatever the umask was: 0755 for folders and programs, 0644 for other files. */
  readonly checkoutModes?: boolean;
  /** Seconds since 1970: the time of everything. */
  readonly mtime?: number;
  /** Runs when the context is closed: removes a checkout, say. */
  readonly onClose?: () => Promise<void>;
}

/** Most entries of a context; beyond it something else than a project was named. */
const ENTRIES_LIMIT = 5_000_000;
/** Deepest folder in a folder: deeper than any path that the system takes. */
const DEPTH_LIMIT = 2_048;
const NANOSECONDS = 1_000_000_000n;
// Only Linux has a path to an open folder, by which its entries are looked at even if somebody puts another folder in its place.
const FD_PATHS = "/proc/self/fd";

/**
 * The files of a folder as a build context. A hard link has the size of its file, and can be opened like one; sockets are left out.
 * @throws {ProblemError} `context-unreadable` | `limit-exceeded` from `entries`
 */
export function folderContext(folder: string, options: FolderContextOptions = {}): BuildContext {
  const name = options.name ?? folder;
  let entries: readonly ContextEntry[] | undefined;
  return {
    name,
    async entries() {
      entries ??= new FolderWalk(folder, name, options).entries();
      return entries;
    },
    open: (entry) => openUnchanged(join(folder, entry.path), entry, name),
    readSync: (entry) => readUnchanged(join(folder, entry.path), entry, name),
    close: async () => options.onClose?.(),
  };
}

interface Seen {
  readonly dev: bigint;
  readonly ino: bigint;
}

class FolderWalk {
  readonly #root: string;
  readonly #name: string;
  readonly #options: FolderContextOptions;
  readonly #fdPaths = existsSync(FD_PATHS);
  readonly #found: ContextEntry[] = [];
  /** Of files that have several names. */
  readonly #inodes = new Map<ContextEntry, string>();

  constructor(root: string, name: string, options: FolderContextOptions) {
    this.#root = root;
    this.#name = name;
    this.#options = options;
  }

  entries(): readonly ContextEntry[] {
    // The folder itself may be reached by a link: the user named it.
    this.#walk("", undefined, [], 0);
    this.#found.sort((a, b) => byCodeUnit(a.path, b.path));
    return linkAlike(this.#found, this.#inodes);
  }

  /** @param ignoredParents  folders that are left out unless something below them is let in again */
  #walk(path: string, seen: Seen | undefined, ignoredParents: readonly ContextEntry[], depth: number): void {
    if (depth > DEPTH_LIMIT) throw this.#problem(path, `has folders more than ${DEPTH_LIMIT} deep`, "limit-exceeded");
    const absolute = join(this.#root, path);
    let fd: number;
    try {
      fd = openSync(absolute, constants.O_RDONLY | constants.O_DIRECTORY | (seen === undefined ? 0 : constants.O_NOFOLLOW));
    } catch (error) {
      throw this.#unreadable(path, error);
    }
    let folders: { readonly path: string; readonly seen: Seen; readonly ignoredParents: readonly ContextEntry[] }[];
    try {
      if (seen !== undefined) {
        const now = fstatSync(fd, { bigint: true });
        if (now.dev !== seen.dev || now.ino !== seen.ino) throw this.#changed(path);
      }
      folders = this.#list(this.#fdPaths ? `${FD_PATHS}/${fd}` : absolute, path, ignoredParents);
    } catch (error) {
      throw this.#unreadable(path, error);
    } finally {
      closeSync(fd);
    }
    for (const child of folders) this.#walk(child.path, child.seen, child.ignoredParents, depth + 1);
  }

  #list(at: string, path: string, ignoredParents: readonly ContextEntry[]): { path: string; seen: Seen; ignoredParents: readonly ContextEntry[] }[] {
    const { ignore } = this.#options;
    const folders: { path: string; seen: Seen; ignoredParents: readonly ContextEntry[] }[] = [];
    // A folder that is left out comes in with whatever below it does; doubles go at the end.
    let owed = ignoredParents;
    for (const child of readdirSync(at)) {
      const childPath = path === "" ? child : `${path}/${child}`;
      if (child.includes("\uFFFD")) refuseUnreadableName(at, path, this.#name);
      const ignored = ignore?.ignored(childPath) ?? false;
      if (ignored && !ignore?.mayHoldIncluded(childPath)) continue;
      const looked = this.#look(`${at}/${child}`, childPath);
      if (looked === undefined) continue;
      const { entry, inode, seen } = looked;
      if (ignored) {
        if (entry.type === "directory") folders.push({ path: childPath, seen, ignoredParents: [...owed, entry] });
        continue;
      }
      if (inode !== undefined) this.#inodes.set(entry, inode);
      this.#found.push(...owed, entry);
      owed = [];
      if (this.#found.length > ENTRIES_LIMIT) throw this.#problem("", `has more than ${ENTRIES_LIMIT} entries`, "limit-exceeded");
      if (entry.type === "directory") folders.push({ path: childPath, seen, ignoredParents: [] });
    }
    return folders;
  }

  #look(at: string, path: string): { readonly entry: ContextEntry; readonly inode: string | undefined; readonly seen: Seen } | undefined {
    const stat = lstatSync(at, { bigint: true, throwIfNoEntry: false });
    // It is gone again: as if it had never been there.
    if (stat === undefined) return undefined;
    const type = stat.isFile()
      ? "file"
      : stat.isDirectory()
        ? "directory"
        : stat.isSymbolicLink()
          ? "symlink"
          : stat.isFIFO()
            ? "fifo"
            : stat.isCharacterDevice()
              ? "char"
              : stat.isBlockDevice()
                ? "block"
                : undefined;
    if (type === undefined) return undefined;
    const mode = Number(stat.mode & 0o7777n);
    const seconds = Number(stat.mtimeNs >= 0n ? stat.mtimeNs / NANOSECONDS : (stat.mtimeNs - NANOSECONDS + 1n) / NANOSECONDS);
    const latest = stat.mtimeNs > stat.ctimeNs ? stat.mtimeNs : stat.ctimeNs;
    const plain: ContextEntry = {
      path,
      type,
      size: type === "file" ? Number(stat.size) : 0,
      mode: this.#options.checkoutModes === true ? checkoutMode(type, mode) : mode,
      uid: 0,
      gid: 0,
      mtime: this.#options.mtime ?? seconds,
      stamp: stampOf(stat),
      changedMs: Number(latest / 1_000_000n),
    };
    // Most entries are files and folders: only the others are worth a second object.
    const entry =
      type === "symlink" ? { ...plain, link: readlinkSync(at) } : type === "char" || type === "block" ? { ...plain, device: deviceOf(stat.rdev) } : plain;
    return { entry, inode: type === "file" && stat.nlink > 1n ? `${stat.dev}:${stat.ino}` : undefined, seen: { dev: stat.dev, ino: stat.ino } };
  }

  #problem(path: string, what: string, code: "context-unreadable" | "limit-exceeded" | "context-changed", cause?: unknown): ProblemError {
    return new ProblemError(code, {
      message: `the context "${this.#name}" ${path === "" ? "" : `at "${path}" `}${what}`,
      hint:
        code === "context-changed"
          ? "let nothing change the context while it is built, then build again"
          : path === ""
            ? "name another folder"
            : "mend it, or leave it out by .dockerignore",
      cause,
    });
  }

  #changed(path: string): ProblemError {
    return this.#problem(path, "became another folder while it was read", "context-changed");
  }

  #unreadable(path: string, error: unknown): unknown {
    if (error instanceof ProblemError) return error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) return error;
    if (path !== "" && (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP")) return this.#changed(path);
    const why = code === "ENOENT" ? "does not exist" : code === "ENOTDIR" ? "is no folder" : `cannot be read: ${code}`;
    return this.#problem(path, why, "context-unreadable", error);
  }
}

/** Linux's packing of a device number. */
function deviceOf(rdev: bigint): { readonly major: number; readonly minor: number } {
  return { major: Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn)), minor: Number((rdev & 0xffn) | ((rdev >> 12n) & ~0xffn)) };
}

function checkoutMode(type: ContextEntry["type"], mode: number): number {
  if (type === "symlink") return mode;
  return type === "directory" || (mode & 0o100) !== 0 ? 0o755 : 0o644;
}

/** Files with the same inode become one file and hard links to it, first name first, as BuildKit sends them; doubles go. */
function linkAlike(sorted: readonly ContextEntry[], inodes: ReadonlyMap<ContextEntry, string>): readonly ContextEntry[] {
  const first = new Map<string, string>();
  const entries: ContextEntry[] = [];
  for (const entry of sorted) {
    if (entries.at(-1)?.path === entry.path) continue;
    const inode = inodes.get(entry);
    const target = inode === undefined ? undefined : first.get(inode);
    if (inode !== undefined && target === undefined) first.set(inode, entry.path);
    entries.push(target === undefined ? entry : { ...entry, type: "hardlink", link: target });
  }
  return entries;
}

/** A name may hold U+FFFD itself; one that stands for bytes that are no UTF-8 cannot be carried into an image, as with BuildKit. */
function refuseUnreadableName(at: string, path: string, context: string): void {
  for (const bytes of readdirSync(at, { encoding: "buffer" })) {
    if (Buffer.from(bytes.toString("utf8"), "utf8").equals(bytes)) continue;
    const shown = bytes.toString("latin1").replace(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
    throw new ProblemError("context-unreadable", {
      message: `the context "${context}" has a file whose name is not UTF-8: "${path === "" ? "" : `${path}/`}${shown}"`,
      hint: path === "" ? "rename it" : "rename it, or leave its folder out by .dockerignore",
    });
  }
}
