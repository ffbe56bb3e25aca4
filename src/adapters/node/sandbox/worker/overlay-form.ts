import { type BigIntStats, readdirSync, type Stats } from "node:fs";
import { decodeName, encodeName } from "../../../../image/tar/name.ts";
import { LibcError, type LibcPath, libc } from "../libc.ts";

// A layer as overlay keeps it: a folder with what the layer has, character devices 0/0 for what it hides (whiteouts), and an attribute on folders that hide all
// that lower layers have in them (opaque). In a store that itself lies on overlay the kernel keeps these forms to itself; there we have our own, for copies.

const OPAQUE_XATTR = "user.overlay.opaque";
const OWN_OPAQUE_XATTR = "user.multihull.opaque";
const OWN_WHITEOUT_XATTR = "user.multihull.whiteout";
const IMPLIED_XATTR = "user.multihull.implied";
const OWN_FORMS = [OWN_OPAQUE_XATTR, OWN_WHITEOUT_XATTR, IMPLIED_XATTR];
const MARK = Buffer.from("y");
const S_IFCHR = 0o020000;

const NOT_UTF8 = /\p{Surrogate}/u;

/** A path of ours for node:fs and the C library: bytes where it is not UTF-8. */
export const osPath = (path: string): LibcPath => (NOT_UTF8.test(path) ? encodeName(path) : path);

/** Names in a folder, as {@link decodeName} gives them; in no order. */
export function namesIn(folder: string): string[] {
  const path = osPath(folder);
  const names = readdirSync(path);
  // What is not UTF-8 was read as U+FFFD.
  return names.some((name) => name.includes("\ufffd")) ? readdirSync(path, { encoding: "buffer" }).map((name) => decodeName(name)) : names;
}

/** Hides what lower layers have at `path`, where nothing is. */
export function makeWhiteout(path: string): void {
  const at = osPath(path);
  try {
    libc().mknod(at, S_IFCHR, 0, 0);
  } catch (error) {
    if (!(error instanceof LibcError && error.code === "EPERM")) throw error;
    const S_IFREG = 0o100000;
    libc().mknod(at, S_IFREG, 0, 0);
    libc().setXattr(at, OWN_WHITEOUT_XATTR, MARK);
  }
}

export function isWhiteout(path: string, stat: Stats | BigIntStats): boolean {
  if (stat.isCharacterDevice()) return Number(stat.rdev) === 0;
  // Nobody but we makes such a file: empty, and nobody may do anything with it.
  return Number(stat.size) === 0 && Number(stat.mode) === 0o100000 && libc().getXattr(osPath(path), OWN_WHITEOUT_XATTR) !== undefined;
}

/** Hides all that lower layers have in the folder at `path`. */
export function makeOpaque(path: string): void {
  const at = osPath(path);
  try {
    libc().setXattr(at, OPAQUE_XATTR, MARK);
  } catch (error) {
    if (!(error instanceof LibcError && (error.code === "EPERM" || error.code === "ENOTSUP"))) throw error;
    libc().setXattr(at, OWN_OPAQUE_XATTR, MARK);
  }
}

/** @param path  of a folder */
export function isOpaque(path: string): boolean {
  const at = osPath(path);
  return [OPAQUE_XATTR, OWN_OPAQUE_XATTR].some((name) => libc().getXattr(at, name)?.toString("latin1") === "y");
}

/** Takes back {@link makeOpaque}. */
export function clearOpaque(path: string): void {
  const at = osPath(path);
  for (const name of [OPAQUE_XATTR, OWN_OPAQUE_XATTR]) if (libc().getXattr(at, name) !== undefined) libc().removeXattr(at, name);
}

// In the upper folder of an overlay only the kernel's forms count. They cannot be forged: it gives programs other names for them, or refuses. Ours are nothing but
// attributes there, which any program can write; and copies of folders of the lower layers carry theirs.

/** As {@link isWhiteout}, in an upper folder. */
export const isUpperWhiteout = (stat: BigIntStats): boolean => stat.isCharacterDevice() && stat.rdev === 0n;

/** As {@link isOpaque}, in an upper folder. */
export const isUpperOpaque = (path: string): boolean => libc().getXattr(osPath(path), OPAQUE_XATTR)?.toString("latin1") === "y";

/** Takes away forms of ours that a program wrote, or that came with a copy, before the upper folder becomes a layer. */
export function clearOwnForms(path: string, stat: BigIntStats): void {
  // Others have no such attributes, or they mean nothing there.
  if (!stat.isDirectory() && !(stat.isFile() && stat.size === 0n)) return;
  const at = osPath(path);
  for (const name of libc().listXattr(at)) if (OWN_FORMS.includes(name)) libc().removeXattr(at, name);
}

/** Attributes that say how layers lie upon each other, not what a file is. */
export const isOverlayXattr = (name: string): boolean => name.startsWith("user.overlay.") || OWN_FORMS.includes(name);

/** Notes that the layer does not tell of the folder at `path`: what lower layers tell of it holds. */
export const makeImplied = (path: string): void => libc().setXattr(osPath(path), IMPLIED_XATTR, MARK);

/** @param path  of a folder */
export const isImplied = (path: string): boolean => libc().getXattr(osPath(path), IMPLIED_XATTR) !== undefined;
