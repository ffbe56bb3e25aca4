import { lstatSync, mkdirSync, readlinkSync, type Stats, writeFileSync } from "node:fs";

/** As the kernel has it. */
const MAX_LINKS = 40;
const MAX_PARTS = 4096;
/** The place's fault: it is read-only, or in /proc, or its name is none. */
const UNMAKEABLE = ["EROFS", "ENOENT", "EACCES", "EPERM", "EINVAL", "ENAMETOOLONG"];

/** Where a path of a root leads: `path` has neither links nor dots, and no leading slash; `""` is the root. */
export interface PlaceInRoot {
  readonly path: string;
  readonly kind: "folder" | "file" | "absent";
}

/** Why a path leads nowhere: `ELOOP`, `ENOTDIR`, or what the file system said. */
export class RootPathError extends Error {
  override readonly name = "RootPathError";
  readonly code: string;

  constructor(code: string, path: string) {
    super(`${code}: ${path}`);
    this.code = code;
  }
}

/**
 * Follows a path as a program in the root would: a link to `/host` leads to the root's own `/host`, and `..` never out of it. Nothing must change the root meanwhile.
 * @param root  a folder; a relative path counts from the thread's working directory
 * @param last  whether a link at the very end is followed
 */
export function placeInRoot(root: string, path: string, last: "follow" | "keep" = "follow"): PlaceInRoot {
  const todo = path.split("/").reverse();
  const done: string[] = [];
  let links = 0;
  let absent = false;
  let stat: Stats | undefined;
  for (let steps = 0; todo.length > 0; steps++) {
    if (steps > MAX_PARTS) throw new RootPathError("ENAMETOOLONG", path);
    const part = todo.pop()!;
    if (part === "" || part === ".") continue;
    if (part === "..") {
      done.pop();
      absent = absent && entry(root, done) === undefined;
      continue;
    }
    if (!absent) {
      const parent = entry(root, done);
      if (parent !== undefined && !parent.isDirectory()) throw new RootPathError("ENOTDIR", path);
    }
    stat = absent ? undefined : entry(root, [...done, part]);
    if (stat?.isSymbolicLink() === true && (last === "follow" || todo.some((rest) => rest !== "" && rest !== "."))) {
      if (++links > MAX_LINKS) throw new RootPathError("ELOOP", path);
      const target = readlinkSync([root, ...done, part].join("/"));
      if (target.startsWith("/")) done.length = 0;
      todo.push(...target.split("/").reverse());
      continue;
    }
    done.push(part);
    absent = stat === undefined;
  }
  const end = entry(root, done);
  return { path: done.join("/"), kind: end === undefined ? "absent" : end.isDirectory() ? "folder" : "file" };
}

/**
 * As {@link placeInRoot}; what is missing is made: folders of mode 755, and at the end a folder or an empty file.
 * @param made  told of each thing made, parents first, before the next is made
 */
export function makeInRoot(root: string, path: string, kind: "folder" | "file", made: (path: string) => void): PlaceInRoot {
  const place = placeInRoot(root, path);
  if (place.kind !== "absent") return place;
  const parts = place.path.split("/");
  for (let count = 1; count <= parts.length; count++) {
    const at = parts.slice(0, count).join("/");
    const there = entry(root, parts.slice(0, count));
    if (there !== undefined) {
      if (!there.isDirectory()) throw new RootPathError("ENOTDIR", path);
      continue;
    }
    try {
      if (count === parts.length && kind === "file") writeFileSync(`${root}/${at}`, "", { mode: 0o755, flag: "wx" });
      else mkdirSync(`${root}/${at}`, { mode: 0o755 });
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      throw UNMAKEABLE.includes(code) ? new RootPathError(code, path) : error;
    }
    made(at);
  }
  return { path: place.path, kind };
}

function entry(root: string, parts: readonly string[]): Stats | undefined {
  try {
    return lstatSync([root, ...parts].join("/"), { throwIfNoEntry: false });
  } catch (error) {
    throw new RootPathError((error as NodeJS.ErrnoException).code ?? "EIO", `/${parts.join("/")}`);
  }
}
