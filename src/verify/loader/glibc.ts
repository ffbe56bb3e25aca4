import { isKernelObject, loaderArchitecture } from "../../facts/loaders.ts";
import type { Elf } from "../binary/binary.ts";
import { glibcPlaces } from "./glibc-places.ts";
import { glibcSearch } from "./glibc-search.ts";
import { baseName } from "./interpreter.ts";
import type { Interpreter, LoadedFile, LoadedLibrary, MissingLibrary, Surroundings } from "./load.ts";
import { isWhole, type LoadedObject, missingOf, type Outcome } from "./object.ts";
import { Search, type Verdict } from "./search.ts";

/** Objects that one program may load. */
const MAX_OBJECTS = 5000;

/**
 * Loads as glibc does: what is preloaded, then what is needed, breadth first. An object is loaded once, told by its name, its soname or its file.
 * @see glibc elf/dl-deps.c, elf/rtld.c
 */
export function loadGlibc(given: Surroundings, program: LoadedFile, interpreter: Interpreter | undefined): Outcome {
  const elf = program.binary as Elf;
  const architecture = loaderArchitecture(elf, floatOf(elf));
  const places = glibcPlaces(given, architecture, elf.order, interpreter);
  const searching = glibcSearch(given, places);
  const main: LoadedObject = { path: program.path, file: program, names: new Set([program.path, soname(program)]), by: undefined };
  const objects = [main, ...loaderObject(given, interpreter, architecture?.glibc, elf)];
  const libraries: LoadedLibrary[] = [];
  const missing = new Map<string, MissingLibrary>();
  const missingPreloads: MissingLibrary[] = [];
  const told = new Set<LoadedObject>();

  const need = (asked: string, by: LoadedObject, neededBy: string): LoadedObject | MissingLibrary | undefined => {
    const name = searching.nameOf(asked, by);
    const known = objects.find(({ names }) => names.has(name));
    if (known !== undefined) {
      tell(known, name, neededBy, "what is loaded already");
      return known;
    }
    if (isKernelObject(name)) return undefined;
    const search = new Search(given.files, (file) => verdictOf(file, elf));
    const found = searching.find(name, by, main, search);
    if (found === undefined) return missingOf(name, neededBy, search, uncachedIn(places.configured, name, search, given, elf));
    const same = objects.find(({ file }) => file.node === found.file.node);
    if (same !== undefined) {
      same.names.add(name);
      tell(same, name, neededBy, found.why);
      return same;
    }
    const object: LoadedObject = { path: found.path, file: found.file, names: new Set([name, found.path, soname(found.file)]), by };
    objects.push(object);
    told.add(object);
    libraries.push({ name, neededBy, path: found.path, why: found.why, file: found.file });
    return object;
  };
  // The loader itself is told of once something needs it.
  const tell = (object: LoadedObject, name: string, neededBy: string, why: string): void => {
    if (object === main || told.has(object)) return;
    told.add(object);
    libraries.push({ name, neededBy, path: object.path, why, file: object.file });
  };

  const queue = [main];
  for (const { name, from } of preloads(given)) {
    const object = need(name, main, from);
    if (object !== undefined && "searched" in object) missingPreloads.push(object);
    else if (object !== undefined && !queue.includes(object)) queue.push(object);
  }
  const queued = new Set(queue);
  for (let i = 0; i < queue.length && queue.length < MAX_OBJECTS; i++) {
    const by = queue[i] as LoadedObject;
    for (const name of by.file.binary?.dynamic?.needed ?? []) {
      const object = need(name, by, by.path);
      if (object === undefined) continue;
      if ("searched" in object) {
        if (!missing.has(name)) missing.set(name, object);
      } else if (!queued.has(object)) {
        queued.add(object);
        queue.push(object);
      }
    }
  }
  const whole = places.whole && searching.tokensKnown() && queue.length < MAX_OBJECTS && queue.every(({ file }) => isWhole(file));
  return { objects: [...queue, ...objects.filter((object) => !queued.has(object))], libraries, missing: [...missing.values()], missingPreloads, whole };
}

/** The loader is there from the beginning, under PT_INTERP and its soname. */
function loaderObject(given: Surroundings, interpreter: Interpreter | undefined, usual: string | undefined, elf: Elf): readonly LoadedObject[] {
  const path = interpreter?.path ?? usual;
  const file = path === undefined ? undefined : given.files.open(path);
  if (path === undefined || file?.binary === undefined || verdictOf(file, elf) !== "fits") return [];
  return [{ path, file, names: new Set([path, soname(file), baseName(path)]), by: undefined }];
}

/** Split as glibc does: at spaces and colons; the file at line ends too, with comments. */
function preloads({ env, files }: Surroundings): readonly { readonly name: string; readonly from: string }[] {
  const text = files.text("/etc/ld.so.preload");
  const ofFile = typeof text === "string" ? "" : Buffer.from(text).toString("utf8").replace(/#.*/g, "");
  const names = (list: string, from: string): { name: string; from: string }[] =>
    list
      .split(/[\s:]+/)
      .filter((name) => name !== "")
      .map((name) => ({ name, from }));
  return [...names(env("LD_PRELOAD") ?? "", "LD_PRELOAD"), ...names(ofFile, "/etc/ld.so.preload")];
}

const soname = (file: LoadedFile): string => file.binary?.dynamic?.soname ?? file.path;

const EM_ARM = 40;
const EM_RISCV = 243;
const EM_PPC64 = 21;
const ELF_HEADER = { 32: 52, 64: 64 } as const;
const EF_ARM_ABI_FLOAT_SOFT = 0x200;
const EF_RISCV_FLOAT_ABI = 0x6;
const EF_PPC64_ABI = 0x3;

/** What ld.so makes of a file that it opens. @see glibc elf/dl-load.c, `open_verify`; sysdeps: `elf_machine_matches_host` */
function verdictOf({ node, binary }: LoadedFile, program: Elf): Verdict {
  if (node.type === "directory") return { says: "cannot read file data: Is a directory" };
  if (binary === undefined) return { says: node.size < ELF_HEADER[program.bits] ? "file too short" : "invalid ELF header" };
  // Of another byte order, glibc itself gives up; Debian's passes over it, and nobody else mixes them.
  if (binary.bits !== program.bits || binary.order !== program.order) return "foreign";
  if (binary.machine !== program.machine) return "foreign";
  if (program.machine === EM_RISCV && (binary.flags & EF_RISCV_FLOAT_ABI) !== (program.flags & EF_RISCV_FLOAT_ABI)) return "foreign";
  if (program.machine === EM_PPC64 && otherAbi(binary.flags & EF_PPC64_ABI, program.flags & EF_PPC64_ABI)) return "foreign";
  if (binary.type !== 2 && binary.type !== 3) return { says: "only ET_DYN and ET_EXEC can be loaded" };
  return "fits";
}

const otherAbi = (a: number, b: number): boolean => a !== 0 && b !== 0 && a !== b;

function floatOf(elf: Elf): "hard" | "soft" {
  if (elf.machine !== EM_ARM) return "hard";
  if (elf.interpreter !== undefined) return /armhf/.test(elf.interpreter) ? "hard" : "soft";
  return (elf.flags & EF_ARM_ABI_FLOAT_SOFT) !== 0 || elf.arm?.vfpArgs === 0 ? "soft" : "hard";
}

/** A fit file in a folder that ldconfig would have looked into. */
function uncachedIn(folders: readonly string[], name: string, search: Search, { files }: Surroundings, elf: Elf): LoadedFile | undefined {
  if (name.includes("/")) return undefined;
  for (const folder of folders) {
    const file = files.open(`${folder}/${name}`);
    if (file !== undefined && verdictOf(file, elf) === "fits" && !search.searched.has(folder)) return file;
  }
  return undefined;
}
