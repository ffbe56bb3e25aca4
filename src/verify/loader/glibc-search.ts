import type { GlibcPlaces } from "./glibc-places.ts";
import { baseName } from "./interpreter.ts";
import type { CacheEntry } from "./ld-cache.ts";
import type { LoadedFile, Surroundings } from "./load.ts";
import type { LoadedObject } from "./object.ts";
import { folderName, type Search, within } from "./search.ts";
import { expandTokens, hasTokens, type Tokens } from "./tokens.ts";

const DF_1_NODEFLIB = 0x800;

export interface Found {
  readonly path: string;
  readonly why: string;
  readonly file: LoadedFile;
}

/** Where a glibc that is settled in an image finds a library. */
export interface GlibcSearch {
  /** @param loader  the object that needs it @param main  the program */
  find(name: string, loader: LoadedObject, main: LoadedObject, search: Search): Found | undefined;
  /** A name as it is looked for: its tokens replaced. */
  nameOf(name: string, loader: LoadedObject): string;
  /** Whether a path with tokens could always be read. */
  readonly tokensKnown: () => boolean;
}

interface Folder {
  readonly path: string;
  readonly why: string;
}

/**
 * The order of glibc: DT_RPATH of the object and of those that made it be loaded (unless it has a DT_RUNPATH), then of the program; LD_LIBRARY_PATH; DT_RUNPATH of the
 * object; `/etc/ld.so.cache`; default folders.
 * @see glibc elf/dl-load.c, `_dl_map_new_object`
 */
export function glibcSearch(given: Surroundings, places: GlibcPlaces): GlibcSearch {
  let tokensKnown = true;
  const tokensOf = (object: LoadedObject): Tokens => ({
    ORIGIN: [folderName(object.path.slice(0, object.path.lastIndexOf("/"))) || "/"],
    LIB: places.lib,
    PLATFORM: places.architecture?.platform === undefined ? [] : [places.architecture.platform],
  });
  const expanded = (text: string, object: LoadedObject): readonly string[] => {
    if (!hasTokens(text)) return [text];
    const readings = expandTokens(text, tokensOf(object));
    if (readings.length === 0) tokensKnown = false;
    return readings;
  };
  const list = (text: string | undefined, separators: RegExp, object: LoadedObject, why: string): readonly Folder[] =>
    text === undefined || text === ""
      ? []
      : text
          .split(separators)
          .flatMap((part) => expanded(part, object))
          .map((path) => ({ path: folderName(within(given.workingDir, path)), why }));
  const runpath = (object: LoadedObject): string | undefined => object.file.binary?.dynamic?.runpath;
  const rpathFolders = (object: LoadedObject): readonly Folder[] =>
    runpath(object) === undefined ? list(object.file.binary?.dynamic?.rpath, /:/, object, `RPATH of ${object.path}`) : [];
  const libraryPath = given.env("LD_LIBRARY_PATH");

  const inFolders = (name: string, folders: readonly Folder[], below: readonly string[], search: Search): Found | undefined => {
    for (const { path: folder, why } of folders) {
      search.searched.add(folder || "/");
      for (const sub of below) {
        const path = `${folder}/${sub}${name}`;
        const file = search.open(path);
        if (file !== undefined) return { path, why, file };
        if (search.refused !== undefined) return undefined;
      }
    }
    return undefined;
  };

  const inCache = (name: string, noDefaults: boolean, anyProcessor: boolean, search: Search): Found | undefined => {
    const entry = bestEntry(places, name, anyProcessor);
    if (entry === undefined || (noDefaults && places.defaults.some((folder) => entry.path.startsWith(`${folder}/`)))) return undefined;
    const file = search.open(entry.path);
    return file === undefined ? undefined : { path: entry.path, why: "/etc/ld.so.cache", file };
  };

  /** @param below  folders to look into in each folder, in order, each with a slash at its end; the folder itself is "" */
  const once = (name: string, loader: LoadedObject, main: LoadedObject, below: readonly string[], anyProcessor: boolean, search: Search): Found | undefined => {
    const noDefaults = ((loader.file.binary?.dynamic?.flags1 ?? 0) & DF_1_NODEFLIB) !== 0;
    return (
      (runpath(loader) === undefined ? inFolders(name, [...ancestors(loader), main].flatMap(rpathFolders), below, search) : undefined) ??
      inFolders(name, list(libraryPath, /[:;]/, main, "LD_LIBRARY_PATH"), below, search) ??
      inFolders(name, list(runpath(loader), /:/, loader, `RUNPATH of ${loader.path}`), below, search) ??
      inCache(name, noDefaults, anyProcessor, search) ??
      (noDefaults
        ? undefined
        : inFolders(
            name,
            places.defaults.map((path) => ({ path, why: "a default folder" })),
            below,
            search,
          ))
    );
  };

  const own = [...places.hwcaps.map((hwcap) => `glibc-hwcaps/${hwcap}/`), ""];
  const others = otherProcessors(places);
  return {
    nameOf: (name, loader) => expanded(name, loader)[0] ?? name,
    tokensKnown: () => tokensKnown,
    find: (name, loader, main, search) => {
      if (name.includes("/")) {
        for (const reading of expanded(name, loader)) {
          const path = within(given.workingDir, reading);
          const file = search.open(path);
          if (file !== undefined) return { path, why: `the path that ${baseName(loader.path)} names`, file };
        }
        return undefined;
      }
      const found = once(name, loader, main, own, false, search);
      if (found !== undefined || search.refused !== undefined) return found;
      // Better a library that only newer processors find than a false alarm.
      const special = once(name, loader, main, others, true, search);
      return special === undefined ? undefined : { ...special, why: `${special.why}, for some processors only` };
    },
  };
}

function ancestors(object: LoadedObject): readonly LoadedObject[] {
  const all: LoadedObject[] = [];
  for (let at: LoadedObject | undefined = object; at !== undefined; at = at.by) all.push(at);
  return all;
}

function otherProcessors({ architecture }: GlibcPlaces): readonly string[] {
  if (architecture === undefined) return [];
  const old = architecture.oldHwcaps;
  return [
    ...architecture.hwcaps.map((name) => `glibc-hwcaps/${name}/`),
    ...old.flatMap((a) => [`${a}/`, ...old.filter((b) => b !== a).map((b) => `${a}/${b}/`)]),
  ];
}

/** @see glibc elf/dl-cache.c, `search_cache` */
function bestEntry(places: GlibcPlaces, name: string, anyProcessor: boolean): CacheEntry | undefined {
  const flags = places.architecture?.cacheFlags ?? [];
  const fit = (places.cache?.get(name) ?? []).filter((entry) => flags.includes(entry.flags));
  if (anyProcessor) return fit[0];
  const rank = ({ processors }: CacheEntry): number => (typeof processors === "string" ? -1 : places.hwcaps.indexOf(processors.name));
  const named = fit.filter((entry) => rank(entry) !== -1).toSorted((a, b) => rank(a) - rank(b));
  const plain = fit.filter(({ processors }) => processors === "all");
  // Without one of the preferred flags, the last of the others is taken.
  return named[0] ?? plain.find((entry) => entry.flags === flags.at(-1)) ?? plain.at(-1);
}
