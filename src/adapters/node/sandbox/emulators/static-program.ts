import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { MACHINES } from "../binfmt-table.ts";

/** Program headers of a program: a dozen are usual. */
const MOST_SEGMENTS = 128;
const PT_LOAD = 1;
const PT_INTERP = 3;

/**
 * Why a file is no static program for a machine of this architecture: words that go on from "it"; undefined when it is one. Reads its headers only.
 * @throws the file system's error
 */
export function notStatic(path: string, architecture: string): string | undefined {
  const fd = openSync(path, "r");
  try {
    const status = fstatSync(fd);
    if (!status.isFile()) return "is no regular file";
    return judge((offset, bytes) => readAt(fd, offset, bytes), status.size, architecture);
  } finally {
    closeSync(fd);
  }
}

function judge(read: (offset: number, bytes: number) => Buffer, size: number, architecture: string): string | undefined {
  const machine = MACHINES[architecture];
  if (machine === undefined) return `cannot be judged: programs for ${architecture} are not known here`;
  const head = read(0, 64);
  if (head.length < 52 || !head.subarray(0, 4).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46]))) return "is no program (it does not begin as ELF does)";
  const { bits, bigEndian, elf } = machine;
  const fits = head[4] === bits / 32 && head[5] === (bigEndian ? 2 : 1);
  const u16 = (bytes: Buffer, at: number): number => (bigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at));
  const u32 = (bytes: Buffer, at: number): number => (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const word = (bytes: Buffer, at: number): number =>
    bits === 32 ? u32(bytes, at) : Number(bigEndian ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at));
  if (!fits || head.length < (bits === 64 ? 64 : 52) || u16(head, 18) !== elf) return `is made for another machine than this one (${architecture})`;
  const type = u16(head, 16);
  if (type !== 2 && type !== 3) return "is a part of a program";
  const tableAt = word(head, bits === 64 ? 32 : 28);
  const [entryBytes, count] = [u16(head, bits === 64 ? 54 : 42), u16(head, bits === 64 ? 56 : 44)];
  const wanted = bits === 64 ? 56 : 32;
  if (entryBytes !== wanted || count === 0 || count > MOST_SEGMENTS || tableAt + wanted * count > size)
    return "is a damaged program (its table of segments does not fit)";
  const table = read(tableAt, wanted * count);
  if (table.length < wanted * count) return "is a damaged program (it is cut short)";
  let loaded = false;
  for (let i = 0; i < count; i++) {
    const segment = table.subarray(i * wanted);
    const kind = u32(segment, 0);
    if (kind === PT_INTERP) return "needs libraries of the machine (it is not statically linked), which a stage does not have";
    if (kind !== PT_LOAD) continue;
    loaded = true;
    const end = word(segment, bits === 64 ? 8 : 4) + word(segment, bits === 64 ? 32 : 16);
    if (end > size) return "is a damaged program (it is cut short)";
  }
  return loaded ? undefined : "is a damaged program (it has nothing to load)";
}

function readAt(fd: number, offset: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  return buffer.subarray(0, readSync(fd, buffer, 0, bytes, offset));
}
