import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { copyTree } from "./copy-tree.ts";

/**
 * Makes a cache's folder where it is new: with what `seed` names, or empty and with the wanted owner and mode. Its name appears when all of it is there.
 * @param seed  a folder; asked only when it is needed
 */
export function prepareCache(
  folder: string,
  wanted: { readonly mode: number; readonly uid: number; readonly gid: number },
  seed: () => string | undefined,
): void {
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true });
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  const from = seed();
  if (from === undefined) mkdirSync(part);
  else copyTree(from, part);
  if (from === undefined) {
    try {
      chownSync(part, wanted.uid, wanted.gid);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
    }
    chmodSync(part, wanted.mode);
  }
  try {
    renameSync(part, folder);
  } catch (error) {
    // Another program of this warden was faster, and has its own things there by now.
    if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    rmSync(part, { recursive: true, force: true });
  }
}
