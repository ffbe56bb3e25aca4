import type { ElfHeader } from "./elf-header.ts";
import { SEGMENT_TYPE, type Segment } from "./elf-segments.ts";
import type { KeptFile } from "./kept-file.ts";

// Source: "Linux Extensions to gABI", .note.gnu.property; the x86-64 psABI's addition.

const NT_GNU_PROPERTY_TYPE_0 = 5;
const GNU_PROPERTY_X86_ISA_1_NEEDED = 0xc0008002;
const MACHINE_386 = 3;
const MACHINE_X86_64 = 62;
/** Real ones have some hundred bytes. */
const NOTES_BYTES_LIMIT = 64 * 1024;

/** GNU_PROPERTY_X86_ISA_1_NEEDED; undefined when it is not noted, or notes are damaged. */
export function readX86Isa(file: KeptFile, header: ElfHeader, segments: readonly Segment[]): number | undefined {
  if (header.machine !== MACHINE_X86_64 && header.machine !== MACHINE_386) return undefined;
  const own = segments.filter(({ type }) => type === SEGMENT_TYPE.gnuProperty);
  for (const segment of own.length > 0 ? own : segments.filter(({ type }) => type === SEGMENT_TYPE.note)) {
    const bytes = segment.fileSize > NOTES_BYTES_LIMIT ? "beyond" : file.take(segment.offset, segment.fileSize);
    const found = typeof bytes === "string" ? undefined : isaOf(bytes, header, segment.align === 8 ? 8 : 4);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isaOf(bytes: Buffer, { numbers: { u32, size } }: ElfHeader, align: number): number | undefined {
  const padded = (length: number, to: number): number => Math.ceil(length / to) * to;
  for (let at = 0; at + 12 <= bytes.length; ) {
    const [nameSize, size1, type] = [u32(bytes, at), u32(bytes, at + 4), u32(bytes, at + 8)];
    const start = at + padded(12 + nameSize, align);
    const end = start + size1;
    if (end > bytes.length) return undefined;
    if (type === NT_GNU_PROPERTY_TYPE_0 && nameSize === 4 && bytes.toString("latin1", at + 12, at + 16) === "GNU\0") {
      for (let property = start; property + 8 <= end; ) {
        const length = u32(bytes, property + 4);
        if (property + 8 + length > end) return undefined;
        if (u32(bytes, property) === GNU_PROPERTY_X86_ISA_1_NEEDED && length === 4) return u32(bytes, property + 8);
        property += 8 + padded(length, size);
      }
    }
    at = start + padded(size1, align);
  }
  return undefined;
}
