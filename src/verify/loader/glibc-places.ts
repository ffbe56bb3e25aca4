import { type LoaderArchitecture, libraryFolders } from "../../facts/loaders.ts";
import { type LdCache, parseLdCache } from "./ld-cache.ts";
import { confFolders } from "./ld-conf.ts";
import type { Interpreter, LoadedFile, Surroundings } from "./load.ts";

/** Where one glibc, as it was compiled, looks for libraries. */
export interface GlibcPlaces {
  readonly architecture: LoaderArchitecture | undefined;
  /** In order. */
  readonly defaults: readonly string[];
  /** What `$LIB` stands for. */
  readonly lib: readonly string[];
  /** Undefined: there is none that the loader takes. */
  readonly cache: LdCache | undefined;
  /** Folders that `/etc/ld.so.conf` tells and that are not searched by themselves. */
  readonly configured: readonly string[];
  /** Folders of `glibc-hwcaps` that every processor of the platform has, best first. */
  readonly hwcaps: readonly string[];
  /** False when the loader is none of a distribution that we know: it may look elsewhere. */
  readonly whole: boolean;
}

/** @param interpreter  undefined for a library, which is taken as one of the distribution's */
export function glibcPlaces(
  given: Surroundings,
  architecture: LoaderArchitecture | undefined,
  order: "little" | "big",
  interpreter: Interpreter | undefined,
): GlibcPlaces {
  const { files } = given;
  const cacheText = files.text("/etc/ld.so.cache");
  const cache = typeof cacheText === "string" ? undefined : parseLdCache(cacheText, order);
  const ownFolder = interpreter?.found === undefined ? undefined : folderOf(interpreter.found.path);
  const foldersOf = defaultFolders(given, architecture, interpreter?.found);
  const standard = ownFolder === undefined || foldersOf.known.includes(ownFolder) || foldersOf.known.includes(folderOf(interpreter?.path ?? ""));
  // A loader of its own prefix (Nix, Conda, /usr/glibc-compat) has its folders and its cache there.
  const moved = ownFolder !== undefined && !foldersOf.known.includes(ownFolder) && files.open(`${ownFolder}/libc.so.6`) !== undefined;
  const defaults = moved ? [ownFolder, ...foldersOf.defaults] : foldersOf.defaults;
  return {
    architecture,
    defaults,
    lib: foldersOf.lib,
    cache,
    configured: confFolders(files).filter((folder) => !defaults.includes(folder)),
    hwcaps: hwcapsOf(architecture, given.platform.variant),
    whole: architecture !== undefined && standard && !moved && cacheText !== "unknown",
  };
}

interface Folders {
  readonly defaults: readonly string[];
  readonly lib: readonly string[];
  /** All that a distribution's loader may lie in. */
  readonly known: readonly string[];
}

function defaultFolders(given: Surroundings, architecture: LoaderArchitecture | undefined, loader: LoadedFile | undefined): Folders {
  const both = (lib: string): string[] => [`/${lib}`, `/usr/${lib}`];
  if (architecture === undefined) return { defaults: both("lib"), lib: ["lib"], known: both("lib") };
  const debian = [`lib/${architecture.triplet}`, "lib"];
  const own = [architecture.lib];
  // The 64-bit folder is glibc's own, the plain one that of distributions without another.
  const all = [...new Set([...debian.slice(0, 1), ...own, ...(architecture.lib.startsWith("lib64") ? ["lib64"] : []), "lib"])];
  const known = all.flatMap(both);
  const convention = conventionOf(given, architecture, loader);
  const lib = convention === "multiarch" ? debian : convention === "lib" ? own : all;
  return { defaults: lib.flatMap(both), lib: convention === undefined ? all : lib.slice(0, 1), known };
}

/** By where the loader lies, else by the distribution's name. */
function conventionOf({ files }: Surroundings, architecture: LoaderArchitecture, loader: LoadedFile | undefined): "multiarch" | "lib" | undefined {
  if (loader !== undefined && folderOf(loader.path).endsWith(`/${architecture.triplet}`)) return "multiarch";
  const release = [files.text("/etc/os-release"), files.text("/usr/lib/os-release")].find((text) => typeof text !== "string");
  const id = release === undefined ? undefined : /^ID=["']?([\w.-]+)/m.exec(Buffer.from(release).toString("utf8"))?.[1];
  return id === undefined ? undefined : libraryFolders(id);
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** What every processor of the variant has: `amd64/v3` has v3 and v2. */
function hwcapsOf(architecture: LoaderArchitecture | undefined, variant: string | undefined): readonly string[] {
  if (architecture === undefined || variant === undefined) return [];
  const at = architecture.hwcaps.indexOf(`x86-64-${variant}`);
  return at === -1 ? [] : architecture.hwcaps.slice(at);
}
