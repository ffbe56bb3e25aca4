/** An entry of a cache that a test writes. */
export interface CacheSpec {
  readonly name: string;
  readonly path: string;
  readonly flags?: number;
  /** A folder below glibc-hwcaps. */
  readonly hwcaps?: string;
  /** A bit of the way that glibc gave up with 2.37. */
  readonly oldHwcap?: boolean;
}

const HEADER = 48;
const ENTRY = 24;

/** `/etc/ld.so.cache` as ldconfig writes it, from plain data. @param old  behind the format of libc5, as glibc did until 2.31 */
export function ldCacheFile(entries: readonly CacheSpec[], order: "little" | "big" = "little", old = false): Buffer {
  const u32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    if (order === "little") bytes.writeUInt32LE(value >>> 0);
    else bytes.writeUInt32BE(value >>> 0);
    return bytes;
  };
  const hwcaps = [...new Set(entries.flatMap(({ hwcaps: name }) => name ?? []))].sort();
  const strings = [...new Set([...hwcaps, ...entries.flatMap(({ name, path }) => [name, path])])];
  const places = new Map<string, number>();
  let table = Buffer.alloc(0);
  for (const text of strings) {
    places.set(text, HEADER + entries.length * ENTRY + table.length);
    table = Buffer.concat([table, Buffer.from(`${text}\0`)]);
  }
  table = Buffer.concat([table, Buffer.alloc((4 - (table.length % 4)) % 4)]);
  const extension = HEADER + entries.length * ENTRY + table.length;
  const body = entries.map(({ name, path, flags = 0x303, hwcaps: folder, oldHwcap }) => {
    const low = folder === undefined ? (oldHwcap === true ? 4 : 0) : hwcaps.indexOf(folder);
    const high = folder === undefined ? 0 : 0x40000000;
    const halves = order === "little" ? [low, high] : [high, low];
    return Buffer.concat([u32(flags), u32(places.get(name) ?? 0), u32(places.get(path) ?? 0), u32(0), ...halves.map(u32)]);
  });
  const header = Buffer.concat([
    Buffer.from("glibc-ld.so.cache1.1"),
    u32(entries.length),
    u32(table.length),
    Buffer.from([order === "little" ? 2 : 3, 0, 0, 0]),
    u32(hwcaps.length === 0 ? 0 : extension),
    Buffer.alloc(12),
  ]);
  const names = Buffer.concat(hwcaps.map((name) => u32(places.get(name) ?? 0)));
  const section = Buffer.concat([u32(-358342284), u32(1), u32(1), u32(0), u32(extension + 24), u32(names.length), names]);
  const file = Buffer.concat([header, ...body, table, ...(hwcaps.length === 0 ? [] : [section])]);
  if (!old) return file;
  // An empty table of the old format: its header, padded.
  return Buffer.concat([Buffer.from("ld.so-1.7.0\0"), u32(0), file]);
}
