import { ProblemError } from "../core/problem.ts";
import { shown } from "./tar/path.ts";
import type { Node } from "./tree-node.ts";

/** Symlinks followed for one path before we give up, as containerd's fs.RootPath does. */
export const SYMLINK_LIMIT = 255;

/**
 * @param onLink  told how many characters each symlink on the way adds
 * @see Tree.resolve
 */
export function resolveIn<S>(
  root: Node<S>,
  path: string,
  followLast: boolean,
  onLink?: (characters: number) => void,
): { readonly path: string; readonly node: Node<S> | undefined } {
  // Parts still to walk, next one last.
  const todo = path.split("/").reverse();
  const names: string[] = [];
  const nodes: (Node<S> | undefined)[] = [root];
  let followed = 0;
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (names.pop() !== undefined) nodes.pop();
      continue;
    }
    const child = nodes.at(-1)?.children?.get(part);
    if (child?.type === "symlink" && (followLast || todo.some((rest) => rest !== "" && rest !== "."))) {
      if (++followed > SYMLINK_LIMIT) throw circle(path);
      const target = child.link ?? "";
      onLink?.(target.length);
      if (target.startsWith("/")) {
        names.length = 0;
        nodes.length = 1;
      }
      todo.push(...target.split("/").reverse());
      continue;
    }
    names.push(part);
    nodes.push(child);
  }
  return { path: names.join("/"), node: nodes.at(-1) };
}

export const circle = (path: string): ProblemError =>
  new ProblemError("limit-exceeded", { message: `${shown(path)} leads through more than ${SYMLINK_LIMIT} symbolic links`, facts: { limit: SYMLINK_LIMIT } });
