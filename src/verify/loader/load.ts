import { remembered } from "../../core/remembered.ts";
import type { TreeNode } from "../../image/tree.ts";
import type { Elf } from "../binary/binary.ts";
import type { ImageLayer, PlatformImage } from "../subject.ts";
import { loadGlibc } from "./glibc.ts";
import { type ImageFiles, imageFiles } from "./image-files.ts";
import { interpreterOf, libcOf } from "./interpreter.ts";
import { loadMusl } from "./musl.ts";
import { missingVersions } from "./versions.ts";

export type LoaderNode = TreeNode<ImageLayer>;

/** A file of the platform's final file system, under the path at which it lies (no symlink in it), absolute. */
export interface LoadedFile {
  readonly path: string;
  readonly node: LoaderNode;
  /** What its bytes say; undefined when it is no ELF file. */
  readonly binary: Elf | undefined;
}

export type Libc = "glibc" | "musl" | "bionic" | "uclibc" | "unknown";

/** What PT_INTERP of a program leads to. */
export interface Interpreter {
  /** As the program names it. */
  readonly path: string;
  /** Undefined when nothing is there. */
  readonly found: LoadedFile | undefined;
}

export interface LoadedLibrary {
  /** As it is asked for. */
  readonly name: string;
  /** The object that asks first: an absolute path, or `/etc/ld.so.preload`, `LD_PRELOAD`. */
  readonly neededBy: string;
  /** Where the loader finds it, as it would print it: symlinks unfollowed. */
  readonly path: string;
  /** By which rule: `RUNPATH of /app/server`, `/etc/ld.so.cache`, `a default folder`. */
  readonly why: string;
  readonly file: LoadedFile;
}

/** A place that is not the library, though it has its name. */
export interface BrokenLink {
  readonly path: string;
  readonly target: string;
  readonly node: LoaderNode;
}

export interface MissingLibrary {
  readonly name: string;
  readonly neededBy: string;
  /** Folders that were looked into, in order, each once, existing or not. */
  readonly searched: readonly string[];
  /** Files of that name on the way that are of another machine or class, which the loader passes over. */
  readonly foreign: readonly LoadedFile[];
  /** Symlinks of that name on the way that lead nowhere. */
  readonly brokenLinks: readonly BrokenLink[];
  /** A file at which the loader gives up, and what it says of it: `invalid ELF header`. */
  readonly refused: { readonly file: LoadedFile; readonly says: string } | undefined;
  /** A fit file of that name in a folder of `/etc/ld.so.conf`, while `/etc/ld.so.cache` does not know it. */
  readonly uncached: LoadedFile | undefined;
}

/** Versions that one file wants of one library, which does not have them. */
export interface MissingVersion {
  readonly version: string;
  /** The library that should define it, by its name, and where it was found. */
  readonly file: string;
  readonly path: string;
  readonly wantedBy: string;
  /** The newest one that the library has of the same series (`GLIBC_2.36`); undefined when it has none. */
  readonly newest: string | undefined;
}

/** What Linux' dynamic loader would do with a file, as far as can be told without running anything. */
export interface Load {
  /** Where it lies, no symlink in it. */
  readonly path: string;
  readonly file: LoadedFile;
  /** Undefined for a static program and for a library. */
  readonly interpreter: Interpreter | undefined;
  /** Whose loader it is: what is found counts before what is asked for. */
  readonly libc: Libc;
  /** Of the program, where that is another: a program of glibc on Alpine's gcompat. */
  readonly madeFor: Libc;
  /** In the order of loading, breadth first; the loader itself only where something needs it by name. */
  readonly libraries: readonly LoadedLibrary[];
  readonly missing: readonly MissingLibrary[];
  /** What LD_PRELOAD and /etc/ld.so.preload name in vain: the loader says so and goes on. */
  readonly missingPreloads: readonly MissingLibrary[];
  readonly missingVersions: readonly MissingVersion[];
  /** False when something could not be known (a damaged file, a loader that we do not know): what is told as missing may be there. */
  readonly whole: boolean;
}

/**
 * What the loader would do with the ELF file at this path (symlinks are followed). Remembered by image and path.
 * @returns undefined when the image has no final file system, or there is no ELF file with a dynamic section or an interpreter
 * @see glibc elf/dl-load.c, musl ldso/dynlink.c
 */
export function loadOf(image: PlatformImage, path: string): Load | undefined {
  const known = loads(image);
  if (!known.has(path)) known.set(path, load(image, path));
  return known.get(path);
}

const loads = remembered((_image: PlatformImage) => new Map<string, Load | undefined>());

function load(image: PlatformImage, path: string): Load | undefined {
  const files = imageFiles(image);
  const file = files?.open(path);
  if (files === undefined || file?.binary === undefined) return undefined;
  const elf = file.binary;
  if (elf.interpreter === undefined && elf.dynamic === undefined) return undefined;
  const interpreter = interpreterOf(files, elf, workingDir(image));
  const madeFor = libcOf(elf.interpreter, undefined, elf);
  const libc = libcOf(elf.interpreter, interpreter?.found, elf);
  const nothing = { libraries: [], missing: [], missingPreloads: [], missingVersions: [], whole: true };
  const told = { path: file.path, file, interpreter, libc, madeFor };
  // One cause is told once: without a loader, nothing of what it would do is of use.
  if (interpreter !== undefined && (interpreter.found?.binary === undefined || !sameMachine(interpreter.found.binary, elf))) return { ...told, ...nothing };
  if (libc !== "glibc" && libc !== "musl") return { ...told, ...nothing, whole: false };
  const outcome = (libc === "glibc" ? loadGlibc : loadMusl)(surroundings(image, files), file, interpreter);
  const versions = libc === "glibc" ? missingVersions(outcome.objects) : [];
  const { objects: _objects, ...rest } = outcome;
  return { ...told, ...rest, whole: rest.whole && madeFor === libc, missingVersions: versions };
}

/** Of one processor, whatever the ABI. */
const sameMachine = (a: Elf, b: Elf): boolean => a.machine === b.machine && a.bits === b.bits && a.order === b.order;

/** What of the image, beside its files, decides where a loader looks. */
export interface Surroundings {
  readonly files: ImageFiles;
  readonly env: (name: string) => string | undefined;
  readonly workingDir: string;
  readonly platform: PlatformImage["platform"];
}

function surroundings(image: PlatformImage, files: ImageFiles): Surroundings {
  const env = image.config.value?.config?.Env ?? [];
  return {
    files,
    env: (name) => env.findLast((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1),
    workingDir: workingDir(image),
    platform: image.platform,
  };
}

const workingDir = (image: PlatformImage): string => image.config.value?.config?.WorkingDir || "/";
