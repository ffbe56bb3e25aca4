import type { Bytes } from "./elf-bytes.ts";

interface Table {
  readonly content: Buffer;
  readonly count: number;
}

type StringAt = (text: string) => number;

/** `.gnu.version_r`. A version that ends in `?` is weak. */
export function versionNeeds(bytes: Bytes, at: StringAt, wants: Readonly<Record<string, readonly string[]>>, firstIndex: number): Table {
  const files = Object.entries(wants);
  let index = firstIndex;
  const parts = files.map(([file, versions], i) => {
    const own = Buffer.concat(
      versions.map((text, j) => {
        const weak = text.endsWith("?");
        const name = weak ? text.slice(0, -1) : text;
        return Buffer.concat([
          bytes.u32(hash(name)),
          bytes.u16(weak ? 2 : 0),
          bytes.u16(index++),
          bytes.u32(at(name)),
          bytes.u32(j + 1 === versions.length ? 0 : 16),
        ]);
      }),
    );
    const next = i + 1 === files.length ? 0 : 16 + own.length;
    return Buffer.concat([bytes.u16(1), bytes.u16(versions.length), bytes.u32(at(file)), bytes.u32(versions.length === 0 ? 0 : 16), bytes.u32(next), own]);
  });
  return { content: Buffer.concat(parts), count: files.length };
}

/** `.gnu.version_d`, the base version first, as linkers write it. */
export function versionDefinitions(bytes: Bytes, at: StringAt, base: string, names: readonly string[]): Table {
  const all = [base, ...names];
  const parts = all.map((name, i) =>
    Buffer.concat([
      bytes.u16(1),
      bytes.u16(i === 0 ? 1 : 0),
      bytes.u16(i + 1),
      bytes.u16(1),
      bytes.u32(hash(name)),
      bytes.u32(20),
      bytes.u32(i + 1 === all.length ? 0 : 28),
      bytes.u32(at(name)),
      bytes.u32(0),
    ]),
  );
  return { content: Buffer.concat(parts), count: all.length };
}

/** System V's ELF hash. */
function hash(name: string): number {
  let value = 0;
  for (const byte of Buffer.from(name, "latin1")) {
    value = (value * 16 + byte) >>> 0;
    const high = value & 0xf0000000;
    if (high !== 0) value ^= high >>> 24;
    value = (value & ~high) >>> 0;
  }
  return value;
}
