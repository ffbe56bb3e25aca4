import { type ArmSpec, armAttributes } from "./elf-arm.ts";
import { type Bytes, bytesOf, padded } from "./elf-bytes.ts";
import { versionDefinitions, versionNeeds } from "./elf-versions.ts";

export { type MachoSpec, machoFile, type PeSpec, peFile } from "./pe-file.ts";

/**
 * What an ELF file is to say: plain data, so that cases can hold it. Everything is optional but the machine.
 * Without `interpreter`, `soname`, `needed` and the like it is a static program; with a `soname` it is a library; with an `interpreter` a position-independent program.
 */
export interface ElfSpec {
  /** A word of {@link MACHINES}, or an `e_machine`. */
  readonly machine: string | number;
  readonly bits?: 32 | 64;
  readonly order?: "little" | "big";
  /** `e_flags`; else what compilers write for the machine (arm: soft or hard by `arm.vfpArgs`). */
  readonly flags?: number;
  readonly osAbi?: number;
  /** `e_type`. */
  readonly type?: "object" | "exec" | "dyn" | "core" | number;
  readonly interpreter?: string;
  readonly soname?: string;
  readonly needed?: readonly string[];
  readonly rpath?: string;
  readonly runpath?: string;
  /** DT_FLAGS_1; else DF_1_PIE for a program that has an interpreter and no soname. */
  readonly flags1?: number;
  /** Versions wanted, by file; one that ends in `?` is weak. */
  readonly wants?: Readonly<Record<string, readonly string[]>>;
  readonly defines?: readonly string[];
  /** It has a dynamic section though nothing else asks for one: a static position-independent program. */
  readonly dynamic?: boolean;
  readonly arm?: ArmSpec;
  /** GNU_PROPERTY_X86_ISA_1_NEEDED. */
  readonly x86Isa?: number;
  /** Bytes of code. */
  readonly text?: number;
  /** No section headers, as packers leave it. */
  readonly bare?: boolean;
}

interface Machine {
  readonly machine: number;
  readonly bits: 32 | 64;
  readonly order: "little" | "big";
  readonly flags: number;
}

const machine = (number: number, bits: 32 | 64, order: "little" | "big", flags = 0): Machine => ({ machine: number, bits, order, flags });

/** GOARCH's words. Flags as GCC of Debian writes them. */
export const MACHINES: Readonly<Record<string, Machine>> = {
  amd64: machine(62, 64, "little"),
  "386": machine(3, 32, "little"),
  arm: machine(40, 32, "little", 0x5000000),
  arm64: machine(183, 64, "little"),
  riscv64: machine(243, 64, "little", 0x5),
  ppc64le: machine(21, 64, "little", 0x2),
  ppc64: machine(21, 64, "big", 0x1),
  s390x: machine(22, 64, "big"),
  mips64le: machine(8, 64, "little", 0x80000007),
  mips64: machine(8, 64, "big", 0x80000007),
  mipsle: machine(8, 32, "little", 0x70001007),
  mips: machine(8, 32, "big", 0x70001007),
  loong64: machine(258, 64, "little", 0x43),
};

const TYPES = { object: 1, exec: 2, dyn: 3, core: 4 } as const;
const PIE = 0x8000000;
const ARM_SOFT = 0x200;
const ARM_HARD = 0x400;
/** The second segment lies this much further in memory than in the file, so that offsets and addresses differ. */
const GAP = 0x10000;

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly content: Buffer;
  readonly align: number;
  readonly link?: string;
  readonly info?: number;
  readonly entrySize?: number;
}

const ALLOC = 2;

/** A valid file, byte for byte in its machine's class and order: program headers, two PT_LOAD, section headers. */
export function elfFile(spec: ElfSpec): Buffer {
  // YAML reads 386 as a number.
  const known = MACHINES[String(spec.machine)] ?? (typeof spec.machine === "number" ? machine(spec.machine, 64, "little") : undefined);
  if (known === undefined) throw new Error(`elfFile: no machine "${spec.machine}"; there are ${Object.keys(MACHINES).join(", ")}`);
  const [bits, order] = [spec.bits ?? known.bits, spec.order ?? known.order];
  const is64 = bits === 64;
  const word = is64 ? 8 : 4;
  const bytes = bytesOf(order, word);

  const isDynamic = [spec.interpreter, spec.soname, spec.needed, spec.rpath, spec.runpath, spec.flags1, spec.wants, spec.defines].some(
    (one) => one !== undefined,
  );
  const hasDynamic = isDynamic || spec.dynamic === true;
  const type = typeof spec.type === "number" ? spec.type : spec.type !== undefined ? TYPES[spec.type] : hasDynamic ? TYPES.dyn : TYPES.exec;
  const isProgram = spec.soname === undefined && (spec.interpreter !== undefined || spec.dynamic === true);
  const base = type === TYPES.exec ? 0x400000 : 0;

  const strings = stringTable();
  const sections: Section[] = [];
  const alloc = (name: string, kind: number, content: Buffer, more: Partial<Section> = {}): void => {
    sections.push({ name, type: kind, flags: ALLOC, content, align: word, ...more });
  };
  if (spec.interpreter !== undefined) alloc(".interp", 1, Buffer.from(`${spec.interpreter}\0`, "latin1"), { align: 1 });
  if (spec.x86Isa !== undefined) alloc(".note.gnu.property", 7, isaNote(bytes, spec.x86Isa));
  const dynamicStrings = { soname: spec.soname, rpath: spec.rpath, runpath: spec.runpath, needed: spec.needed ?? [] };
  const entries: [tag: number, value: number | string][] = [];
  if (hasDynamic) {
    for (const name of dynamicStrings.needed) entries.push([1, strings.at(name)]);
    if (spec.soname !== undefined) entries.push([14, strings.at(spec.soname)]);
    if (spec.rpath !== undefined) entries.push([15, strings.at(spec.rpath)]);
    if (spec.runpath !== undefined) entries.push([29, strings.at(spec.runpath)]);
    const defines = spec.defines === undefined ? undefined : versionDefinitions(bytes, strings.at, spec.soname ?? "base", spec.defines);
    const wants = spec.wants === undefined ? undefined : versionNeeds(bytes, strings.at, spec.wants, (spec.defines?.length ?? 0) + 2);
    alloc(".gnu.hash", 0x6ffffff6, Buffer.concat([bytes.u32(1), bytes.u32(1), bytes.u32(1), bytes.u32(0), bytes.word(0), bytes.u32(0)]), { link: ".dynsym" });
    alloc(".dynsym", 11, Buffer.alloc(is64 ? 24 : 16), { link: ".dynstr", info: 1, entrySize: is64 ? 24 : 16 });
    if (wants !== undefined || defines !== undefined) alloc(".gnu.version", 0x6fffffff, bytes.u16(0), { link: ".dynsym", align: 2, entrySize: 2 });
    if (defines !== undefined) alloc(".gnu.version_d", 0x6ffffffd, defines.content, { link: ".dynstr", info: defines.count });
    if (wants !== undefined) alloc(".gnu.version_r", 0x6ffffffe, wants.content, { link: ".dynstr", info: wants.count });
    const dynstr = strings.content();
    alloc(".dynstr", 3, dynstr, { align: 1 });
    entries.push([0x6ffffef5, ".gnu.hash"], [5, ".dynstr"], [6, ".dynsym"], [10, dynstr.length], [11, is64 ? 24 : 16]);
    if (wants !== undefined || defines !== undefined) entries.push([0x6ffffff0, ".gnu.version"]);
    if (defines !== undefined) entries.push([0x6ffffffc, ".gnu.version_d"], [0x6ffffffd, defines.count]);
    if (wants !== undefined) entries.push([0x6ffffffe, ".gnu.version_r"], [0x6fffffff, wants.count]);
    const flags1 = spec.flags1 ?? (isProgram && type === TYPES.dyn ? PIE : 0);
    if (flags1 !== 0) entries.push([0x6ffffffb, flags1]);
    entries.push([0, 0]);
  }
  alloc(".text", 1, Buffer.alloc(spec.text ?? 16), { flags: ALLOC | 4, align: 16 });

  const isObject = type === TYPES.object;
  const segmentCount = isObject ? 0 : 2 + (hasDynamic ? 1 : 0) + (spec.interpreter !== undefined ? 2 : 0) + (spec.x86Isa !== undefined ? 2 : 0);
  const [headerSize, segmentSize, sectionSize] = is64 ? [64, 56, 64] : [52, 32, 40];
  const offsets = new Map<string, number>();
  const placed: { readonly section: Section; readonly offset: number; readonly address: number }[] = [];
  const parts: Buffer[] = [];
  let at = headerSize + segmentCount * segmentSize;
  const put = (section: Section, shift: number): void => {
    const gap = padded(at, section.align) - at;
    parts.push(Buffer.alloc(gap), section.content);
    at += gap;
    const address = (section.flags & ALLOC) !== 0 && !isObject ? base + at + shift : 0;
    offsets.set(section.name, at);
    placed.push({ section, offset: at, address });
    at += section.content.length;
  };
  for (const section of sections) put(section, 0);
  const firstEnd = at;
  const dynamic = Buffer.concat(
    entries.map(([tag, value]) => Buffer.concat([bytes.word(tag), bytes.word(typeof value === "string" ? base + (offsets.get(value) as number) : value)])),
  );
  const secondStart = padded(at, word);
  if (hasDynamic) put({ name: ".dynamic", type: 6, flags: ALLOC | 1, content: dynamic, align: word, link: ".dynstr", entrySize: 2 * word }, GAP);
  else put({ name: ".data", type: 1, flags: ALLOC | 1, content: Buffer.alloc(word), align: word }, GAP);
  const secondEnd = at;
  if (spec.arm !== undefined) put({ name: ".ARM.attributes", type: 0x70000003, flags: 0, content: armAttributes(bytes, spec.arm), align: 1 }, 0);
  const names = stringTable();
  for (const { section } of placed) names.at(section.name);
  const shstrtab = names.at(".shstrtab");
  if (spec.bare !== true) put({ name: ".shstrtab", type: 3, flags: 0, content: names.content(), align: 1 }, 0);

  const sectionStart = padded(at, word);
  const index = new Map(placed.map(({ section }, i) => [section.name, i + 1]));
  const sectionHeaders = placed.map(({ section, offset, address }) =>
    Buffer.concat([
      bytes.u32(section.name === ".shstrtab" ? shstrtab : names.at(section.name)),
      bytes.u32(section.type),
      ...[section.flags, address, offset, section.content.length].map(bytes.word),
      bytes.u32(section.link === undefined ? 0 : (index.get(section.link) ?? 0)),
      bytes.u32(section.info ?? 0),
      bytes.word(section.align),
      bytes.word(section.entrySize ?? 0),
    ]),
  );

  const segment = (kind: number, flags: number, start: number, end: number, shift: number, align: number): Buffer => {
    const size = end - start;
    const address = base + start + shift;
    return is64
      ? Buffer.concat([bytes.u32(kind), bytes.u32(flags), ...[start, address, address, size, size, align].map(bytes.word)])
      : Buffer.concat([...[kind, start, address, address, size, size, flags, align].map(bytes.u32)]);
  };
  const of = (kind: number, flags: number, name: string, shift = 0): Buffer => {
    const { section, offset } = placed.find((one) => one.section.name === name) as (typeof placed)[number];
    return segment(kind, flags, offset, offset + section.content.length, shift, section.align);
  };
  const segments = isObject
    ? []
    : [
        ...(spec.interpreter === undefined ? [] : [segment(6, 4, headerSize, headerSize + segmentCount * segmentSize, 0, word), of(3, 4, ".interp")]),
        segment(1, 5, 0, firstEnd, 0, 0x1000),
        segment(1, 6, secondStart, secondEnd, GAP, 0x1000),
        ...(hasDynamic ? [of(2, 6, ".dynamic", GAP)] : []),
        ...(spec.x86Isa === undefined ? [] : [of(4, 4, ".note.gnu.property"), of(0x6474e553, 4, ".note.gnu.property")]),
      ];

  const isArm = known.machine === 40;
  const flags = spec.flags ?? known.flags | (isArm && spec.arm?.vfpArgs !== undefined ? (spec.arm.vfpArgs === 1 ? ARM_HARD : ARM_SOFT) : 0);
  const bare = spec.bare === true;
  const header = Buffer.concat([
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, order === "little" ? 1 : 2, 1, spec.osAbi ?? 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    bytes.u16(type),
    bytes.u16(known.machine),
    bytes.u32(1),
    bytes.word(isObject || spec.soname !== undefined ? 0 : base + (offsets.get(".text") as number)),
    bytes.word(isObject ? 0 : headerSize),
    bytes.word(bare ? 0 : sectionStart),
    bytes.u32(flags >>> 0),
    bytes.u16(headerSize),
    bytes.u16(isObject ? 0 : segmentSize),
    bytes.u16(segmentCount),
    bytes.u16(bare ? 0 : sectionSize),
    bytes.u16(bare ? 0 : placed.length + 1),
    bytes.u16(bare ? 0 : placed.length),
  ]);
  const body = Buffer.concat([header, ...segments, ...parts]);
  if (bare) return body;
  return Buffer.concat([body, Buffer.alloc(sectionStart - at), Buffer.alloc(sectionSize), ...sectionHeaders]);
}

/** Strings one behind the other, NUL between them. */
function stringTable(): { readonly at: (text: string) => number; readonly content: () => Buffer } {
  const offsets = new Map<string, number>([["", 0]]);
  const parts = [Buffer.alloc(1)];
  let length = 1;
  return {
    at(text) {
      const known = offsets.get(text);
      if (known !== undefined) return known;
      const bytes = Buffer.from(`${text}\0`, "latin1");
      offsets.set(text, length);
      parts.push(bytes);
      length += bytes.length;
      return length - bytes.length;
    },
    content: () => Buffer.concat(parts),
  };
}

/** NT_GNU_PROPERTY_TYPE_0 with one property. */
function isaNote(bytes: Bytes, isa: number): Buffer {
  const property = Buffer.concat([bytes.u32(0xc0008002), bytes.u32(4), bytes.u32(isa), Buffer.alloc(bytes.size === 8 ? 4 : 0)]);
  return Buffer.concat([bytes.u32(4), bytes.u32(property.length), bytes.u32(5), Buffer.from("GNU\0"), property]);
}
