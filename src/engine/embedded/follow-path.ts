import { posix } from "node:path";
import { ProblemError } from "../../core/problem.ts";
import { type FileView, joinPath } from "./file-view.ts";

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
  // Parts still to walk, next one last: a path of thousands of parts must not be copied at each.
  const todo = partsOf(path).reverse();
  let done = "";
  let links = 0;
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    const here = joinPath(done, part);
    const node = view.get(prefix + here);
    if (node?.type !== "symlink" || (todo.length === 0 && !options.followLast)) {
      done = here;
      continue;
    }
    if (++links > MOST_LINKS) {
      throw new ProblemError("copy-conflict", {
        message: `"/${here}" is a symlink that leads round in a circle`,
        hint: "name the place it was meant to lead to",
      });
    }
    const target = node.link ?? "";
    todo.push(...partsOf(target.startsWith("/") ? target : posix.join("/", done, target)).reverse());
    done = "";
  }
  return (prefix + done).replace(/\/$/, "");
}

const partsOf = (path: string): string[] =>
  posix
    .join("/", path)
    .split("/")
    .filter((part) => part !== "");
