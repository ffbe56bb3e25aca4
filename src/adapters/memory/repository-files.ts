import { byCodeUnit } from "../../core/order.ts";
import type { FileRead, RepositoryFiles } from "../../simulate/files.ts";

const MISSING: FileRead = { kind: "missing" };

/** A repository given as texts by path. */
export function memoryFiles(texts: Readonly<Record<string, string>>): RepositoryFiles {
  const reads = new Map<string, FileRead>(Object.entries(texts).map(([name, text]) => [name, { kind: "text", file: { name, text } }]));
  return {
    read: (path) => reads.get(path) ?? MISSING,
    list(folder) {
      const prefix = folder === "" ? "" : `${folder}/`;
      return [...reads.keys()]
        .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes("/"))
        .map((path) => path.slice(prefix.length))
        .sort(byCodeUnit);
    },
  };
}
