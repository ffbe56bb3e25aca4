import type { SourceFile } from "../core/span.ts";

/** The repository's files. Paths are relative to its root, with `/`. */
export interface RepositoryFiles {
  /**
   * A file as text (without a byte-order mark, invalid UTF-8 replaced), or why not. The same object each time it is asked for.
   * Symbolic links that lead out of the repository count as missing.
   */
  read(path: string): FileRead;
  /** Names of a folder's files (not of folders), sorted; empty when there is none. */
  list(folder: string): readonly string[];
}

export type FileRead =
  | { readonly kind: "text"; readonly file: SourceFile }
  | { readonly kind: "missing" }
  /** Longer than any such file is, or no text at all. */
  | { readonly kind: "refused"; readonly reason: string };
