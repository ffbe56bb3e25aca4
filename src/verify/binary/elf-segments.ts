import type { Damage } from "./damage.ts";
import type { ElfHeader } from "./elf-header.ts";
import type { KeptFile } from "./kept-file.ts";

/** A program header. */
export interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly align: number;
}

export const SEGMENT_TYPE = { load: 1, dynamic: 2, interpreter: 3, note: 4, gnuProperty: 0x6474e553 } as const;

/** Linux refuses a longer table (`load_elf_phdrs`). */
const TABLE_BYTES_LIMIT = 64 * 1024;

/** The program headers; none where they cannot be read. */
export function readSegments(file: KeptFile, header: ElfHeader, damage: Damage): readonly Segment[] {
  const { offset, entrySize, count } = header.segments;
  if (count === 0) return [];
  const { u32, word, size } = header.numbers;
  const expected = size === 8 ? 56 : 32;
  if (entrySize !== expected) {
    damage.tell(`its program headers are said to have ${entrySize} bytes each, where ${expected} are right`);
    return [];
  }
  if (count * entrySize > TABLE_BYTES_LIMIT) {
    damage.tell(`it is said to have ${count} program headers, more than any loader takes`);
    return [];
  }
  const table = file.take(offset, count * entrySize);
  if (table === "beyond") damage.tell("it is cut short in its program headers");
  if (typeof table === "string") return [];
  return Array.from({ length: count }, (_, i) => {
    const at = i * entrySize;
    const [first, second] = size === 8 ? [at + 8, 8] : [at + 4, 4];
    return {
      type: u32(table, at),
      offset: word(table, first),
      address: word(table, first + second),
      fileSize: word(table, first + 3 * second),
      align: word(table, size === 8 ? at + 48 : at + 28),
    };
  });
}

/** Where in the file an address lies, and how many bytes of its segment are left there; undefined when no segment that is loaded holds it. */
export function placeOf(segments: readonly Segment[], address: number): { readonly offset: number; readonly left: number } | undefined {
  if (!Number.isSafeInteger(address)) return undefined;
  for (const one of segments) {
    if (one.type !== SEGMENT_TYPE.load) continue;
    const at = address - one.address;
    if (at >= 0 && at < one.fileSize) return { offset: one.offset + at, left: one.fileSize - at };
  }
  return undefined;
}

/** Tells when the file ends before what of it is to be loaded. */
export function checkLoaded(file: KeptFile, segments: readonly Segment[], damage: Damage): void {
  for (const { type, offset, fileSize } of segments) {
    if (type === SEGMENT_TYPE.load && fileSize > 0 && offset + fileSize > file.size) {
      damage.tell(`it is cut short: a segment ends at byte ${offset + fileSize}, the file has ${file.size}`);
    }
  }
}
