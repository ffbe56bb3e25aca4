/** What a PE file is to say. */
export interface PeSpec {
  /** GOARCH's word, or an `IMAGE_FILE_MACHINE`. */
  readonly machine: string | number;
  readonly dll?: boolean;
  /** It has a CLR header: an assembly of .NET. */
  readonly managed?: boolean;
  /** Bytes of code. */
  readonly text?: number;
}

/** What a Mach-O file is to say; with several machines it is universal. */
export interface MachoSpec {
  /** GOARCH's word, or a cputype; several for a universal file. */
  readonly machine: string | number | readonly (string | number)[];
  /** `filetype`: 2 program, 6 library. */
  readonly type?: number;
  /** Bytes of code. */
  readonly text?: number;
}

const PE_MACHINES: Readonly<Record<string, number>> = { amd64: 0x8664, "386": 0x14c, arm64: 0xaa64, arm: 0x1c4 };
const MACHO_MACHINES: Readonly<Record<string, number>> = { amd64: 0x1000007, "386": 7, arm64: 0x100000c, arm: 12 };
const PAGE = 0x4000;

function numberOf(machine: string | number, table: Readonly<Record<string, number>>): number {
  // YAML reads 386 as a number.
  const known = table[String(machine)] ?? (typeof machine === "number" ? machine : undefined);
  if (known === undefined) throw new Error(`no machine "${machine}"; there are ${Object.keys(table).join(", ")}`);
  return known;
}

/** A PE file with one section. */
export function peFile(spec: PeSpec): Buffer {
  const machine = numberOf(spec.machine, PE_MACHINES);
  const is64 = machine !== 0x14c && machine !== 0x1c4;
  const optional = is64 ? 240 : 224;
  const text = Math.max(spec.text ?? 16, 1);
  const file = Buffer.alloc(0x200 + Math.ceil(text / 0x200) * 0x200);
  file.write("MZ", 0, "latin1");
  file.writeUInt32LE(0x80, 0x3c);
  file.write("PE\0\0", 0x80, "latin1");
  const coff = 0x84;
  file.writeUInt16LE(machine, coff);
  file.writeUInt16LE(1, coff + 2);
  file.writeUInt16LE(optional, coff + 16);
  file.writeUInt16LE(0x22 | (spec.dll === true ? 0x2000 : 0), coff + 18);
  const head = coff + 20;
  file.writeUInt16LE(is64 ? 0x20b : 0x10b, head);
  file.writeUInt32LE(0x1000, head + 16);
  file.writeUInt32LE(0x1000, head + 32);
  file.writeUInt32LE(0x200, head + 36);
  file.writeUInt32LE(0x1000 + Math.ceil(text / 0x1000) * 0x1000, head + 56);
  file.writeUInt32LE(0x200, head + 60);
  file.writeUInt16LE(3, head + 68);
  file.writeUInt32LE(16, head + (is64 ? 108 : 92));
  if (spec.managed === true) file.writeUInt32LE(0x1000, head + (is64 ? 112 : 96) + 14 * 8);
  const section = head + optional;
  file.write(".text", section, "latin1");
  file.writeUInt32LE(text, section + 8);
  file.writeUInt32LE(0x1000, section + 12);
  file.writeUInt32LE(file.length - 0x200, section + 16);
  file.writeUInt32LE(0x200, section + 20);
  file.writeUInt32LE(0x60000020, section + 36);
  return file;
}

/** A Mach-O file: a header for each machine, with no load commands. */
export function machoFile(spec: MachoSpec): Buffer {
  const machines = (Array.isArray(spec.machine) ? spec.machine : [spec.machine]).map((one: string | number) => numberOf(one, MACHO_MACHINES));
  const parts = machines.map((cpu) => {
    const is64 = (cpu & 0x1000000) !== 0;
    const head = Buffer.alloc((is64 ? 32 : 28) + (spec.text ?? 16));
    head.writeUInt32LE(is64 ? 0xfeedfacf : 0xfeedface, 0);
    head.writeUInt32LE(cpu, 4);
    head.writeUInt32LE(spec.type ?? 2, 12);
    return head;
  });
  const [first] = parts;
  if (!Array.isArray(spec.machine)) return first as Buffer;
  const fat = Buffer.alloc(PAGE);
  fat.writeUInt32BE(0xcafebabe, 0);
  fat.writeUInt32BE(parts.length, 4);
  const all: Buffer[] = [fat];
  let at = PAGE;
  for (const [i, part] of parts.entries()) {
    const entry = 8 + 20 * i;
    fat.writeUInt32BE(machines[i] as number, entry);
    fat.writeUInt32BE(at, entry + 8);
    fat.writeUInt32BE(part.length, entry + 12);
    fat.writeUInt32BE(14, entry + 16);
    const length = Math.ceil(part.length / PAGE) * PAGE;
    all.push(part, Buffer.alloc(length - part.length));
    at += length;
  }
  return Buffer.concat(all);
}
