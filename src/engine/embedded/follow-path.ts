import { posix } from "node:path";
import { ProblemError } from "../../core/problem.ts";
import type { FileView } from "./file-view.ts";

/** As continuity's RootPath (read 2026-11-22): more links than this are a circle. */
const MOST_LINKS = 255;

/**
 * Where a path leads inside the root of `view`: symlinks are followed, `..` stops at the root, parts that do not exist stay as they are.
 * @param path  with or without a leading slash
 * @param root  folder of `view` that is taken for the root
 * @returns path as in `LayerEntry`, still below `root`
 * @throws {ProblemError} `copy-conflict` when links go round in a circle
 */
export function followPath(view: Pick<FileView, "get">, path: string, options: { readonly followLast: boolean; readonly root?: string }): string {
  const prefix = options.root === undefined || options.root === "" ? "" : `${options.root}/`;
  let rest = partsOf(path);
  let done: string[] = [];
  let links = 0;
  while (rest.length > 0) {
    const [part, ...after] = rest as [string, ...string[]];
    const node = view.get(prefix + [...done, part].join("/"));
    if (node?.type !== "symlink" || (after.length === 0 && !options.followLast)) {
      done.push(part);
      rest = after;
      continue;
    }
    if (++links > MOST_LINKS) {
      throw new ProblemError("copy-conflict", {
        message: `"/${[...done, part].join("/")}" is a symlink that leads round in a circle`,
        hint: "name the place it was meant to lead to",
      });
    }
    const target = node.link ?? "";
    rest = [...partsOf(target.startsWith("/") ? target : posix.join("/", ...done, target)), ...after];
    done = [];
  }
  return (prefix + done.join("/")).replace(/\/$/, "");
}

const partsOf = (path: string): string[] =>
  posix
    .join("/", path)
    .split("/")
    .filter((part) => part !== "");
