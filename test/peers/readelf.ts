import type { Binary } from "../../src/verify/binary/binary.ts";
import { run } from "./peer-suite.ts";

/** What readelf says of one file, in our words; undefined for a file that it does not take for ELF. */
export interface Readelf {
  readonly bits: number;
  readonly order: string;
  readonly type: string;
  readonly flags: number;
  readonly interpreter: string | undefined;
  readonly hasDynamic: boolean;
  readonly soname: string | undefined;
  readonly needed: readonly string[];
  readonly rpath: string | undefined;
  readonly runpath: string | undefined;
  readonly pie: boolean;
  readonly wants: readonly { readonly file: string; readonly versions: readonly { readonly name: string; readonly weak: boolean }[] }[];
  readonly defines: readonly string[];
  readonly cpuArch: string | undefined;
  readonly hardFloat: boolean;
  readonly isa: string | undefined;
}

const TYPES: Readonly<Record<number, string>> = { 1: "REL", 2: "EXEC", 3: "DYN", 4: "CORE" };
/** Words of readelf for Tag_CPU_arch. */
const CPU_ARCH: Readonly<Record<number, string>> = {
  3: "v5T",
  4: "v5TE",
  5: "v5TEJ",
  6: "v6",
  7: "v6KZ",
  8: "v6T2",
  9: "v6K",
  10: "v7",
  13: "v7E-M",
  14: "v8",
};

/** What readelf says of each file. @param files  at least one */
export function readelf(files: readonly string[]): ReadonlyMap<string, Readelf> {
  const said = new Map<string, Readelf>();
  for (let at = 0; at < files.length; at += 200) {
    // Two, so that it tells names.
    const text = run("sh", ["-c", 'readelf -hldVAnW "$@" /dev/null 2>/dev/null || true', "sh", ...files.slice(at, at + 200)]);
    for (const part of text.split(/^File: /m).slice(1)) {
      const end = part.indexOf("\n");
      if (part.includes("ELF Header:")) said.set(part.slice(0, end), parsed(part));
    }
  }
  return said;
}

function parsed(text: string): Readelf {
  const one = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
  const all = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] as string);
  const needs = text.split(/^Version needs section/m)[1]?.split(/^\n/m)[0] ?? "";
  const definitions = text.split(/^Version definition section/m)[1]?.split(/^\n/m)[0] ?? "";
  return {
    bits: Number(one(/^ {2}Class: +ELF(\d+)/m)),
    order: one(/^ {2}Data: .*(little|big) endian/m) ?? "",
    type: one(/^ {2}Type: +(\w+)/m) ?? "",
    flags: Number(one(/^ {2}Flags: +(0x[0-9a-f]+)/m)),
    interpreter: one(/\[Requesting program interpreter: (.*)\]/),
    hasDynamic: /^Dynamic section at offset/m.test(text),
    soname: one(/\(SONAME\) +Library soname: \[(.*)\]/),
    needed: all(/\(NEEDED\) +Shared library: \[(.*)\]/g),
    rpath: one(/\(RPATH\) +Library rpath: \[(.*)\]/),
    runpath: one(/\(RUNPATH\) +Library runpath: \[(.*)\]/),
    pie: / \(FLAGS_1\) .*\bPIE\b/.test(text),
    wants: needs
      .split(/ Version: \d+ {2}File: /)
      .slice(1)
      .map((part) => ({
        file: part.slice(0, part.indexOf("  Cnt:")),
        versions: [...part.matchAll(/Name: (\S+) {2}Flags: (.*?) {2}Version/g)].map((match) => ({
          name: match[1] as string,
          weak: (match[2] as string).includes("WEAK"),
        })),
      })),
    defines: [...definitions.matchAll(/Flags: (.*?) {2}Index.*Name: (\S+)/g)]
      .filter((match) => !(match[1] as string).includes("BASE"))
      .map((match) => match[2] as string),
    cpuArch: one(/^ {2}Tag_CPU_arch: (\S+)/m),
    hardFloat: /Tag_ABI_VFP_args: VFP registers/.test(text),
    // Of what is linked alone: a level in an object is the compiler's word.
    isa: /^ {2}Type: +REL/m.test(text) ? undefined : one(/x86 ISA needed: (.*)/),
  };
}

/** The same, as we read it. */
export function asReadelf(binary: Binary | undefined): Readelf | undefined {
  if (binary?.format !== "elf") return undefined;
  const { dynamic, arm } = binary;
  const levels = ["x86-64-baseline", "x86-64-v2", "x86-64-v3", "x86-64-v4"].filter((_, bit) => (((binary.x86IsaNeeded ?? 0) >> bit) & 1) === 1);
  return {
    bits: binary.bits,
    order: binary.order,
    type: TYPES[binary.type] ?? String(binary.type),
    flags: binary.flags,
    interpreter: binary.interpreter,
    hasDynamic: dynamic !== undefined,
    soname: dynamic?.soname,
    needed: dynamic?.needed ?? [],
    rpath: dynamic?.rpath,
    runpath: dynamic?.runpath,
    pie: ((dynamic?.flags1 ?? 0) & 0x8000000) !== 0,
    wants: dynamic?.wants ?? [],
    defines: dynamic?.defines ?? [],
    cpuArch: arm?.cpuArch === undefined ? undefined : CPU_ARCH[arm.cpuArch],
    hardFloat: arm?.vfpArgs === 1,
    isa: levels.length === 0 ? undefined : levels.join(", "),
  };
}
