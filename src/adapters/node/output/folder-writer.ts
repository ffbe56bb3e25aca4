import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ProblemError } from "../../../core/problem.ts";
import type { FolderWriter } from "../../../engine/output/ports.ts";
import type { LayerEntry } from "../../../image/entry.ts";
import { unwritable } from "./unwritable.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY, O_RDONLY, O_DIRECTORY } = constants;

/**
 * Puts entries into `root`. Every folder on the way is one that this writer made or looked at, never a link: what an image, or an older export, left
 * there cannot lead a file elsewhere. Existing folders are kept and merged into.
 */
export function folderWriter(root: string, shown: string): FolderWriter {
  /** Folders that are known to be folders, with the entry whose mode and time they get. */
  const folders = new Map<string, LayerEntry | undefined>([["", undefined]]);

  /** The path on the machine, once every folder on the way is sure to be one. */
  function target(path: string): string {
    const parts = path.split("/");
    if (parts.some((part) => part === "" || part === "." || part === "..")) throw new Error(`"${path}" is no clean path`);
    for (let i = 1; i < parts.length; i++) enter(parts.slice(0, i).join("/"));
    return join(root, path);
  }

  function enter(path: string): void {
    if (folders.has(path)) return;
    const at = join(root, path);
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat !== undefined && !stat.isDirectory()) rmSync(at);
    if (stat === undefined || !stat.isDirectory()) mkdirSync(at, 0o700);
    else if ((stat.mode & 0o700) !== 0o700) chmodFolder(at, stat.mode | 0o700);
    folders.set(path, undefined);
  }

  /** Makes room; a folder goes only when it is empty. */
  function clear(path: string, at: string): void {
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (!stat.isDirectory()) {
      rmSync(at);
      return;
    }
    try {
      rmdirSync(at);
      folders.delete(path);
    } catch (error) {
      throw new ProblemError("output-conflict", {
        message: `"${join(shown, path)}" is a folder that holds something, and the image has no folder there`,
        hint: "remove it, or write to another folder",
        cause: error,
        facts: { path },
      });
    }
  }

  const guarded = <T>(path: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw unwritable(join(shown, path), error);
    }
  };

  return {
    put: (entry) =>
      guarded(entry.path, () => {
        const at = target(entry.path);
        if (entry.type === "directory") {
          enter(entry.path);
          folders.set(entry.path, entry);
          return;
        }
        clear(entry.path, at);
        if (entry.type === "symlink") {
          symlinkSync(entry.link ?? "", at);
          lutimesSync(at, timeOf(entry), timeOf(entry));
        } else if (entry.type === "hardlink") linkSync(target(entry.link ?? ""), at);
        else throw new Error(`a ${entry.type} is not put into a folder`);
      }),
    file(entry) {
      const at = guarded(entry.path, () => target(entry.path));
      const temporary = join(dirname(at), `.${randomBytes(6).toString("hex")}.tmp`);
      const fd = guarded(entry.path, () => openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600));
      let open = true;
      const abort = (): void => {
        if (open) closeSync(fd);
        open = false;
        rmSync(temporary, { force: true });
      };
      const orAbort = (work: () => void): void => {
        try {
          guarded(entry.path, work);
        } catch (error) {
          abort();
          throw error;
        }
      };
      return {
        abort,
        write: (chunk) =>
          orAbort(() => {
            for (let done = 0; done < chunk.byteLength; ) done += writeSync(fd, chunk, done);
          }),
        end: () =>
          orAbort(() => {
            fchmodSync(fd, entry.mode);
            futimesSync(fd, timeOf(entry), timeOf(entry));
            closeSync(fd);
            open = false;
            if (lstatSync(at, { throwIfNoEntry: false })?.isDirectory() === true) clear(entry.path, at);
            renameSync(temporary, at);
          }),
      };
    },
    close() {
      // Deepest first: setting the time of a folder changes nothing above it, but a mode may shut what lies below.
      for (const [path, entry] of [...folders].reverse()) {
        if (entry === undefined) continue;
        guarded(path, () => {
          const at = join(root, path);
          chmodFolder(at, entry.mode);
          utimesSync(at, timeOf(entry), timeOf(entry));
        });
      }
    },
  };
}

// A number below zero would mean now to Node; a date before 1970 means itself.
const timeOf = (entry: LayerEntry): Date => new Date(entry.mtime * 1000);

/** Never through a link that was put in the folder's place. */
function chmodFolder(path: string, mode: number): void {
  const fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    fchmodSync(fd, mode & 0o7777);
  } finally {
    closeSync(fd);
  }
}
