import type { ProblemError } from "../../core/problem.ts";
import type { EntryType } from "../entry.ts";
import { FIELD } from "./format.ts";
import { decodeName } from "./name.ts";
import { shown } from "./path.ts";

/** One header block, as it stands: names not cleaned, no PAX records applied. */
export interface Header {
  readonly name: string;
  readonly link: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly major: number;
  readonly minor: number;
  /** The type flag; `"\0"` is written as `"0"`. */
  readonly type: string;
  /** What the flag means in a layer; undefined when it means nothing there. */
  readonly entryType: EntryType | undefined;
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

const ENTRY_TYPE: Readonly<Record<string, EntryType>> = {
  "0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
  // "Contiguous file": POSIX says to read it as a regular one.
  "7": "file",
};

/**
 * Reads a header block.
 * @param checksum  the block's true checksum
 * @param invalid   makes the problem that is thrown, with its place
 */
export function readHeader(block: Buffer, checksum: number, invalid: (message: string) => ProblemError): Header {
  const told = octal(block, FIELD.checksum);
  if (told !== checksum) {
    throw invalid(block.subarray(257, 262).equals(USTAR) ? `a header's checksum is ${told}, its bytes give ${checksum}` : "this is not a tar archive");
  }
  const number = (field: readonly [number, number], what: string): number => {
    const value = numeric(block, field);
    if (value === undefined || value < 0 || !Number.isSafeInteger(value)) {
      throw invalid(`the ${what} of ${shown(text(block, FIELD.name))} is ${value === undefined ? "not a number" : value < 0 ? "negative" : "too large"}`);
    }
    return value;
  };
  const isUstar = block.subarray(257, 262).equals(USTAR);
  const isPosix = isUstar && block[262] === 0;
  const prefix = isPosix ? text(block, FIELD.prefix) : "";
  const base = text(block, FIELD.name);
  const name = prefix === "" ? base : `${prefix}/${base}`;
  const flag = String.fromCharCode(block[FIELD.type[0]] as number);
  const type = flag === "\0" ? "0" : flag;
  const mtime = numeric(block, FIELD.mtime);
  if (mtime === undefined || !Number.isSafeInteger(mtime)) throw invalid(`the time of ${shown(name)} is not a number`);
  return {
    name,
    link: text(block, FIELD.link),
    mode: number(FIELD.mode, "mode") % 0o10000,
    uid: number(FIELD.uid, "user id"),
    gid: number(FIELD.gid, "group id"),
    size: number(FIELD.size, "size"),
    mtime,
    major: isUstar && (type === "3" || type === "4") ? number(FIELD.major, "device number") : 0,
    minor: isUstar && (type === "3" || type === "4") ? number(FIELD.minor, "device number") : 0,
    type,
    // Before ustar a folder was a file whose name ends with a slash.
    entryType: flag === "\0" && name.endsWith("/") ? "directory" : ENTRY_TYPE[type],
  };
}

const USTAR = Buffer.from("ustar");

function text(block: Buffer, [offset, size]: readonly [number, number]): string {
  let end = offset;
  while (end < offset + size && block[end] !== 0) end++;
  return decodeName(block.subarray(offset, end));
}

/** Octal digits, or GNU's base-256 (first bit set); undefined for anything else. */
function numeric(block: Buffer, field: readonly [number, number]): number | undefined {
  const [offset, size] = field;
  const first = block[offset] as number;
  if ((first & 0x80) === 0) return octal(block, field);
  // Two's complement over the remaining bits.
  let value = first & 0x40 ? (first & 0x7f) - 0x80 : first & 0x7f;
  for (let i = offset + 1; i < offset + size; i++) value = value * 256 + (block[i] as number);
  return value;
}

/** Octal digits between spaces and NULs; an empty field is 0. */
function octal(block: Buffer, [offset, size]: readonly [number, number]): number | undefined {
  const end = offset + size;
  let at = offset;
  while (at < end && (block[at] === 0x20 || block[at] === 0)) at++;
  let value = 0;
  for (; at < end; at++) {
    const digit = (block[at] as number) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (; at < end; at++) {
    if (block[at] === 0) return value;
    if (block[at] !== 0x20) return undefined;
  }
  return value;
}
