import { byCodeUnit } from "../core/order.ts";
import type { EntryMeta, EntryType, LayerEntry } from "./entry.ts";

/** A file, folder, link or device of a file system. A hard link is the same node as its target, under another path. */
export interface TreeNode<S> extends EntryMeta {
  readonly type: Exclude<EntryType, "hardlink">;
  readonly size: number;
  /** Target of a symlink, as written. */
  readonly link: string | undefined;
  readonly device: { readonly major: number; readonly minor: number } | undefined;
  /** The layer that told of it; undefined for a folder that no entry tells of (mode 0755, 0:0, time 0). */
  readonly source: S | undefined;
  /** Its path in the source; another than in the tree for a hard link. */
  readonly sourcePath: string;
  /** Where its content begins in the source's uncompressed archive; 0 when the source told none. */
  readonly offset: number;
}

/** A node as an entry of a layer, under `path`. */
export function entryOf(path: string, node: TreeNode<unknown>): LayerEntry {
  return {
    path,
    type: node.type,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    mtime: node.mtime,
    size: node.size,
    ...(node.xattrs === undefined ? {} : { xattrs: node.xattrs }),
    ...(node.link === undefined ? {} : { link: node.link }),
    ...(node.device === undefined ? {} : { device: node.device }),
  };
}

/** Owner of the nodes that one `apply` made: those it may change, all others it copies first. */
export type Layer = object;

export interface Node<S> extends TreeNode<S> {
  readonly layer: Layer;
  /** Only folders. */
  readonly children: Map<string, Node<S>> | undefined;
  /** Children's names in order, made when first asked for. */
  names?: readonly string[] | undefined;
}

export function makeNode<S>(
  entry: LayerEntry & { readonly offset?: number },
  type: TreeNode<S>["type"],
  layer: Layer,
  source: S | undefined,
  children: Map<string, Node<S>> | undefined,
): Node<S> {
  // Every field always, in one order: nodes of one shape are made and read several times faster.
  const node = {
    type,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    mtime: entry.mtime,
    xattrs: entry.xattrs,
    size: entry.size,
    link: entry.link,
    device: entry.device,
    source,
    sourcePath: entry.path,
    offset: entry.offset ?? 0,
    layer,
    children,
    names: undefined,
  };
  return node as Node<S>;
}

export function impliedFolder<S>(layer: Layer, path: string): Node<S> {
  const entry: LayerEntry = { path, type: "directory", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 };
  return makeNode<S>(entry, "directory", layer, undefined, new Map());
}

export const ownFolder = <S>(folder: Node<S>, layer: Layer): Node<S> => ({ ...folder, layer, children: new Map(folder.children), names: folder.names });

export function namesOf<S>(node: Node<S>): readonly string[] {
  node.names ??= node.children === undefined ? [] : [...node.children.keys()].sort(byCodeUnit);
  return node.names;
}

export function lookUp<S>(root: Node<S>, path: string): Node<S> | undefined {
  let at: Node<S> | undefined = root;
  if (path === "") return at;
  for (const part of path.split("/")) {
    at = at.children?.get(part);
    if (at === undefined) return undefined;
  }
  return at;
}
