import { closeSync, fstatSync, openSync, readdirSync, readSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { byCodeUnit } from "../../core/order.ts";
import type { FileRead, RepositoryFiles } from "../../simulate/files.ts";

/** Bytes of one file of a repository. Workflows, Dockerfiles, bake files and Makefiles are far smaller. */
const LARGEST_FILE_BYTES = 10 * 1024 * 1024;

/** The files of a folder on disk, read when they are asked for, each once. */
export function openRepository(root: string): RepositoryFiles {
  const reads = new Map<string, FileRead>();
  const lists = new Map<string, readonly string[]>();
  const realRoot = real(root);
  return {
    read: (path) => kept(reads, plain(path), (name) => (realRoot === undefined ? MISSING : readWithin(realRoot, name))),
    list: (folder) => kept(lists, plain(folder), (name) => (realRoot === undefined ? [] : listWithin(realRoot, name))),
  };
}

/** `./a//b/` and `a/b` are one file. */
const plain = (path: string): string => posix.normalize(path).replace(/\/$/, "");

const MISSING: FileRead = { kind: "missing" };

function kept<T>(memory: Map<string, T>, key: string, make: (key: string) => T): T {
  const there = memory.get(key);
  if (there !== undefined) return there;
  const made = make(key);
  memory.set(key, made);
  return made;
}

function readWithin(root: string, path: string): FileRead {
  const at = locate(root, path);
  if (at === undefined) return MISSING;
  try {
    // Looked at before it is opened: opening a fifo waits for whoever writes to it.
    const kind = statSync(at);
    if (kind.isDirectory()) return MISSING;
    if (!kind.isFile()) return { kind: "refused", reason: "it is no regular file" };
    return readText(path, at);
  } catch (error) {
    return { kind: "refused", reason: codeOf(error) };
  }
}

function readText(path: string, at: string): FileRead {
  const bytes = readUpTo(at, LARGEST_FILE_BYTES + 1);
  if (bytes.byteLength > LARGEST_FILE_BYTES) {
    return { kind: "refused", reason: `it has more than the ${LARGEST_FILE_BYTES / 1024 / 1024} MB that we read of a file` };
  }
  const mark = bytes.subarray(0, 2).toString("latin1");
  if (mark === "\xff\xfe" || mark === "\xfe\xff") return { kind: "refused", reason: "it is UTF-16, and UTF-8 is wanted" };
  if (bytes.includes(0)) return { kind: "refused", reason: "it is binary, and a text is wanted" };
  // The decoder takes a byte-order mark off, and replaces what is no UTF-8.
  return { kind: "text", file: { name: path, text: new TextDecoder().decode(bytes) } };
}

function readUpTo(at: string, limit: number): Buffer {
  const fd = openSync(at, "r");
  try {
    const size = Math.min(limit, fstatSync(fd).size + 1);
    const bytes = Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < size) {
      const read = readSync(fd, bytes, filled, size - filled, null);
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(fd);
  }
}

function listWithin(root: string, folder: string): readonly string[] {
  const at = locate(root, folder);
  if (at === undefined) return [];
  try {
    const entries = readdirSync(at, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() || (entry.isSymbolicLink() && leadsToFile(root, folder, entry.name)));
    return files.map((entry) => entry.name).sort(byCodeUnit);
  } catch {
    return [];
  }
}

function leadsToFile(root: string, folder: string, name: string): boolean {
  const at = locate(root, `${folder}/${name}`);
  return at !== undefined && kindOf(at)?.isFile() === true;
}

/** The real path of what lies in the repository; undefined when nothing is there, or a link leads out. */
function locate(root: string, path: string): string | undefined {
  if (path.includes("\0")) return undefined;
  const at = real(join(root, path));
  return at === root || at?.startsWith(root.endsWith(sep) ? root : root + sep) === true ? at : undefined;
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function kindOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "it failed";

/** What a path on the command line means. */
export interface RepositoryTarget {
  /** The repository's folder, absolute. */
  readonly root: string;
  /** The same as people reach it from where they stand: `.`, `../other`. */
  readonly shown: string;
  /** The one file that is named, relative to `root`; undefined for the whole repository. */
  readonly path: string | undefined;
}

/**
 * The repository that a path is or lies in. Of a file: the folder above its `.github`, else the nearest one that has a `.github` or `.git`, else its own.
 * Undefined when there is nothing at the path.
 */
export function findRepository(path: string): RepositoryTarget | undefined {
  const kind = kindOf(path);
  if (kind === undefined) return undefined;
  const at = resolve(path);
  const inGithub = at.split(sep).lastIndexOf(".github");
  const aboveGithub = inGithub > 0 ? at.split(sep).slice(0, inGithub).join(sep) || sep : undefined;
  const root = aboveGithub ?? (kind.isDirectory() ? at : (repositoryAbove(dirname(at)) ?? dirname(at)));
  return { root, shown: relative("", root) || ".", path: kind.isDirectory() ? undefined : relative(root, at).split(sep).join("/") };
}

function repositoryAbove(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (kindOf(join(at, ".github"))?.isDirectory() === true || kindOf(join(at, ".git")) !== undefined) return at;
    if (at === dirname(at)) return undefined;
  }
}
