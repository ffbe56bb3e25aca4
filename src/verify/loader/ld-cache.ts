/** An entry of `/etc/ld.so.cache`. */
export interface CacheEntry {
  readonly path: string;
  readonly flags: number;
  /** For which processors: everything is for all; `name` is a folder below glibc-hwcaps; `old` a way that glibc gave up with 2.37. */
  readonly processors: "all" | "old" | { readonly name: string };
}

/** Libraries by name, in the file's order. */
export type LdCache = ReadonlyMap<string, readonly CacheEntry[]>;

const OLD_MAGIC = "ld.so-1.7.0";
const NEW_MAGIC = "glibc-ld.so.cache1.1";
const HEADER = 48;
const ENTRY = 24;
const OLD_HEADER = 16;
const OLD_ENTRY = 12;
const EXTENSION_MAGIC = -358342284 >>> 0;
const HWCAPS_SECTION = 1;
/** Bit 62 of an entry's hwcap, here in its upper half: the lower half is a place in the section of names. */
const NAMED = 0x40000000;
const ISA_LEVEL_MASK = 0x3ff;
/** Longest name or path that is taken. */
const MAX_TEXT = 4096;

/**
 * Reads `/etc/ld.so.cache`: the format of glibc 2.2 and later, alone or behind that of libc5.
 * @param order  of the loader's architecture
 * @returns undefined when the loader would not take it: another byte order, tables beyond its end
 * @see glibc sysdeps/generic/dl-cache.h and elf/dl-cache.c, `_dl_load_cache_lookup`
 */
export function parseLdCache(bytes: Uint8Array, order: "little" | "big"): LdCache | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (starts(buffer, 0, NEW_MAGIC)) return newFormat(buffer, 0, order);
  if (!starts(buffer, 0, OLD_MAGIC) || buffer.length < OLD_HEADER) return undefined;
  const count = number(buffer, 12, order);
  const end = OLD_HEADER + count * OLD_ENTRY;
  if (end > buffer.length) return undefined;
  const aligned = Math.ceil(end / 8) * 8;
  return starts(buffer, aligned, NEW_MAGIC) ? newFormat(buffer, aligned, order) : oldFormat(buffer, count, order);
}

function newFormat(buffer: Buffer, at: number, order: "little" | "big"): LdCache | undefined {
  if (buffer.length < at + HEADER) return undefined;
  const count = number(buffer, at + 20, order);
  const endian = buffer[at + 28] as number;
  if (endian !== 0 && (endian & 3) !== (order === "little" ? 2 : 3)) return undefined;
  if (count > (buffer.length - at - HEADER) / ENTRY) return undefined;
  const names = hwcapsNames(buffer, at, order);
  const entries = new Map<string, CacheEntry[]>();
  for (let i = 0; i < count; i++) {
    const from = at + HEADER + i * ENTRY;
    // Strings are counted from the new header on.
    const key = text(buffer, at + number(buffer, from + 4, order));
    const path = text(buffer, at + number(buffer, from + 8, order));
    if (key === undefined || path === undefined) continue;
    const halves = [number(buffer, from + 16, order), number(buffer, from + 20, order)] as const;
    const [low, high] = order === "little" ? halves : [halves[1], halves[0]];
    add(entries, key, { path, flags: number(buffer, from, order), processors: processorsOf(low, high, names) });
  }
  return entries;
}

function processorsOf(low: number, high: number, names: readonly string[]): CacheEntry["processors"] {
  if (low === 0 && high === 0) return "all";
  if ((high & ~ISA_LEVEL_MASK) !== NAMED) return "old";
  const name = names[low];
  return name === undefined ? "old" : { name };
}

function oldFormat(buffer: Buffer, count: number, order: "little" | "big"): LdCache {
  const strings = OLD_HEADER + count * OLD_ENTRY;
  const entries = new Map<string, CacheEntry[]>();
  for (let i = 0; i < count; i++) {
    const from = OLD_HEADER + i * OLD_ENTRY;
    const key = text(buffer, strings + number(buffer, from + 4, order));
    const path = text(buffer, strings + number(buffer, from + 8, order));
    if (key !== undefined && path !== undefined) add(entries, key, { path, flags: number(buffer, from, order), processors: "all" });
  }
  return entries;
}

/** Names of folders below glibc-hwcaps, from the extension of glibc 2.33. */
function hwcapsNames(buffer: Buffer, at: number, order: "little" | "big"): readonly string[] {
  const extension = number(buffer, at + 32, order);
  const from = at + extension;
  if (extension === 0 || from + 8 > buffer.length || number(buffer, from, order) !== EXTENSION_MAGIC) return [];
  const count = number(buffer, from + 4, order);
  if (count > (buffer.length - from - 8) / 16) return [];
  for (let i = 0; i < count; i++) {
    const section = from + 8 + i * 16;
    if (number(buffer, section, order) !== HWCAPS_SECTION) continue;
    const [offset, size] = [at + number(buffer, section + 8, order), number(buffer, section + 12, order)];
    if (offset + size > buffer.length) return [];
    return Array.from({ length: Math.floor(size / 4) }, (_, n) => text(buffer, at + number(buffer, offset + n * 4, order)) ?? "");
  }
  return [];
}

function add(entries: Map<string, CacheEntry[]>, key: string, entry: CacheEntry): void {
  const before = entries.get(key);
  if (before === undefined) entries.set(key, [entry]);
  else before.push(entry);
}

const starts = (buffer: Buffer, at: number, magic: string): boolean => buffer.subarray(at, at + magic.length).toString("latin1") === magic;

const number = (buffer: Buffer, at: number, order: "little" | "big"): number => (order === "little" ? buffer.readUInt32LE(at) : buffer.readUInt32BE(at));

function text(buffer: Buffer, at: number): string | undefined {
  if (at >= buffer.length) return undefined;
  const end = buffer.subarray(at, at + MAX_TEXT).indexOf(0);
  return end === -1 ? undefined : buffer.toString("utf8", at, at + end);
}
