import { type BigIntStats, lstatSync } from "node:fs";
import { isImplied, isOpaque, isWhiteout, namesIn, osPath } from "./overlay-form.ts";

/** Where a path is found in layers. */
export interface Found {
  /** Path of the file: `LAYER/PATH`. */
  readonly at: string;
  readonly stat: BigIntStats;
  /** A folder above it does not tell of itself, so that this one holds. */
  readonly covered?: boolean;
}

/** Layers as one file system, looked at without mounting them. Paths have no leading slash; no symlink is followed on the way. */
export interface LowerView {
  find(path: string): Found | undefined;
  /** Names in the folder at `path`, in no order; empty where there is none. */
  names(path: string): readonly string[];
}

/** Folders whose place in the layers is remembered at a time. */
const REMEMBERED = 4096;

/** @param lower  folders of layers in overlay form, lowest first */
export function lowerView(lower: readonly string[]): LowerView {
  const known = new Map<string, readonly string[]>();

  /** Folders that together are the one at `path`, topmost first. */
  function merged(path: string): readonly string[] {
    const there = known.get(path);
    if (there !== undefined) return there;
    const found = path === "" ? visibleLayers(lower).toReversed() : look(path);
    if (known.size >= REMEMBERED) known.clear();
    known.set(path, found);
    return found;
  }

  function look(path: string): readonly string[] {
    const folders: string[] = [];
    for (const { at, stat } of places(path)) {
      if (!stat.isDirectory()) break;
      folders.push(at);
      if (isOpaque(at)) break;
    }
    return folders;
  }

  /** All that layers have at `path`, topmost first, up to a whiteout. */
  function* places(path: string): Generator<Found> {
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    for (const folder of merged(slash === -1 ? "" : path.slice(0, slash))) {
      const at = `${folder}/${name}`;
      const stat = lstatSync(osPath(at), { bigint: true, throwIfNoEntry: false });
      if (stat === undefined) continue;
      if (isWhiteout(at, stat)) return;
      yield { at, stat };
    }
  }

  return {
    find(path) {
      let last: Found | undefined;
      for (const found of path === "" ? merged("").map(rootAt) : places(path)) {
        if (last !== undefined && !found.stat.isDirectory()) break;
        last = last === undefined ? found : { ...found, covered: true };
        if (!found.stat.isDirectory() || !isImplied(found.at)) break;
      }
      return last;
    },
    names(path) {
      const names = new Set<string>();
      const hidden = new Set<string>();
      for (const folder of merged(path)) {
        for (const name of namesIn(folder)) {
          if (hidden.has(name)) continue;
          hidden.add(name);
          const stat = lstatSync(osPath(`${folder}/${name}`), { bigint: true });
          if (!isWhiteout(`${folder}/${name}`, stat)) names.add(name);
        }
      }
      return [...names];
    },
  };
}

const rootAt = (at: string): Found => ({ at, stat: lstatSync(`${at}/.`, { bigint: true }) });

/** The layers that can be seen: those below one whose root hides what is below it are left out. The kernel does not look at a root's mark. */
export function visibleLayers(lower: readonly string[]): readonly string[] {
  const lowest = lower.findLastIndex((folder) => isOpaque(`${folder}/.`));
  return lowest === -1 ? lower : lower.slice(lowest);
}
