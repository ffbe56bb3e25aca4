import type { Damage } from "./damage.ts";
import type { ElfHeader } from "./elf-header.ts";
import type { KeptFile } from "./kept-file.ts";

/** A section header. */
export interface Section {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
}

export const SECTION_TYPE = { noBits: 8, armAttributes: 0x70000003 } as const;
const EXECUTABLE = 4;

/** Programs have some thirty sections; an object file compiled with a section for each function has thousands. */
const SECTIONS_LIMIT = 65_536;

/** The section headers; none where the file has none, or they are not kept. No loader needs them. */
export function readSections(file: KeptFile, header: ElfHeader, damage: Damage): readonly Section[] {
  const { offset, entrySize, count } = header.sections;
  const { u32, word, size } = header.numbers;
  const expected = size === 8 ? 64 : 40;
  if (offset === 0 || count === 0 || entrySize !== expected || count > SECTIONS_LIMIT) return [];
  const table = file.take(offset, count * entrySize);
  if (table === "beyond") damage.tell(`it is cut short: its section headers end at byte ${offset + count * entrySize}, the file has ${file.size}`);
  if (typeof table === "string") return [];
  return Array.from({ length: count }, (_, i) => {
    const at = i * entrySize;
    return { type: u32(table, at + 4), flags: word(table, at + 8), offset: word(table, at + 8 + 2 * size), size: word(table, at + 8 + 3 * size) };
  });
}

/** Debug information split off a program: its code is not in the file, and what its program headers point to neither. */
export const isSplitDebug = (sections: readonly Section[]): boolean =>
  sections.some(({ type, flags }) => type === SECTION_TYPE.noBits && flags % (2 * EXECUTABLE) >= EXECUTABLE);
