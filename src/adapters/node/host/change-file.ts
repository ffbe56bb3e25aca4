import { randomBytes } from "node:crypto";
import { closeSync, fchmodSync, fchownSync, fsyncSync, lstatSync, openSync, readFileSync, renameSync, rmdirSync, rmSync, type Stats, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { ProblemError } from "../../../core/problem.ts";
import type { DoneChange, HostChange } from "../../../host/fix/change.ts";
import type { Kept } from "../../../host/fix/changer.ts";
import { unwritable } from "../output/unwritable.ts";
import { makeFolder } from "../store/make-folder.ts";
import { isErrno } from "../store/problem.ts";
import { syncFolder } from "../store/write-file.ts";

export type FileChange = Extract<HostChange, { kind: "file" }>;
type DoneFile = DoneChange & { readonly change: FileChange };

/** Of a file that was not there before. */
const NEW_FILE_MODE = 0o644;
const NEW_FOLDER_MODE = 0o755;

/** Whether a file has been marked as one that nobody is to write; false when it is not there. */
export const isReadOnly = (path: string): boolean => {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && (stats.mode & 0o222) === 0;
};

/** Keeps the former content at `backup`, byte for byte. @throws {ProblemError} `host-changed` | `file-unwritable` | `disk-full` */
export function keepFile(change: FileChange, backup: string): Kept {
  const { path } = change;
  return guarded(path, () => {
    const stats = regular(path);
    refuseOther(change, stats);
    if (stats === undefined) {
      const folder = dirname(path);
      return lstatSync(folder, { throwIfNoEntry: false }) === undefined ? { madeFolder: folder } : {};
    }
    writeDurably(backup, readFileSync(path), { mode: 0o600 });
    return { backup, mode: stats.mode & 0o7777, userId: stats.uid, groupId: stats.gid };
  });
}

/** Puts the new content in its place in one step; mode and owner stay. @throws as {@link keepFile} */
export function makeFile(change: FileChange): void {
  const { path, after } = change;
  guarded(path, () => {
    const stats = regular(path);
    refuseOther(change, stats);
    if (stats === undefined) makeFolder(dirname(path), NEW_FOLDER_MODE);
    writeDurably(path, Buffer.from(after), stats === undefined ? { mode: NEW_FILE_MODE } : { mode: stats.mode & 0o7777, owner: stats });
  });
}

/** Why a file is not as it was left; undefined also when it is as it was before. */
export function fileDiffers({ change, state, mode, userId, groupId }: DoneFile): string | undefined {
  const { path, after, before } = change;
  return guarded(path, () => {
    const stats = regular(path);
    const text = stats === undefined ? undefined : readFileSync(path).toString("utf8");
    if (text === before) return undefined;
    if (text === undefined) return `"${path}" is gone`;
    if (text !== after) return `"${path}" has been changed since`;
    if (stats === undefined || state === "begun" || mode === undefined) return undefined;
    if ((stats.mode & 0o7777) !== mode) return `the mode of "${path}" has been changed since`;
    return stats.uid === userId && stats.gid === groupId ? undefined : `the owner of "${path}" has been changed since`;
  });
}

/** The former content, mode and owner; a file that was made is removed, with its folder. @throws {ProblemError} `host-changed` when it is another one by now */
export function restoreFile(done: DoneFile): void {
  const { change, backup, mode = NEW_FILE_MODE, userId, groupId, madeFolder } = done;
  const { path, before, after } = change;
  guarded(path, () => {
    const stats = regular(path);
    const text = stats === undefined ? undefined : readFileSync(path).toString("utf8");
    if (text !== before) {
      if (text !== after) throw otherFile(path);
      if (before === undefined) {
        rmSync(path);
        syncFolder(dirname(path));
      } else {
        const owner = userId === undefined || groupId === undefined ? {} : { owner: { uid: userId, gid: groupId } };
        writeDurably(path, backup === undefined ? Buffer.from(before) : readFileSync(backup), { mode, ...owner });
      }
    }
    if (madeFolder !== undefined) removeEmpty(madeFolder);
  });
}

function regular(path: string): Stats | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.isFile()) return stats;
  throw otherFile(path);
}

function refuseOther({ path, before }: FileChange, stats: Stats | undefined): void {
  if ((stats === undefined ? undefined : readFileSync(path).toString("utf8")) !== before) throw otherFile(path);
}

const otherFile = (path: string): ProblemError =>
  new ProblemError("host-changed", { message: `"${path}" was changed by someone else meanwhile, and is left alone`, hint: "look at it, and run this again" });

interface Marks {
  readonly mode: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** Others see the old content or the new; both it and its name are on the disk when this returns. */
export function writeDurably(path: string, bytes: Uint8Array, { mode, owner }: Marks): void {
  const draft = join(dirname(path), `.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const fd = openSync(draft, "wx", 0o600);
    try {
      for (let at = 0; at < bytes.byteLength; ) at += writeSync(fd, bytes, at);
      // The owner first: a change of owner takes bits of the mode away.
      if (owner !== undefined && (owner.uid !== process.getuid?.() || owner.gid !== process.getgid?.())) fchownSync(fd, owner.uid, owner.gid);
      fchmodSync(fd, mode);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENOTEMPTY", "EEXIST")) throw error;
  }
}

function guarded<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw unwritable(path, error);
  }
}
