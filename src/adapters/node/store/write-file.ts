import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Lease } from "./lease.ts";
import { makeFolder } from "./make-folder.ts";
import { guarded, isErrno } from "./problem.ts";

/**
 * Puts a whole small file in place in one step: others see the old content or the new.
 * @param durable  waits until it is on the disk
 * @throws {ProblemError} `disk-full` | `store-unusable`
 */
export function writeWhole(lease: Lease, path: string, bytes: Uint8Array | string, durable: boolean): void {
  const draft = lease.ingestPath();
  guarded(path, () => {
    try {
      writeDraft(draft, typeof bytes === "string" ? Buffer.from(bytes) : bytes, durable);
      inFolder(path, () => renameSync(draft, path));
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
    if (durable) syncFolder(dirname(path));
  });
}

/** Writes a file of the ingest folder from start to end. */
export function writeDraft(draft: string, bytes: Uint8Array, durable: boolean): void {
  const fd = openSync(draft, "wx", 0o644);
  try {
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(fd, bytes, at);
    if (durable) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Links a finished draft to its place; false when something is there already. */
export function linkInto(draft: string, path: string): boolean {
  try {
    inFolder(path, () => linkSync(draft, path));
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
}

/** Makes the folder of `path` only when it turns out to be missing. */
function inFolder(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    makeFolder(dirname(path));
    act();
  }
}

/** A name is on the disk once its folder is. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } catch (error) {
    // Windows has no such thing.
    if (!isErrno(error, "EPERM", "EISDIR", "EINVAL")) throw error;
  } finally {
    closeSync(fd);
  }
}
