import type { ImageFiles } from "./image-files.ts";
import type { BrokenLink, LoadedFile } from "./load.ts";

/** What a loader makes of a file that it opens: it takes it, looks further, or gives up with these words. */
export type Verdict = "fits" | "foreign" | { readonly says: string };

/** What one search for a library meets on its way. */
export class Search {
  readonly searched = new Set<string>();
  readonly foreign = new Map<string, LoadedFile>();
  readonly brokenLinks = new Map<string, BrokenLink>();
  refused: { readonly file: LoadedFile; readonly says: string } | undefined;
  readonly #files: ImageFiles;
  readonly #judge: (file: LoadedFile) => Verdict;

  constructor(files: ImageFiles, judge: (file: LoadedFile) => Verdict) {
    this.#files = files;
    this.#judge = judge;
  }

  /** Opens a path. @returns the file when it is taken; nothing more is opened once the loader has given up */
  open(path: string): LoadedFile | undefined {
    if (this.refused !== undefined) return undefined;
    const file = this.#files.open(path);
    if (file === undefined) {
      const link = this.#files.brokenLink(path);
      if (link !== undefined) this.brokenLinks.set(link.path, link);
      return undefined;
    }
    const verdict = this.#judge(file);
    if (verdict === "fits") return file;
    if (verdict === "foreign") this.foreign.set(file.path, file);
    else this.refused = { file, says: verdict.says };
    return undefined;
  }
}

/** A path as a process in this folder opens it. */
export const within = (workingDir: string, path: string): string => (path.startsWith("/") ? path : `${folderName(workingDir)}/${path}`);

/** A folder as loaders print it in front of a name: without slashes at its end. */
export const folderName = (path: string): string => path.replace(/\/+$/, "");
