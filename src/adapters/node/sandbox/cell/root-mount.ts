import { mkdirSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { LibcError, libc, MS } from "../libc.ts";
import { CellRefusal } from "./refusal.ts";

/** The kernel takes a page of options, and cuts off the rest without a word. */
const MAX_OPTION_BYTES = 4000;
/** Folders that the kernel lays below each other in one mount. Source: Linux 6.18 fs/overlayfs/params.h, read 2026-11-22. */
const MAX_LOWER = 500;
/** One of the folders of a mount may itself be a mount of so many, and no deeper. */
export const MAX_LAYERS = MAX_LOWER - 1 + MAX_LOWER;

/** Where short names of lower folders lie, in the folder of the program. */
const LINKS = "l";
/** Folders there for where there are too few layers. */
const EMPTY = ["e", "f"] as const;

/** An overlay to be mounted; all paths relative to the folder of the program. */
export interface Overlay {
  /** Lowest first. */
  readonly lower: readonly string[];
  /** Absent: read-only. */
  readonly upper?: { readonly files: string; readonly work: string };
  readonly target: string;
}

/**
 * Mounts overlays. The thread's working directory is the program's folder; names of the layers become links there, which are short however many there are.
 * The one for upper files is `volatile`: they count only until the machine stops, and need not be written to the disk before.
 */
export function overlayMounter(): (overlay: Overlay) => void {
  const names = new Map<string, string>();
  mkdirSync(LINKS);
  for (const empty of EMPTY) mkdirSync(join(LINKS, empty));
  const nameOf = (folder: string): string => {
    const known = names.get(folder);
    if (known !== undefined) return known;
    const name = names.size.toString(36);
    symlinkSync(relative(LINKS, folder), join(LINKS, `_${name}`));
    names.set(folder, `_${name}`);
    return `_${name}`;
  };
  let merged = 0;
  /** The lowest of too many as one read-only folder. */
  const few = (top: readonly string[]): readonly string[] => {
    if (top.length <= MAX_LOWER) return top;
    const name = `m${merged++}`;
    mkdirSync(join(LINKS, name));
    mountNamed(top.slice(MAX_LOWER - 1), undefined, join(LINKS, name));
    return [...top.slice(0, MAX_LOWER - 1), name];
  };
  return ({ lower, upper, target }) => {
    if (lower.length > MAX_LAYERS)
      throw new CellRefusal({
        code: "run-failed",
        message: `the step is upon ${lower.length} layers, and the kernel lays no more than ${MAX_LAYERS} upon each other`,
        hint: "put steps together, or begin from a base with fewer layers",
      });
    mountNamed(few([...lower].reverse().map(nameOf)), upper, target);
  };
}

/** @param top  names in the folder of names, topmost first */
function mountNamed(top: readonly string[], upper: Overlay["upper"], target: string): void {
  const lib = libc();
  // Without an upper folder the kernel wants two lower ones.
  const all = [...top, ...EMPTY.slice(0, Math.max(0, (upper === undefined ? 2 : 1) - top.length))];
  const base = `lowerdir=${all.join(":")}${upper === undefined ? "" : `,upperdir=../${upper.files},workdir=../${upper.work}`},userxattr`;
  if (Buffer.byteLength(base) > MAX_OPTION_BYTES) throw new Error(`the names of ${top.length} layers are longer than the kernel takes them`);
  lib.chdir(LINKS);
  try {
    try {
      lib.mount("overlay", join("..", target), "overlay", 0, upper === undefined ? base : `${base},volatile`);
    } catch (error) {
      if (upper === undefined || !(error instanceof LibcError) || error.code !== "EINVAL") throw error;
      lib.mount("overlay", join("..", target), "overlay", 0, base);
    }
  } finally {
    lib.chdir("..");
  }
}

/** Binds a folder or file; what is mounted below it comes along where `recursive`. */
export function bind(source: string, target: string, recursive = false): void {
  libc().mount(source, target, null, MS.BIND | (recursive ? MS.REC : 0), null);
}

/** Adds to a mount's attributes (`MOUNT_ATTR`). */
export function restrict(target: string, attributes: number, recursive = false): void {
  const lib = libc();
  try {
    lib.mountAttributes(target, attributes, recursive);
  } catch (error) {
    // Kernel before 5.12. Attributes have the same numbers as the flags.
    if (!(error instanceof LibcError) || error.code !== "ENOSYS") throw error;
    lib.mount("none", target, null, MS.BIND | MS.REMOUNT | attributes, null);
  }
}
