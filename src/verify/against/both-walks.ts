import type { Tree, TreeNode } from "../../image/tree.ts";

/** Every path of either tree with what each has there, in the order of a walk. */
export function* inBoth<S>(
  here: Tree<S>,
  there: Tree<S>,
): IterableIterator<readonly [path: string, ours: TreeNode<S> | undefined, theirs: TreeNode<S> | undefined]> {
  const [left, right] = [here.walk(), there.walk()];
  let [a, b] = [left.next(), right.next()];
  while (!a.done || !b.done) {
    const order = a.done ? 1 : b.done ? -1 : inWalk(a.value[0], b.value[0]);
    if (order < 0 && !a.done) yield [a.value[0], a.value[1], undefined];
    else if (order > 0 && !b.done) yield [b.value[0], undefined, b.value[1]];
    else if (!a.done && !b.done) yield [a.value[0], a.value[1], b.value[1]];
    if (order <= 0) a = left.next();
    if (order >= 0) b = right.next();
  }
}

const SLASH = 0x2f;

/** Part by part: `a/b` comes before `a-b`, since a folder's content comes before its neighbour. */
function inWalk(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return x === SLASH ? -1 : y === SLASH ? 1 : x - y;
  }
  return a.length - b.length;
}
