import { ProblemError } from "../../../../core/problem.ts";
import type { LayerEntry } from "../../../../image/entry.ts";
import { shown } from "../../../../image/tar/path.ts";

// What an archive has made so far, kept in memory: nothing on the disk is ever asked where a path leads. It follows the rules of `image/tree-merge.ts`: what the
// engine believes of a layer is what a program sees.

/** A folder of the layer. */
export interface MadeFolder {
  /** In the layer; no symlink in it. */
  readonly path: string;
  readonly children: Map<string, Made>;
  /** What the archive told of it last. */
  entry: LayerEntry | undefined;
  /** What lower layers tell of it holds. */
  implied: boolean;
  opaque: boolean;
}

/** `none`: a whiteout, or in its place what could not be made. */
export type Made = MadeFolder | { readonly link: string } | "file" | "none";

export const isFolder = (made: Made | undefined): made is MadeFolder => typeof made === "object" && "children" in made;
const isSymlink = (made: Made | undefined): made is { readonly link: string } => typeof made === "object" && "link" in made;

/** As `tree-merge.ts` has them. */
const IMPLIED_LIMIT = 500_000;
const FOLLOWED_LIMIT = 256 * 1024 * 1024;
const SYMLINK_LIMIT = 255;

export const newFolder = (path: string, implied: boolean): MadeFolder => ({ path, children: new Map(), entry: undefined, implied, opaque: false });

export class MadeNames {
  readonly root = newFolder("", true);
  readonly #makeFolder: (path: string, over: Made | undefined) => MadeFolder;
  #lastPath = "";
  #lastFolder = this.root;
  #implied = 0;
  #followed = 0;

  /** @param makeFolder  makes a folder that the archive has not told of, in the place of `over` */
  constructor(makeFolder: (path: string, over: Made | undefined) => MadeFolder) {
    this.#makeFolder = makeFolder;
  }

  /**
   * The folder at `path`, made where it is not: symlinks of this layer are followed inside the root.
   * @throws {ProblemError} `layer-invalid` | `limit-exceeded`
   */
  folder(path: string): MadeFolder {
    if (path === this.#lastPath) return this.#lastFolder;
    const folder = this.#walk(path, 0);
    this.#lastPath = path;
    this.#lastFolder = folder;
    return folder;
  }

  /** To be called when a folder is no more: paths may lead elsewhere. */
  forget(): void {
    this.#lastPath = "";
    this.#lastFolder = this.root;
  }

  /** What a hard link leads to: the folders on the way may be symlinks, the target itself is linked as it is. */
  target(entry: LayerEntry): { readonly path: string; readonly made: Made } {
    const wanted = entry.link ?? "";
    const todo = wanted.split("/").reverse();
    const folders = [this.root];
    let followed = 0;
    for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
      if (part === "" || part === ".") continue;
      if (part === "..") {
        if (folders.length > 1) folders.pop();
        continue;
      }
      const folder = folders.at(-1) as MadeFolder;
      const made = folder.children.get(part);
      const isLast = !todo.some((rest) => rest !== "" && rest !== ".");
      if (isFolder(made) && !isLast) folders.push(made);
      else if (isSymlink(made) && !isLast) {
        if (++followed > SYMLINK_LIMIT) throw circle(wanted);
        this.#countFollowed(made.link.length);
        if (made.link.startsWith("/")) folders.length = 1;
        todo.push(...made.link.split("/").reverse());
      } else if (made === undefined || made === "none" || !isLast) break;
      else if (isFolder(made)) throw badTarget(entry, "is a folder");
      else return { path: below(folder.path, part), made };
    }
    throw badTarget(entry, "is not in the same layer");
  }

  #walk(path: string, followed: number): MadeFolder {
    let at = this.root;
    let done = 0;
    for (const name of path === "" ? [] : path.split("/")) {
      const child = at.children.get(name);
      done += name.length + 1;
      if (isFolder(child)) {
        at = child;
      } else if (isSymlink(child)) {
        if (followed >= SYMLINK_LIMIT) throw circle(path);
        this.#countFollowed(path.length + child.link.length);
        return this.#walk(insideRoot(`${child.link.startsWith("/") ? "" : at.path}/${child.link}/${path.slice(done)}`), followed + 1);
      } else if (child === "file") {
        throw new ProblemError("layer-invalid", { message: `a layer has entries below ${shown(path.slice(0, done - 1))}, where it has a file itself` });
      } else {
        if (++this.#implied > IMPLIED_LIMIT) {
          throw new ProblemError("limit-exceeded", {
            message: `a layer has entries in more than ${IMPLIED_LIMIT} folders that it does not tell of`,
            facts: { limit: IMPLIED_LIMIT },
          });
        }
        const made = this.#makeFolder(below(at.path, name), child);
        at.children.set(name, made);
        at = made;
      }
    }
    return at;
  }

  #countFollowed(characters: number): void {
    this.#followed += characters;
    if (this.#followed <= FOLLOWED_LIMIT) return;
    throw new ProblemError("limit-exceeded", {
      message: `the paths of a layer lead through symbolic links of more than ${FOLLOWED_LIMIT} characters together`,
      facts: { limit: FOLLOWED_LIMIT },
    });
  }
}

export const below = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`);

function insideRoot(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

const circle = (path: string): ProblemError =>
  new ProblemError("limit-exceeded", { message: `${shown(path)} leads through more than ${SYMLINK_LIMIT} symbolic links`, facts: { limit: SYMLINK_LIMIT } });

const badTarget = (entry: LayerEntry, why: string): ProblemError =>
  new ProblemError("layer-invalid", {
    message: `the hard link ${shown(entry.path)} leads to ${shown(entry.link ?? "")}, which ${why}`,
    facts: { path: entry.path, target: entry.link ?? "" },
  });
