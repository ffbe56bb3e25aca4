import type { ElfDynamic } from "./binary.ts";
import type { Damage } from "./damage.ts";
import type { ElfHeader } from "./elf-header.ts";
import { type Names, namesOf } from "./elf-names.ts";
import { SEGMENT_TYPE, type Segment } from "./elf-segments.ts";
import { readDefines, readWants } from "./elf-versions.ts";
import type { KeptFile } from "./kept-file.ts";

// Source: gABI, "Dynamic Section"; numbers as in glibc's elf.h.
const TAG = {
  end: 0,
  needed: 1,
  strings: 5,
  stringsSize: 10,
  soname: 14,
  rpath: 15,
  runpath: 29,
  flags1: 0x6ffffffb,
  defines: 0x6ffffffc,
  definesCount: 0x6ffffffd,
  wants: 0x6ffffffe,
  wantsCount: 0x6fffffff,
} as const;

/** Some thirty entries are usual; one for each library that is needed comes atop. */
const DYNAMIC_BYTES_LIMIT = 64 * 1024;

/** Where PT_DYNAMIC lies, cut to what is read of it; undefined without. */
export function dynamicPlace(segments: readonly Segment[]): { readonly offset: number; readonly length: number } | undefined {
  const segment = segments.find(({ type }) => type === SEGMENT_TYPE.dynamic);
  return segment === undefined ? undefined : { offset: segment.offset, length: Math.min(segment.fileSize, DYNAMIC_BYTES_LIMIT) };
}

/** PT_DYNAMIC and what it points to; undefined without. */
export function readDynamic(file: KeptFile, header: ElfHeader, segments: readonly Segment[], damage: Damage): ElfDynamic | undefined {
  const place = dynamicPlace(segments);
  if (place === undefined) return undefined;
  const table = file.take(place.offset, place.length);
  if (table === "beyond") damage.tell("it is cut short in its dynamic section");
  if (typeof table === "string")
    return { soname: undefined, needed: [], rpath: undefined, runpath: undefined, flags1: 0, wants: [], defines: [], whole: false };

  const { word, size } = header.numbers;
  const values = new Map<number, number>();
  const needed: number[] = [];
  for (let at = 0; at + 2 * size <= table.length; at += 2 * size) {
    const tag = word(table, at);
    if (tag === TAG.end) break;
    const value = word(table, at + size);
    if (tag === TAG.needed) needed.push(value);
    else values.set(tag, value);
  }
  const names = namesOf(file, segments, values.get(TAG.strings), values.get(TAG.stringsSize), damage);
  const table2 = { file, numbers: header.numbers, segments, names, damage };
  const wants = readWants(table2, values.get(TAG.wants), values.get(TAG.wantsCount));
  const defines = readDefines(table2, values.get(TAG.defines), values.get(TAG.definesCount));
  const known = needed.flatMap((offset) => names.at(offset) ?? []);
  const [soname, rpath, runpath] = [TAG.soname, TAG.rpath, TAG.runpath].map((tag) => nameOf(names, values.get(tag)));
  return { soname, needed: known, rpath, runpath, flags1: (values.get(TAG.flags1) ?? 0) % 2 ** 32, wants, defines, whole: names.whole };
}

const nameOf = (names: Names, offset: number | undefined): string | undefined => (offset === undefined ? undefined : names.at(offset));
