import type { BigIntStats } from "node:fs";
import { libc } from "../libc.ts";
import { OWNER_XATTR } from "../protocol.ts";
import { osPath } from "./overlay-form.ts";

/** Who a file belongs to: as its layer declared it where the namespace does not have the owner. */
export function ownerOf(at: string, stat: BigIntStats): { readonly uid: number; readonly gid: number } {
  // Only what could not be given away belongs to root in part, and only files and folders can carry a note.
  if ((stat.uid === 0n || stat.gid === 0n) && (stat.isFile() || stat.isDirectory())) {
    const told = /^([0-9]{1,10}):([0-9]{1,10})$/.exec(libc().getXattr(osPath(at), OWNER_XATTR)?.toString("latin1") ?? "");
    // Each by itself: whoever may write to a file can write a note, and nobody must make it root's that way.
    if (told !== null) return { uid: Number(stat.uid === 0n ? told[1] : stat.uid), gid: Number(stat.gid === 0n ? told[2] : stat.gid) };
  }
  return { uid: Number(stat.uid), gid: Number(stat.gid) };
}
