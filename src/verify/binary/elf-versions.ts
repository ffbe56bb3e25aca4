import type { ElfDynamic } from "./binary.ts";
import type { Damage } from "./damage.ts";
import type { Names } from "./elf-names.ts";
import { placeOf, type Segment } from "./elf-segments.ts";
import type { KeptFile } from "./kept-file.ts";
import type { Numbers } from "./numbers.ts";

// Source: Linux Standard Base, "Symbol Versioning". The structures are the same in both classes.

/** What version tables are read from. */
export interface VersionSource {
  readonly file: KeptFile;
  readonly numbers: Numbers;
  readonly segments: readonly Segment[];
  readonly names: Names;
  readonly damage: Damage;
}

const NEED_BYTES = 16;
const WANT_BYTES = 16;
const DEFINE_BYTES = 20;
const BASE = 1;
const WEAK = 2;
/** Entries of one file. libLLVM and libc define some forty; a program wants a few of each library. */
const ENTRIES_LIMIT = 16_384;

/** `.gnu.version_r`. */
export function readWants(source: VersionSource, address: number | undefined, count: number | undefined): ElfDynamic["wants"] {
  const { u16, u32 } = source.numbers;
  const wants: ElfDynamic["wants"][number][] = [];
  let left = ENTRIES_LIMIT;
  for (const { bytes: need, offset } of chain(source, address, count ?? 0, NEED_BYTES, 12)) {
    const versions: { name: string; weak: boolean }[] = [];
    const from = offset + u32(need, 8);
    for (const { bytes: want } of chainAt(source, from, u16(need, 2), WANT_BYTES, 12)) {
      if (left-- <= 0) return tooMany(source, wants);
      const name = source.names.at(u32(want, 8));
      if (name !== undefined) versions.push({ name, weak: (u16(want, 4) & WEAK) !== 0 });
    }
    if (left-- <= 0) return tooMany(source, wants);
    const file = source.names.at(u32(need, 4));
    if (file !== undefined) wants.push({ file, versions });
  }
  return wants;
}

/** `.gnu.version_d`. */
export function readDefines(source: VersionSource, address: number | undefined, count: number | undefined): readonly string[] {
  const { u16, u32 } = source.numbers;
  const defines: string[] = [];
  let left = ENTRIES_LIMIT;
  for (const { bytes: define, offset } of chain(source, address, count ?? 0, DEFINE_BYTES, 16)) {
    if (left-- <= 0) return tooMany(source, defines);
    if ((u16(define, 2) & BASE) !== 0) continue;
    // The first name is its own; others are of versions that it follows.
    const own = takeEntry(source, offset + u32(define, 12), 8);
    const name = own === undefined ? undefined : source.names.at(u32(own, 0));
    if (name !== undefined) defines.push(name);
  }
  return defines;
}

interface Entry {
  readonly bytes: Buffer;
  readonly offset: number;
}

function* chain(source: VersionSource, address: number | undefined, count: number, size: number, nextAt: number): Generator<Entry> {
  if (address === undefined || count === 0) return;
  const place = placeOf(source.segments, address);
  if (place === undefined) {
    source.damage.tell("its version table lies in no segment");
    source.names.miss();
    return;
  }
  yield* chainAt(source, place.offset, count, size, nextAt);
}

/** Entries that each say how far on the next is. It only goes forward, so it ends. */
function* chainAt(source: VersionSource, start: number, count: number, size: number, nextAt: number): Generator<Entry> {
  let offset = start;
  for (let i = 0; i < count; i++) {
    const bytes = takeEntry(source, offset, size);
    if (bytes === undefined) return;
    yield { bytes, offset };
    const next = source.numbers.u32(bytes, nextAt);
    if (next === 0) return;
    offset += next;
  }
}

function takeEntry(source: VersionSource, offset: number, size: number): Buffer | undefined {
  const bytes = source.file.take(offset, size);
  if (typeof bytes !== "string") return bytes;
  if (bytes === "beyond") source.damage.tell("it is cut short in its version tables");
  source.names.miss();
  return undefined;
}

function tooMany<T>(source: VersionSource, found: T): T {
  source.damage.tell("its version tables have more entries than any program");
  source.names.miss();
  return found;
}
