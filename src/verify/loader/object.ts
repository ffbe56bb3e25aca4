import type { LoadedFile, LoadedLibrary, MissingLibrary } from "./load.ts";
import type { Search } from "./search.ts";

/** Something that a loader has mapped: the program, a library, the loader itself. */
export interface LoadedObject {
  /** As it is printed in messages. */
  readonly path: string;
  readonly file: LoadedFile;
  /** Names under which it is known, its soname included. */
  readonly names: Set<string>;
  /** What made it be loaded; undefined for the program. */
  readonly by: LoadedObject | undefined;
}

/** What a loader came to. */
export interface Outcome {
  /** Everything that is loaded, the program first. */
  readonly objects: readonly LoadedObject[];
  readonly libraries: readonly LoadedLibrary[];
  readonly missing: readonly MissingLibrary[];
  readonly missingPreloads: readonly MissingLibrary[];
  readonly whole: boolean;
}

/** A library that one search did not find. */
export const missingOf = (name: string, neededBy: string, search: Search, uncached: LoadedFile | undefined): MissingLibrary => ({
  name,
  neededBy,
  searched: [...search.searched],
  foreign: [...search.foreign.values()],
  brokenLinks: [...search.brokenLinks.values()],
  refused: search.refused,
  uncached,
});

/** What is needed can be read from this file to its end. */
export const isWhole = (file: LoadedFile): boolean => file.binary !== undefined && file.binary.damage === undefined && file.binary.dynamic?.whole !== false;
