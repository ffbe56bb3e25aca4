import type { Elf } from "../binary/binary.ts";
import type { ImageFiles } from "./image-files.ts";
import type { Interpreter, Libc, LoadedFile } from "./load.ts";
import { within } from "./search.ts";

/** What PT_INTERP leads to; undefined when there is none. */
export const interpreterOf = (files: ImageFiles, elf: Elf, workingDir: string): Interpreter | undefined =>
  elf.interpreter === undefined ? undefined : { path: elf.interpreter, found: files.open(within(workingDir, elf.interpreter)) };

/**
 * Whose loader it is: by the file that is found (Alpine's gcompat serves under glibc's name), else by the name. A library tells by what it needs.
 * @param asked  PT_INTERP
 */
export function libcOf(asked: string | undefined, found: LoadedFile | undefined, elf: Elf): Libc {
  if (asked === undefined) return elf.dynamic?.needed.some((name) => MUSL.test(name) || name === "libc.so") ? "musl" : "glibc";
  if (found !== undefined) {
    const [name, soname] = [baseName(found.path), found.binary?.dynamic?.soname];
    if ([name, soname].some((own) => own !== undefined && (MUSL.test(own) || own === "libc.so"))) return "musl";
    if (soname !== undefined && GLIBC.test(soname)) return "glibc";
    // glibc's own always has a soname: something else serves under its name, as Alpine's gcompat does.
    if (GLIBC.test(baseName(asked))) return "unknown";
  }
  return libcByName(asked);
}

function libcByName(path: string): Libc {
  const name = baseName(path);
  if (MUSL.test(name)) return "musl";
  if (path.startsWith("/system/bin/linker") || path.includes("/apex/")) return "bionic";
  if (name.includes("uClibc")) return "uclibc";
  return GLIBC.test(name) ? "glibc" : "unknown";
}

const MUSL = /^(?:ld-musl-|libc\.musl-)/;
const GLIBC = /^(?:ld-linux|ld64\.so\.|ld\.so\.1$|ld-2\.\d+\.so$)/;

export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
