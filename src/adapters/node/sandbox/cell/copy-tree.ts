import { chmodSync, constants, copyFileSync, lchownSync, linkSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { libc } from "../libc.ts";

/** Copies a folder with owners, modes, times, extended attributes and hard links; sockets and devices are left out. `to` is made. */
export function copyTree(from: string, to: string): void {
  const links = new Map<bigint, Buffer>();
  const lib = libc();
  // Names are bytes: not all of them are texts.
  const copy = (source: Buffer, target: Buffer): void => {
    const stat = lstatSync(source, { bigint: true });
    const first = stat.nlink > 1n && !stat.isDirectory() ? links.get(stat.ino) : undefined;
    if (first !== undefined) {
      linkSync(first, target);
      return;
    }
    if (stat.isDirectory()) {
      mkdirSync(target);
      for (const name of readdirSync(source, { encoding: "buffer" })) copy(below(source, name), below(target, name));
    } else if (stat.isSymbolicLink()) symlinkSync(readlinkSync(source, { encoding: "buffer" }), target);
    else if (stat.isFile()) copyFileSync(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    else if (stat.isFIFO()) lib.mknod(target, Number(stat.mode), 0, 0);
    else return;
    if (stat.nlink > 1n) links.set(stat.ino, target);
    lchownSync(target, Number(stat.uid), Number(stat.gid));
    if (!stat.isSymbolicLink()) chmodSync(target, Number(stat.mode & 0o7777n));
    for (const name of lib.listXattr(source)) {
      const value = name.startsWith("trusted.") ? undefined : lib.getXattr(source, name);
      if (value !== undefined) lib.setXattr(target, name, value);
    }
    lib.setTimes(target, stat.atimeNs, stat.mtimeNs);
  };
  copy(Buffer.from(from), Buffer.from(to));
}

const SLASH = Buffer.from("/");
const below = (folder: Buffer, name: Buffer): Buffer => Buffer.concat([folder, SLASH, name]);
