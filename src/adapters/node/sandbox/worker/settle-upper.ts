import { lstatSync, rmdirSync, unlinkSync } from "node:fs";
import { libc } from "../libc.ts";
import { isSame } from "./changes-same.ts";
import { lowerView } from "./lower-view.ts";
import { clearOpaque, clearOwnForms, isUpperOpaque, isUpperWhiteout, makeWhiteout, namesIn, osPath } from "./overlay-form.ts";

/**
 * Makes of an upper folder what unpacking the archive of its changes would give: copies of files that are as they were go away, and marks of hiding hide no more
 * than the archive's whiteouts do. Without it a layer that changes nothing would bring files of the image that it was made on into others.
 * @param of.lower  lowest first
 */
export function settleUpper(of: { readonly upper: string; readonly lower: readonly string[] }): void {
  const { upper } = of;
  const lower = lowerView(of.lower);

  /** @returns whether anything of the folder is left */
  function folder(path: string, opaque: boolean): boolean {
    const stat = lstatSync(osPath(at(path)), { bigint: true });
    const { atimeNs, mtimeNs } = stat;
    clearOwnForms(at(path), stat);
    const left = contents(path, opaque);
    libc().setTimes(osPath(at(path)), atimeNs, mtimeNs);
    return left;
  }

  function contents(path: string, opaque: boolean): boolean {
    const own = namesIn(at(path));
    let left = false;
    for (const name of own) if (one(path === "" ? name : `${path}/${name}`, opaque)) left = true;
    if (!opaque) return left;
    const here = new Set(own);
    for (const name of lower.names(path)) {
      if (here.has(name)) continue;
      makeWhiteout(`${at(path)}/${name}`);
      left = true;
    }
    return left;
  }

  function one(path: string, inOpaque: boolean): boolean {
    const here = at(path);
    const stat = lstatSync(osPath(here), { bigint: true });
    const below = lower.find(path);
    if (isUpperWhiteout(stat) || stat.isSocket()) {
      if (below !== undefined && !stat.isSocket()) return true;
      unlinkSync(osPath(here));
      return false;
    }
    const same = below !== undefined && isSame(below, { at: here, stat });
    if (stat.isDirectory()) {
      const wasOpaque = inOpaque || isUpperOpaque(here);
      const isMerged = below?.stat.isDirectory() === true;
      if (isMerged) clearOpaque(here);
      const left = folder(path, below !== undefined && wasOpaque);
      if (left || !same) return true;
      rmdirSync(osPath(here));
      return false;
    }
    // Under another name of the file, which is new, the archive may have it.
    if (!same || (inOpaque && stat.nlink > 1n)) {
      clearOwnForms(here, stat);
      return true;
    }
    unlinkSync(osPath(here));
    return false;
  }

  const at = (path: string): string => (path === "" ? upper : `${upper}/${path}`);
  folder("", false);
}
