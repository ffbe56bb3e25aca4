import type { LayerEntry } from "./entry.ts";
import { Merge } from "./tree-merge.ts";
import { impliedFolder, type Layer, lookUp, type Node, namesOf, ownFolder, type TreeNode } from "./tree-node.ts";
import { resolveIn } from "./tree-resolve.ts";

export { entryOf, type TreeNode } from "./tree-node.ts";

/** Where a path leads. */
export interface Resolved<S> {
  /** Inside the root, `/` between parts; no symlink in it (but the last part, unless followed). */
  readonly path: string;
  /** Absent when nothing is there. */
  readonly node: TreeNode<S> | undefined;
}

/**
 * The merged view of layers: what a container of the image sees. A value: `apply` gives another one and shares whatever did not change, so that a small layer on
 * a large base costs what the small layer does.
 *
 * Layers meet as they do on overlayfs, the way Docker and containerd unpack them: a folder over a folder is merged, everything else replaces what lies below; an entry below a
 * path that is no folder in the lower layers makes it one. Nothing is ever looked up outside the root.
 */
export class Tree<S> {
  readonly #root: Node<S>;

  private constructor(root: Node<S>) {
    this.#root = root;
  }

  /** A root folder and nothing in it. */
  static empty<S>(): Tree<S> {
    return new Tree<S>(impliedFolder({}, ""));
  }

  /**
   * Puts a layer on top.
   * @param entries  in the archive's order; whiteouts hide what lower layers hold, whatever their place among this layer's entries
   * @param source   what its nodes will name as theirs
   * @throws {ProblemError} `layer-invalid` for whiteouts of nothing, hard links without a target, entries below a file of the same layer
   */
  apply(entries: Iterable<LayerEntry & { readonly offset?: number }>, source: S): Tree<S> {
    const layer: Layer = {};
    const merge = new Merge<S>(ownFolder(this.#root, layer), layer, source);
    for (const entry of entries) merge.add(entry);
    return new Tree(merge.root);
  }

  /** The node at exactly this path: no symlink is followed. The root is `""`. */
  get(path: string): TreeNode<S> | undefined {
    return lookUp(this.#root, path);
  }

  /** Names in a folder, sorted by code units; empty for what is not a folder. */
  children(path: string): readonly string[] {
    const node = lookUp(this.#root, path);
    return node === undefined ? [] : namesOf(node);
  }

  /**
   * Where a path leads: symlinks are followed inside the root, `..` stops at the root. Parts that do not exist, and what comes after them, stay as they are.
   * @param path  absolute or not, both from the root
   * @throws {ProblemError} `limit-exceeded` for symlinks that run in a circle
   */
  resolve(path: string, options: { readonly followLast: boolean }): Resolved<S> {
    return resolveIn(this.#root, path, options.followLast);
  }

  /** `path` and everything below it, parents first, names sorted by code units; nothing when there is nothing. */
  *walk(path = ""): IterableIterator<readonly [path: string, node: TreeNode<S>]> {
    const start = lookUp(this.#root, path);
    if (start === undefined) return;
    const stack: (readonly [string, Node<S>])[] = [[path, start]];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      yield next;
      const [at, node] = next;
      const names = namesOf(node);
      for (let i = names.length - 1; i >= 0; i--) {
        const name = names[i] as string;
        stack.push([at === "" ? name : `${at}/${name}`, node.children?.get(name) as Node<S>]);
      }
    }
  }
}
