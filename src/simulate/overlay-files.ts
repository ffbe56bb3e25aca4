import type { FileRead, RepositoryFiles } from "./files.ts";

/** A repository in which some files have another text. Of the others, everything is as it was, down to the object. */
export function overlayFiles(files: RepositoryFiles, texts: ReadonlyMap<string, string>): RepositoryFiles {
  const replaced = new Map([...texts].map(([name, text]): [string, FileRead] => [name, { kind: "text", file: { name, text } }]));
  return { read: (path) => replaced.get(path) ?? files.read(path), list: (folder) => files.list(folder) };
}
