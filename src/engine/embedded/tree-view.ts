import { byCodeUnit } from "../../core/order.ts";
import type { LayerIndex } from "../../image/layer-index.ts";
import type { Tree, TreeNode } from "../../image/tree.ts";
import type { BuildContext, ContextEntry } from "../context.ts";
import type { Content, ContentArchive } from "./content.ts";
import { baseOf, type FileNode, type FileView, PLAIN_FOLDER, parentOf } from "./file-view.ts";

/** Where the contents of a layer's files are. */
export interface LayerSource {
  /** @param path  in the layer */
  contentOf(path: string, offset: number): Content | undefined;
}

/** A layer's files where its archive is, but for the few small ones whose content its index keeps. */
export const archiveSource = (archive: ContentArchive, { contents }: Pick<LayerIndex, "contents">): LayerSource => ({
  contentOf(path, offset) {
    const bytes = contents.get(offset);
    return bytes === undefined ? { kind: "member", archive, path, offset } : { kind: "bytes", bytes };
  },
});

/** The files of a stage or an image, as a copy sees them. */
export function treeView(tree: Tree<LayerSource>): FileView {
  const seen = new WeakMap<TreeNode<LayerSource>, FileNode>();
  return {
    get(path) {
      const node = tree.get(path);
      if (node === undefined) return undefined;
      const known = seen.get(node);
      if (known !== undefined) return known;
      const made: FileNode = {
        type: node.type,
        mode: node.mode,
        uid: node.uid,
        gid: node.gid,
        mtime: node.source === undefined ? undefined : node.mtime,
        size: node.size,
        link: node.link,
        device: node.device,
        ...(node.xattrs === undefined ? {} : { xattrs: node.xattrs }),
        ...(node.type === "file" ? { content: node.source?.contentOf(node.sourcePath, node.offset) } : {}),
      };
      seen.set(node, made);
      return made;
    },
    children: (path) => tree.children(path),
  };
}

/** The files of a build context. A hard link is the node of the file that it links to. */
export function contextView(context: BuildContext, entries: readonly ContextEntry[]): FileView {
  const nodes = new Map<string, FileNode>([["", PLAIN_FOLDER]]);
  const names = new Map<string, string[]>();
  const add = (path: string, node: FileNode): void => {
    if (!nodes.has(path)) {
      const siblings = names.get(parentOf(path));
      if (siblings === undefined) names.set(parentOf(path), [baseOf(path)]);
      else siblings.push(baseOf(path));
    }
    nodes.set(path, node);
  };
  for (const entry of entries) {
    if (entry.path === "") continue;
    const linked = entry.type === "hardlink" ? nodes.get(entry.link ?? "") : undefined;
    add(entry.path, linked ?? nodeOf(context, entry));
  }
  for (const list of names.values()) list.sort(byCodeUnit);
  return { get: (path) => nodes.get(path), children: (path) => names.get(path) ?? [] };
}

function nodeOf(context: BuildContext, entry: ContextEntry): FileNode {
  const type = entry.type === "hardlink" ? "file" : entry.type;
  return {
    type,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    mtime: entry.mtime,
    size: type === "file" ? entry.size : 0,
    ...(type === "symlink" ? { link: entry.link } : {}),
    ...(entry.device === undefined ? {} : { device: entry.device }),
    ...(entry.xattrs === undefined ? {} : { xattrs: entry.xattrs }),
    ...(type === "file" ? { content: { kind: "context", context, entry } } : {}),
  };
}
