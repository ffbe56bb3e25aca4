import { lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { libc } from "../libc.ts";

/** Something made in a root to mount upon. */
export interface Stub {
  /** In the root; neither links nor dots nor a leading slash. */
  readonly path: string;
  readonly kind: "folder" | "file";
  /** Of the thing in the upper folder. */
  readonly inode: bigint;
}

/** Notes what was made at `path` just now. `upper` has the files that are written in the root. */
export function noteStub(upper: string, path: string, kind: Stub["kind"]): Stub {
  return { path, kind, inode: timesOf(`${upper}/${path}`).ino };
}

/** The time of the folder that `path` is in. */
export function parentTime(root: string, path: string): bigint {
  return timesOf(parentOf(root, path)).mtimeNs;
}

/**
 * Takes away what was made to mount upon, the innermost first: only what is still the same thing, and empty, and is reached without a link. The folders that they were in
 * keep the time at which they were made, or that of a later change, as with BuildKit. Runs when no program can be at the files any more.
 */
export function removeStubs(upper: string, stubs: readonly Stub[]): void {
  for (const stub of [...stubs].reverse()) {
    if (!reachedPlainly(upper, stub.path)) continue;
    const path = `${upper}/${stub.path}`;
    const is = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (is === undefined || is.ino !== stub.inode) continue;
    if (stub.kind === "folder" ? !is.isDirectory() || readdirSync(path).length > 0 : !is.isFile() || is.size > 0n || is.nlink > 1n) continue;
    const parent = parentOf(upper, stub.path);
    const { mtimeNs, atimeNs } = timesOf(parent);
    if (stub.kind === "folder") rmdirSync(path);
    else unlinkSync(path);
    libc().setTimes(parent, atimeNs, mtimeNs);
  }
}

function reachedPlainly(root: string, path: string): boolean {
  const parts = path.split("/").slice(0, -1);
  return parts.every((_, at) => lstatSync([root, ...parts.slice(0, at + 1)].join("/"), { throwIfNoEntry: false })?.isDirectory() === true);
}

const parentOf = (root: string, path: string): string => (path.includes("/") ? `${root}/${path.slice(0, path.lastIndexOf("/"))}` : root);
const timesOf = (path: string): { ino: bigint; mtimeNs: bigint; atimeNs: bigint } => lstatSync(path, { bigint: true });
