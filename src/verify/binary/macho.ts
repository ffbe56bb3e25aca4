import type { MachO } from "./binary.ts";
import { damageOf } from "./damage.ts";
import type { KeptFile } from "./kept-file.ts";

// Source: Apple's mach-o/loader.h and mach-o/fat.h.
const MAGIC = 0xfeedface;
const MAGIC_64 = 0xfeedfacf;
const FAT = 0xcafebabe;
const FAT_64 = 0xcafebabf;
/** A Java class file begins like a universal one; where that has its count, it has its version, 45 and above. */
const PARTS_LIMIT = 44;

/** With eight bytes Java classes are told apart. */
export function isMachO(head: Uint8Array): boolean {
  const magic = magicOf(head);
  if (magic === undefined) return false;
  // The count is below 256: the last of its bytes tells it, when those before are none.
  return !magic.fat || head.length < 8 || (head[4] === 0 && head[5] === 0 && head[6] === 0 && (head[7] as number) <= PARTS_LIMIT);
}

function magicOf(head: Uint8Array): { readonly big: boolean; readonly fat: boolean; readonly wide: boolean } | undefined {
  if (head.length < 4) return undefined;
  const view = Buffer.from(head.buffer, head.byteOffset, 4);
  for (const big of [true, false]) {
    const value = big ? view.readUInt32BE(0) : view.readUInt32LE(0);
    if (value === MAGIC || value === MAGIC_64) return { big, fat: false, wide: value === MAGIC_64 };
    if (big && (value === FAT || value === FAT_64)) return { big, fat: true, wide: value === FAT_64 };
  }
  return undefined;
}

/** What a Mach-O file says; undefined when it is none, as a Java class. */
export function readMachO(file: KeptFile): MachO | undefined {
  const head = file.take(0, 8);
  const magic = typeof head === "string" ? undefined : magicOf(head);
  if (typeof head === "string" || magic === undefined) return undefined;
  if (!magic.fat) {
    const cpu = magic.big ? head.readUInt32BE(4) : head.readUInt32LE(4);
    const type = typeAt(file, 0);
    return { format: "macho", cpus: [cpu], type, damage: type === undefined ? "it is cut short in its header" : undefined };
  }
  const count = head.readUInt32BE(4);
  if (count === 0 || count > PARTS_LIMIT) return undefined;
  const size = magic.wide ? 32 : 20;
  const damage = damageOf();
  const cpus: number[] = [];
  let type: number | undefined;
  for (let i = 0; i < count; i++) {
    const part = file.take(8 + i * size, size);
    if (typeof part === "string") {
      damage.tell("it is cut short in its headers");
      break;
    }
    cpus.push(part.readUInt32BE(0));
    const [offset, length] = magic.wide ? [8, 16].map((at) => Number(part.readBigUInt64BE(at))) : [8, 12].map((at) => part.readUInt32BE(at));
    const end = (offset as number) + (length as number);
    if (i === 0) type = typeAt(file, offset as number);
    if (end > file.size) damage.tell(`it is cut short: a part ends at byte ${end}, the file has ${file.size}`);
  }
  return { format: "macho", cpus, type, damage: damage.told };
}

/** `filetype` of a header that stands for one machine. */
function typeAt(file: KeptFile, offset: number): number | undefined {
  const head = file.take(offset, 16);
  const magic = typeof head === "string" ? undefined : magicOf(head);
  if (typeof head === "string" || magic === undefined || magic.fat) return undefined;
  return magic.big ? head.readUInt32BE(12) : head.readUInt32LE(12);
}
