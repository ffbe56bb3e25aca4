import { remembered } from "../../core/remembered.ts";
import type { Tree } from "../../image/tree.ts";
import type { Elf } from "../binary/binary.ts";
import type { ImageLayer, PlatformImage } from "../subject.ts";
import type { LoadedFile, LoaderNode } from "./load.ts";

/** The final file system as a loader opens it: symlinks followed, what cannot be reached is absent. */
export interface ImageFiles {
  /** Where a path leads; undefined when nothing is there. */
  open(path: string): LoadedFile | undefined;
  /** A symlink at this path that leads nowhere. */
  brokenLink(path: string): { readonly path: string; readonly target: string; readonly node: LoaderNode } | undefined;
  /** `none`: no such file; `unknown`: its content was not kept. */
  text(path: string): Uint8Array | "none" | "unknown";
  /** Names in a folder, sorted. */
  names(path: string): readonly string[];
}

/** Undefined when the image has no final file system. */
export const imageFiles: (image: PlatformImage) => ImageFiles | undefined = remembered((image: PlatformImage) =>
  image.files === undefined ? undefined : filesOf(image.files),
);

function filesOf(tree: Tree<ImageLayer>): ImageFiles {
  const opened = new Map<string, LoadedFile | undefined>();
  const look = (path: string): LoadedFile | undefined => {
    const at = resolved(tree, path, true);
    return at?.node === undefined ? undefined : { path: `/${at.path}`, node: at.node, binary: elfOf(at.node) };
  };
  const open = (path: string): LoadedFile | undefined => {
    if (!opened.has(path)) opened.set(path, look(path));
    return opened.get(path);
  };
  return {
    open,
    brokenLink: (path) => {
      if (open(path) !== undefined) return undefined;
      const at = resolved(tree, path, false);
      return at?.node?.link === undefined ? undefined : { path: `/${at.path}`, target: at.node.link, node: at.node };
    },
    text: (path) => {
      const node = open(path)?.node;
      if (node?.type !== "file") return "none";
      return node.source?.contents?.texts.get(node.offset) ?? "unknown";
    },
    names: (path) => {
      const at = resolved(tree, path, true);
      return at?.node === undefined ? [] : tree.children(at.path);
    },
  };
}

export function elfOf(node: LoaderNode): Elf | undefined {
  if (node.type !== "file") return undefined;
  const binary = node.source?.contents?.binaries.get(node.offset);
  return binary?.format === "elf" ? binary : undefined;
}

function resolved(tree: Tree<ImageLayer>, path: string, followLast: boolean): ReturnType<Tree<ImageLayer>["resolve"]> | undefined {
  try {
    return tree.resolve(path, { followLast });
  } catch {
    // Symlinks in a circle: the kernel gives up (ELOOP), and the loader goes on.
    return undefined;
  }
}
