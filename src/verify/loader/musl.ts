import { isMuslOwn, loaderArchitecture, MUSL_FOLDERS } from "../../facts/loaders.ts";
import type { Elf } from "../binary/binary.ts";
import { baseName } from "./interpreter.ts";
import type { Interpreter, LoadedFile, LoadedLibrary, MissingLibrary, Surroundings } from "./load.ts";
import { isWhole, type LoadedObject, missingOf, type Outcome } from "./object.ts";
import { Search, type Verdict, within } from "./search.ts";

/** Objects that one program may load. */
const MAX_OBJECTS = 5000;

/**
 * Loads as musl does: the libc's own names are the loader; LD_LIBRARY_PATH, then RUNPATH or RPATH of the object and of all that made it be loaded, then the folders of
 * `/etc/ld-musl-ARCH.path`. What is found first is taken, whatever it is. Versions of symbols do not matter.
 * @see musl ldso/dynlink.c, `load_library`
 */
export function loadMusl(given: Surroundings, program: LoadedFile, interpreter: Interpreter | undefined): Outcome {
  const elf = program.binary as Elf;
  const loader = interpreter?.found ?? ownLoader(given, elf);
  const loaderPath = interpreter?.path ?? loader?.path ?? "";
  const main: LoadedObject = { path: program.path, file: program, names: new Set([program.path]), by: undefined };
  const objects = [main];
  const libraries: LoadedLibrary[] = [];
  const missing = new Map<string, MissingLibrary>();
  const missingPreloads: MissingLibrary[] = [];
  const system = systemFolders(given, elf, loaderPath);

  const need = (name: string, by: LoadedObject, neededBy: string): MissingLibrary | undefined => {
    const same = objects.find(({ names }) => names.has(name));
    if (same !== undefined) return undefined;
    if (loader !== undefined && (isMuslOwn(name) || name === loaderPath)) {
      add({ path: loaderPath, file: loader, names: new Set([name]), by }, name, neededBy, "the loader itself");
      return undefined;
    }
    const search = new Search(given.files, (file) => verdictOf(file, elf));
    const found = name.includes("/")
      ? opened(search, within(given.workingDir, name), name, "its path")
      : inFolders(search, name, [...pathsFor(given, by), ...system.folders]);
    if (found === undefined) return missingOf(name, neededBy, search, undefined);
    const known = objects.find(({ file }) => file.node === found.file.node);
    if (known !== undefined) known.names.add(name);
    else add({ path: found.path, file: found.file, names: new Set(name.includes("/") ? [] : [name, baseName(found.path)]), by }, name, neededBy, found.why);
    return undefined;
  };
  const add = (object: LoadedObject, name: string, neededBy: string, why: string): void => {
    const before = objects.find(({ file }) => file.node === object.file.node);
    if (before === undefined) {
      objects.push(object);
      libraries.push({ name, neededBy, path: object.path, why, file: object.file });
    } else before.names.add(name);
  };

  for (const name of (given.env("LD_PRELOAD") ?? "").split(/[\s:]+/).filter((part) => part !== "")) {
    const failed = need(name, main, "LD_PRELOAD");
    if (failed !== undefined) missingPreloads.push(failed);
  }
  for (let i = 0; i < objects.length && objects.length < MAX_OBJECTS; i++) {
    const by = objects[i] as LoadedObject;
    for (const name of by.file.binary?.dynamic?.needed ?? []) {
      const failed = need(name, by, by.path);
      if (failed !== undefined && !missing.has(name)) missing.set(name, failed);
    }
  }
  const whole = system.known && objects.length < MAX_OBJECTS && objects.every(({ file }) => isWhole(file) || file === loader);
  return { objects, libraries, missing: [...missing.values()], missingPreloads, whole };
}

interface Folder {
  readonly path: string;
  readonly why: string;
}

function pathsFor(given: Surroundings, by: LoadedObject): readonly Folder[] {
  const folders = split(given.env("LD_LIBRARY_PATH") ?? "", "LD_LIBRARY_PATH");
  for (let at: LoadedObject | undefined = by; at !== undefined; at = at.by) {
    const dynamic = at.file.binary?.dynamic;
    const path = originIn(dynamic?.runpath ?? dynamic?.rpath ?? "", at.path);
    folders.push(...split(path, `${dynamic?.runpath === undefined ? "RPATH" : "RUNPATH"} of ${at.path}`));
  }
  return folders.map(({ path, why }) => ({ path: within(given.workingDir, path), why }));
}

/** A path with any other token than `$ORIGIN` is not used at all. */
function originIn(path: string, object: string): string {
  const replaced = path.replaceAll(/\$(?:ORIGIN|\{ORIGIN\})/g, object.slice(0, object.lastIndexOf("/")) || "/");
  return replaced.includes("$") ? "" : replaced;
}

function split(text: string, why: string): Folder[] {
  return text
    .split(/[:\n]+/)
    .filter((path) => path !== "")
    .map((path) => ({ path, why }));
}

/** The file with the folders lies beside the loader's prefix: `/etc` for `/lib/ld-musl-…`. */
function systemFolders({ files }: Surroundings, elf: Elf, loaderPath: string): { readonly folders: readonly Folder[]; readonly known: boolean } {
  const architecture = /ld-musl-([\w-]+)\.so/.exec(loaderPath)?.[1] ?? loaderArchitecture(elf)?.musl;
  const prefix = loaderPath.split("/").slice(0, -2).join("/");
  const from = `${prefix}/etc/ld-musl-${architecture}.path`;
  const text = files.text(from);
  if (text === "none") return { folders: MUSL_FOLDERS.map((path) => ({ path, why: "a default folder" })), known: architecture !== undefined };
  if (text === "unknown") return { folders: [], known: false };
  return { folders: split(Buffer.from(text).toString("utf8"), from), known: true };
}

/** For a library, which names none. */
function ownLoader({ files }: Surroundings, elf: Elf): LoadedFile | undefined {
  const architecture = loaderArchitecture(elf);
  return architecture === undefined ? undefined : files.open(`/lib/ld-musl-${architecture.musl}.so.1`);
}

function inFolders(
  search: Search,
  name: string,
  folders: readonly Folder[],
): { readonly path: string; readonly why: string; readonly file: LoadedFile } | undefined {
  for (const { path: folder, why } of folders) {
    search.searched.add(folder);
    const found = opened(search, `${folder}/${name}`, `${folder}/${name}`, why);
    if (found !== undefined) return found;
    // The first file of this name is the last that is looked at.
    if (search.refused !== undefined || search.foreign.size > 0) return undefined;
  }
  return undefined;
}

function opened(
  search: Search,
  path: string,
  shown: string,
  why: string,
): { readonly path: string; readonly why: string; readonly file: LoadedFile } | undefined {
  const file = search.open(path);
  return file === undefined ? undefined : { path: shown, why, file };
}

/** musl does not look at the machine before it maps: a foreign library ends the program, too. */
function verdictOf({ binary }: LoadedFile, program: Elf): Verdict {
  if (binary === undefined || (binary.type !== 2 && binary.type !== 3)) return { says: "Exec format error" };
  return binary.machine === program.machine && binary.bits === program.bits && binary.order === program.order ? "fits" : "foreign";
}
