import { chmodSync, constants, copyFileSync, lchownSync, linkSync, mkdirSync, readlinkSync, symlinkSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { ProblemError } from "../../../../core/problem.ts";
import { libc } from "../libc.ts";
import { type Found, lowerView } from "./lower-view.ts";
import { isOverlayXattr, osPath } from "./overlay-form.ts";

/** Files between two turns of the event loop. */
const FILES_A_TURN = 256;

/**
 * Puts layers together as copies, where overlay does not work. Names of one file stay names of one file; nothing is shared with the layers but what the file
 * system itself shares until it is written to.
 * @param lower  folders in overlay form, lowest first
 * @param root   an empty folder
 * @throws {ProblemError} `disk-full`
 */
export async function copyRoot(lower: readonly string[], root: string): Promise<void> {
  const view = lowerView(lower);
  const copies = new Map<string, string>();
  const folders: { readonly found: Found; readonly to: string }[] = [];
  let copied = 0;

  async function folder(path: string, found: Found): Promise<void> {
    const to = path === "" ? root : `${root}/${path}`;
    folders.push({ found, to });
    for (const name of view.names(path)) {
      const child = path === "" ? name : `${path}/${name}`;
      const there = view.find(child);
      if (there === undefined) continue;
      if (++copied % FILES_A_TURN === 0) await setImmediate();
      if (there.stat.isDirectory()) {
        mkdirSync(osPath(`${root}/${child}`), 0o700);
        await folder(child, there);
      } else copyFile(there, `${root}/${child}`);
    }
  }

  function copyFile(found: Found, to: string): void {
    const { stat, at } = found;
    const key = `${stat.dev}:${stat.ino}`;
    const first = stat.nlink > 1n ? copies.get(key) : undefined;
    if (first !== undefined) {
      linkSync(osPath(first), osPath(to));
      return;
    }
    if (stat.isFile()) copyFileSync(osPath(at), osPath(to), constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    else if (stat.isSymbolicLink()) symlinkSync(readlinkSync(osPath(at), { encoding: "buffer" }), osPath(to));
    else if (stat.isFIFO()) libc().mknod(osPath(to), S_IFIFO | 0o600, 0, 0);
    // Devices are not unpacked, sockets are in no archive.
    else return;
    if (stat.nlink > 1n) copies.set(key, to);
    describe(found, to);
  }

  try {
    const top = view.find("");
    if (top === undefined) return;
    await folder("", top);
    // From below: a folder may forbid to enter it, and what is made in it changes its time.
    for (const { found, to } of folders.reverse()) describe(found, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
    throw new ProblemError("disk-full", {
      message: "no room for a copy of a stage's files",
      hint: "free some room, or keep the store on a file system that overlay can use",
      cause: error,
    });
  }
}

const S_IFIFO = 0o010000;

/** Owner, attributes, mode and times, in the order in which the kernel keeps them. */
function describe({ at, stat }: Found, to: string): void {
  const path = osPath(to);
  lchownSync(path, Number(stat.uid), Number(stat.gid));
  if (stat.isFile() || stat.isDirectory()) {
    for (const name of libc().listXattr(osPath(at))) {
      if (name !== "security.capability" && (!name.startsWith("user.") || isOverlayXattr(name))) continue;
      const value = libc().getXattr(osPath(at), name);
      if (value !== undefined) libc().setXattr(path, name, value);
    }
  }
  if (!stat.isSymbolicLink()) chmodSync(path, Number(stat.mode & 0o7777n));
  libc().setTimes(path, stat.atimeNs, stat.mtimeNs);
}
