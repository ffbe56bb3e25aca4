import { goMatch, hasWildcard } from "../../dockerfile/go-match.ts";
import { type FileView, joinPath } from "./file-view.ts";
import { followPath } from "./follow-path.ts";

/**
 * Paths that a source names. A text without wildcards names itself, whether it exists or not.
 * With wildcards: the leading parts without any are followed through symlinks, the rest is matched against what lies below; a matching folder is
 * taken whole. In lexical order, folder by folder.
 * @returns undefined when the folder before the first wildcard does not exist
 * @see tonistiigi/fsutil copy.go ResolveWildcards, read 2026-11-22
 */
export function resolveWildcards(view: FileView, source: string): readonly string[] | undefined {
  const parts = source.split("/").filter((part) => part !== "");
  const first = parts.findIndex(hasWildcard);
  if (first === -1) return [parts.join("/")];
  const pattern = parts.slice(first);
  const base = followPath(view, parts.slice(0, first).join("/"), { followLast: true });
  if (view.get(base) === undefined) return undefined;
  const found: string[] = [];
  const walk = (folder: string, below: string): void => {
    for (const name of view.children(folder)) {
      const path = joinPath(folder, name);
      const inside = joinPath(below, name);
      if (goMatch(pattern.join("/"), inside)) found.push(path);
      else if (inside.split("/").length < pattern.length && view.get(path)?.type === "directory") walk(path, inside);
    }
  };
  walk(base, "");
  return found;
}
