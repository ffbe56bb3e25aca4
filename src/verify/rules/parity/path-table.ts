import { remembered } from "../../../core/remembered.ts";
import { withoutArchitecture } from "../../../facts/architecture-words.ts";
import type { TreeNode } from "../../../image/tree.ts";
import type { ImageLayer, PlatformImage } from "../../subject.ts";

export type FileNode = TreeNode<ImageLayer>;

/** A path, and what each platform has there. */
export interface PathRow {
  /** Absolute, as the first platform that has it writes it. */
  readonly path: string;
  /** In the cohort's order; undefined where a platform has nothing. */
  readonly nodes: readonly (FileNode | undefined)[];
  /** A platform has several paths that differ in words for an architecture only: nobody can tell which belongs to which. */
  readonly ambiguous: boolean;
}

/** Paths of all platforms together; images with more are not compared, to keep memory in bounds. */
const PATHS_LIMIT = 4_000_000;

/** Every path of a cohort; paths that differ only in words for an architecture are one. Empty where there are too many. */
export const pathTable: (cohort: readonly PlatformImage[]) => readonly PathRow[] = remembered((cohort) => {
  const rows = new Map<string, { path: string; nodes: (FileNode | undefined)[]; ambiguous: boolean }>();
  let count = 0;
  for (const [i, { files }] of cohort.entries()) {
    for (const [path, node] of files?.walk() ?? []) {
      if (++count > PATHS_LIMIT) return [];
      const key = neutralPath(path);
      const row = rows.get(key);
      if (row === undefined) {
        const nodes = Array.from<FileNode | undefined>({ length: cohort.length });
        nodes[i] = node;
        rows.set(key, { path: `/${path}`, nodes, ambiguous: false });
      } else if (row.nodes[i] === undefined) row.nodes[i] = node;
      else row.ambiguous = true;
    }
  }
  return [...rows.values()];
});

/** `usr/lib64/x86_64-linux-gnu/a-0123abcd.so` is `usr/lib/{arch}-linux/a-{hash}.so`: tools put checksums of what differs into names. */
function neutralPath(path: string): string {
  const neutral = withoutArchitecture(path).replace(/(?<=^|\/)lib(?:64|32|x32|o32)(?=\/|$)/g, "lib");
  return HASH.test(neutral) || neutral.startsWith("nix/") ? neutral.replace(HASHES, "{hash}") : neutral;
}

const HASH = /[0-9a-f]{8}/;
/** Also those of Nix's store, which have more letters. */
const HASHES = /(?<=[-._/])[0-9a-f]{8,128}(?=[-._/]|$)|(?<=nix\/store\/)[0-9a-z]{32}(?=-)/g;

/** The same entry of the same layer on all platforms that have it: nothing can differ. */
export const isShared = ({ nodes }: PathRow): boolean => {
  const first = nodes.find((node) => node !== undefined);
  return nodes.every((node) => node === undefined || node === first || (node.offset === first?.offset && sameLayer(node, first)));
};

const sameLayer = (a: FileNode, b: FileNode): boolean => a.source?.contents !== undefined && a.source.contents === b.source?.contents;
