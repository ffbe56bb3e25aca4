import type { Pe } from "./binary.ts";
import { damageOf } from "./damage.ts";
import type { KeptFile } from "./kept-file.ts";

// Source: Microsoft, "PE Format".
const HEADER_PLACE = 0x3c;
const DLL = 0x2000;
const CLR_DIRECTORY = 14;
/** What Windows takes at most. */
const SECTIONS_LIMIT = 96;
const SECTION_BYTES = 40;

export const isMz = (head: Uint8Array): boolean => head[0] === 0x4d && head[1] === 0x5a;

/** What a PE file says; undefined when it is none, as a program for DOS. */
export function readPe(file: KeptFile): Pe | undefined {
  const place = file.take(HEADER_PLACE, 4);
  if (typeof place === "string") return undefined;
  const start = place.readUInt32LE(0);
  const head = file.take(start, 24);
  if (typeof head === "string" || head.toString("latin1", 0, 4) !== "PE\0\0") return undefined;
  const damage = damageOf();
  const optionalSize = head.readUInt16LE(20);
  const optional = file.take(start + 24, optionalSize);
  if (optional === "beyond") damage.tell("it is cut short in its headers");
  const count = head.readUInt16LE(6);
  const sections = count > SECTIONS_LIMIT ? "dropped" : file.take(start + 24 + optionalSize, count * SECTION_BYTES);
  if (sections === "beyond") damage.tell("it is cut short in its headers");
  for (let at = 0; typeof sections !== "string" && at < sections.length; at += SECTION_BYTES) {
    const [size, offset] = [sections.readUInt32LE(at + 16), sections.readUInt32LE(at + 20)];
    if (offset > 0 && size > 0 && offset + size > file.size) damage.tell(`it is cut short: a section ends at byte ${offset + size}, the file has ${file.size}`);
  }
  return {
    format: "pe",
    machine: head.readUInt16LE(4),
    dll: (head.readUInt16LE(22) & DLL) !== 0,
    managed: typeof optional !== "string" && hasClrHeader(optional),
    damage: damage.told,
  };
}

function hasClrHeader(optional: Buffer): boolean {
  if (optional.length < 2) return false;
  const directories = optional.readUInt16LE(0) === 0x20b ? 112 : 96;
  const at = directories + CLR_DIRECTORY * 8;
  return at + 8 <= optional.length && optional.readUInt32LE(directories - 4) > CLR_DIRECTORY && optional.readUInt32LE(at) !== 0;
}
