import { chmodSync, fchmodSync, fchownSync, futimesSync, lchownSync, lutimesSync } from "node:fs";
import type { LayerEntry } from "../../../../image/entry.ts";
import { LibcError, libc } from "../libc.ts";
import { OWNER_XATTR } from "../protocol.ts";
import { osPath } from "./overlay-form.ts";

/**
 * Gives an open file owner, attributes, mode and times, in the order in which the kernel keeps them: a new owner takes setuid and capabilities away.
 * @param umask  that the file was made with; its mode was asked for then
 */
export function describeOpenFile(fd: number, at: string, entry: LayerEntry, ids: number, umask: number): void {
  fchownSync(fd, owned(entry.uid, ids), owned(entry.gid, ids));
  giveXattrs(at, entry, ids);
  if ((entry.mode & (umask | 0o7000)) !== 0) fchmodSync(fd, entry.mode);
  futimesSync(fd, entry.mtime, entry.mtime);
}

/** The same for what is not a file with content. */
export function describeFile(at: string, entry: LayerEntry, ids: number): void {
  const path = osPath(at);
  lchownSync(path, owned(entry.uid, ids), owned(entry.gid, ids));
  giveXattrs(at, entry, ids);
  if (entry.type !== "symlink") chmodSync(path, entry.mode);
  lutimesSync(path, entry.mtime, entry.mtime);
}

const owned = (id: number, ids: number): number => (id < ids ? id : 0);

function giveXattrs(at: string, entry: LayerEntry, ids: number): void {
  // Others cannot have attributes of users, nor capabilities.
  if (entry.type !== "file" && entry.type !== "directory") return;
  if (entry.uid >= ids || entry.gid >= ids) libc().setXattr(osPath(at), OWNER_XATTR, Buffer.from(`${entry.uid}:${entry.gid}`));
  for (const [name, value] of entry.xattrs ?? []) {
    if (!isKept(name, entry)) continue;
    try {
      libc().setXattr(osPath(at), name, value);
    } catch (error) {
      // Not for this file system, too large for it, or not sound: the file is what counts.
      if (!(error instanceof LibcError)) throw error;
    }
  }
}

/** Of an archive's attributes those that mean something in a sandbox and cannot pose as ours or as overlay's. */
function isKept(name: string, entry: LayerEntry): boolean {
  if (name === "security.capability") return entry.type === "file";
  return name.startsWith("user.") && !name.startsWith("user.overlay.") && !name.startsWith("user.multihull.") && !name.includes("\0");
}
