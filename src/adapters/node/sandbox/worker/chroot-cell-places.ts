import { lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { within } from "../cell/path-refusal.ts";
import { CellRefusal } from "../cell/refusal.ts";
import { makeInRoot, placeInRoot } from "../cell/root-path.ts";
import { noteStub, parentTime, removeStubs, type Stub } from "../cell/stubs.ts";
import { libc } from "../libc.ts";
import { namesIn, osPath } from "./overlay-form.ts";

/** Things that stand in a copied root while a program runs, where nothing can be mounted: what was in their place is put aside and comes back. */
export interface Places {
  /**
   * @param target  a path of the root, made where it is missing
   * @param put     makes or moves the thing to this path
   * @param take    takes it back from there; absent: it is removed
   */
  put(target: string, kind: "folder" | "file", put: (at: string) => void, take?: (at: string) => void): void;
  /** Everything as it was, the last first. Once. @throws {CellRefusal} where the program has moved what it must not; all else is back then */
  undo(): void;
}

interface Placed {
  readonly target: string;
  readonly path: string;
  readonly at: string;
  readonly inode: bigint;
  readonly aside: string;
  readonly parentBefore: bigint;
  readonly parentAfter: bigint;
  readonly take: (at: string) => void;
}

/** @param asides  a folder of the same file system as `root` */
export function rootPlaces(root: string, asides: string): Places {
  const placed: Placed[] = [];
  const stubs: Stub[] = [];
  return {
    put(target, kind, put, take = remove) {
      const path = within(target, () => {
        const before = placeInRoot(root, target);
        if (before.kind === "absent") {
          makeInRoot(root, target, kind, (made) => stubs.push(noteStub(root, made, made === before.path ? kind : "folder")));
        } else if (before.kind !== kind) {
          throw new CellRefusal({ code: "run-failed", message: `"${target}" is a ${before.kind} in the stage; what is to be put there is a ${kind}` });
        }
        return before.path;
      });
      if (path === "")
        throw new CellRefusal({ code: "run-failed", message: `nothing can be put in the place of the whole root ("${target}") in a container without mounts` });
      const at = `${root}/${path}`;
      const aside = `${asides}/aside${placed.length}`;
      const parentBefore = parentTime(root, path);
      renameSync(at, aside);
      try {
        put(at);
      } catch (error) {
        rmSync(at, { recursive: true, force: true });
        renameSync(aside, at);
        throw error;
      }
      placed.push({ target, path, at, inode: inodeOf(at) ?? 0n, aside, parentBefore, parentAfter: parentTime(root, path), take });
    },
    undo() {
      const moved: string[] = [];
      for (const thing of placed.reverse()) {
        const { path, at, aside } = thing;
        if (!reachedPlainly(root, path) || inodeOf(at) !== thing.inode) {
          moved.push(thing.target);
          removeInode(root, thing.inode);
          continue;
        }
        const before = parentTime(root, path);
        const is = lstatSync(at, { bigint: true });
        thing.take(at);
        // A link from elsewhere in the root, which a real mount would have refused.
        if (!is.isDirectory() && is.nlink > 1n) removeInode(root, is.ino);
        renameSync(aside, at);
        const parent = path.includes("/") ? `${root}/${path.slice(0, path.lastIndexOf("/"))}` : root;
        libc().setTimes(parent, lstatSync(parent, { bigint: true }).atimeNs, before === thing.parentAfter ? thing.parentBefore : before);
      }
      removeStubs(root, stubs);
      if (moved.length === 0) return;
      throw new CellRefusal({
        code: "run-failed",
        message: `the program moved or replaced "${moved[0]}", where something is mounted while a step runs`,
        hint: "leave the targets of mounts where they are",
      });
    },
  };
}

const remove = (at: string): void => rmSync(at, { recursive: true, force: true });
const inodeOf = (at: string): bigint | undefined => lstatSync(at, { bigint: true, throwIfNoEntry: false })?.ino;

/** A program that swaps a folder for a link must not lead us out of the root. */
function reachedPlainly(root: string, path: string): boolean {
  const parts = path.split("/").slice(0, -1);
  return parts.every((_, at) => lstatSync([root, ...parts.slice(0, at + 1)].join("/"), { throwIfNoEntry: false })?.isDirectory() === true);
}

/** All names of a file or folder, wherever in the root it was moved: it may be a secret. */
function removeInode(root: string, inode: bigint): void {
  const folders = [root];
  for (const folder of folders) {
    for (const name of namesIn(folder)) {
      const at = `${folder}/${name}`;
      const stat = lstatSync(osPath(at), { bigint: true });
      if (stat.ino === inode) rmSync(osPath(at), { recursive: true, force: true });
      else if (stat.isDirectory()) folders.push(at);
    }
  }
}

/** A folder that things are put aside in. */
export function asidesFolder(work: string): string {
  const path = `${work}/mounts/asides`;
  mkdirSync(path, { mode: 0o700 });
  return path;
}
