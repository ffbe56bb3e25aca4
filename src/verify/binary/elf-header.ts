import type { KeptFile } from "./kept-file.ts";
import { type Numbers, numbersOf } from "./numbers.ts";

// Source: System V ABI (gABI), "ELF Header", "Program Header", "Sections"; numbers as in glibc's elf.h.

/** What the first 52 or 64 bytes say, and how the rest is to be read. */
export interface ElfHeader {
  readonly bits: 32 | 64;
  readonly order: "little" | "big";
  readonly numbers: Numbers;
  readonly osAbi: number;
  readonly type: number;
  readonly machine: number;
  readonly flags: number;
  readonly segments: TablePlace;
  readonly sections: TablePlace;
  /** False: the file ends before the header does; flags and tables are told as 0. */
  readonly whole: boolean;
}

export interface TablePlace {
  readonly offset: number;
  readonly entrySize: number;
  readonly count: number;
}

export const ELF_TYPE = { object: 1, exec: 2, dyn: 3, core: 4 } as const;
/** What of the header comes before fields whose size depends on the class. */
const IDENT_BYTES = 20;
const NO_TABLE: TablePlace = { offset: 0, entrySize: 0, count: 0 };
/** The true count stands in section 0. */
const COUNT_ELSEWHERE = 0xffff;

export const isElf = (head: Uint8Array): boolean => head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;

/** Undefined: class or byte order are none that exist, or the file ends before its machine is told. */
export function readElfHeader(file: KeptFile): ElfHeader | undefined {
  const ident = file.take(0, IDENT_BYTES);
  if (typeof ident === "string" || !isElf(ident)) return undefined;
  const bits = ident[4] === 1 ? 32 : ident[4] === 2 ? 64 : undefined;
  const order = ident[5] === 1 ? "little" : ident[5] === 2 ? "big" : undefined;
  if (bits === undefined || order === undefined) return undefined;
  const numbers = numbersOf(order, bits);
  const { u16, u32, word } = numbers;
  const common = { bits, order, numbers, osAbi: ident[7] as number, type: u16(ident, 16), machine: u16(ident, 18) } as const;
  const head = file.take(0, bits === 64 ? 64 : 52);
  if (typeof head === "string") return { ...common, flags: 0, segments: NO_TABLE, sections: NO_TABLE, whole: false };
  const offsets = 24 + numbers.size;
  const flagsAt = 24 + 3 * numbers.size;
  const segments = { offset: word(head, offsets), entrySize: u16(head, flagsAt + 6), count: u16(head, flagsAt + 8) };
  const sections = { offset: word(head, offsets + numbers.size), entrySize: u16(head, flagsAt + 10), count: u16(head, flagsAt + 12) };
  const first = sections.offset > 0 ? file.take(sections.offset, bits === 64 ? 64 : 40) : "beyond";
  return {
    ...common,
    flags: u32(head, flagsAt),
    segments: { ...segments, count: segments.count !== COUNT_ELSEWHERE || typeof first === "string" ? segments.count : u32(first, bits === 64 ? 44 : 28) },
    sections: { ...sections, count: sections.count !== 0 || typeof first === "string" ? sections.count : word(first, bits === 64 ? 32 : 20) },
    whole: true,
  };
}
