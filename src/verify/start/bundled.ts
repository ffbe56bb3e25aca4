import { isFolderOfOtherMachines, isGuestProgram, isTriplet, type PlatformWords, platformWords } from "../../facts/bundles.ts";
import type { Tree } from "../../image/tree.ts";
import type { ImageLayer } from "../subject.ts";

/** Whether the path itself says that what lies there is meant for some machine, this one or another: it is no witness of what the image is. */
export function isNamedForMachine(path: string): boolean {
  const parts = path.split("/");
  return parts.some((part, i) => isTriplet(part) || platformWords(part) !== undefined || (i < parts.length - 1 && isFolderOfOtherMachines(part)));
}

/** What names of one shape in a folder speak of, each once. */
type Siblings = ReadonlyMap<string, readonly PlatformWords[]>;

/**
 * Whether a file of another architecture is there on purpose: in a folder for other machines' things, in a cross compiler's folder, or as one of a set for several
 * platforms (`prebuilds/linux-x64` beside `prebuilds/linux-arm64`). Each folder is looked at once.
 */
export function bundlesIn(tree: Tree<ImageLayer>): (path: string, architectures: readonly string[]) => boolean {
  const known = new Map<string, Siblings>();
  const siblings = (folder: string): Siblings => {
    const before = known.get(folder);
    if (before !== undefined) return before;
    const made = siblingsOf(tree.children(folder));
    known.set(folder, made);
    return made;
  };
  return (path, architectures) => {
    const parts = path.split("/");
    if (isGuestProgram(parts.at(-1) ?? "")) return true;
    return parts.some((part, i) => {
      if (i < parts.length - 1 && (isFolderOfOtherMachines(part) || isTriplet(part))) return true;
      const words = platformWords(part);
      if (words === undefined || !architectures.some((one) => words.architectures.has(one))) return false;
      const set = siblings(parts.slice(0, i).join("/")).get(words.shape) ?? [];
      return set.some((other) => other.otherSystem !== words.otherSystem || !architectures.some((one) => other.architectures.has(one)));
    });
  };
}

function siblingsOf(names: readonly string[]): Siblings {
  const shapes = new Map<string, PlatformWords[]>();
  const seen = new Set<string>();
  for (const name of names) {
    const words = platformWords(name);
    if (words === undefined) continue;
    const key = `${words.shape} ${words.otherSystem} ${[...words.architectures].join()}`;
    if (seen.has(key)) continue;
    seen.add(key);
    shapes.set(words.shape, [...(shapes.get(words.shape) ?? []), words]);
  }
  return shapes;
}
