import data from "../../data/loaders.json" with { type: "json" };
import { atLeast } from "./version.ts";

/** What Linux' dynamic loaders of one architecture and ABI have in common. */
export interface LoaderArchitecture {
  /** Words for people: `arm (hard float)`. */
  readonly name: string;
  readonly float?: "hard" | "soft";
  /** Debian's multiarch folder below `/lib` and `/usr/lib`. */
  readonly triplet: string;
  /** glibc's own name for the folder of libraries: `lib64`. */
  readonly lib: string;
  /** What an entry of `/etc/ld.so.cache` must be flagged with; the last one is preferred. */
  readonly cacheFlags: readonly number[];
  /** Where programs of glibc ask for their loader. */
  readonly glibc: string;
  /** The architecture in the names of musl's files: `/lib/ld-musl-NAME.so.1`, `/etc/ld-musl-NAME.path`. */
  readonly musl: string;
  /** What `$PLATFORM` stands for; undefined where it depends on the processor. */
  readonly platform: string | undefined;
  /** Folders below `glibc-hwcaps`, best first. */
  readonly hwcaps: readonly string[];
  /** Folders that glibc looked into until 2.36, alone and one in another. */
  readonly oldHwcaps: readonly string[];
}

interface Row extends LoaderArchitecture {
  readonly machine: number;
  readonly bits: number;
  readonly order: string;
}

const ROWS = data.architectures as readonly Row[];

/** The row for an ELF file's header. @param float  on arm, where the header does not tell: hard unless given */
export function loaderArchitecture(
  elf: { readonly machine: number; readonly bits: number; readonly order: string },
  float: "hard" | "soft" = "hard",
): LoaderArchitecture | undefined {
  return ROWS.find((row) => row.machine === elf.machine && row.bits === elf.bits && row.order === elf.order && (row.float ?? float) === float);
}

/** How a distribution names its folders of libraries: by Debian's triplets, or as glibc does; undefined for one that is not known. @param id  of os-release */
export function libraryFolders(id: string): "multiarch" | "lib" | undefined {
  if (data.distributions.multiarch.includes(id)) return "multiarch";
  return data.distributions.lib.includes(id) ? "lib" : undefined;
}

/** Where musl looks when no file tells it. */
export const MUSL_FOLDERS: readonly string[] = data.muslFolders;

/** Whether musl's loader itself is the library of this name. */
export const isMuslOwn = (name: string): boolean => data.muslOwn.some((own) => name.startsWith(`lib${own}.`));

/** Objects that the kernel maps; no file has them. */
export const isKernelObject = (name: string): boolean => data.kernelObjects.includes(name);

/** Whether a container's runtime brings the library when it starts (NVIDIA's driver): no image has it. */
export const isBroughtAtStart = (name: string): boolean => data.broughtAtStart.names.some((beginning) => name.startsWith(beginning));

/** Long-lived releases of distributions with this version of glibc (`2.36`) or the first ones with a newer one; empty where none is known. */
export const releasesWithGlibc = (version: string): readonly string[] =>
  data.glibcReleases.rows.find(({ glibc }) => atLeast(glibc, version) === true)?.in ?? [];
