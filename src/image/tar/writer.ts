import { posix } from "node:path";
import { byCodeUnit } from "../../core/order.ts";
import type { EntryType, LayerEntry } from "../entry.ts";
import { BLOCK, checksumOf, FIELD, XATTR_PREFIX } from "./format.ts";
import { encodeName } from "./name.ts";

/** What ends an archive: two empty blocks. */
export const TAR_END: Uint8Array = Buffer.alloc(2 * BLOCK);

/** How many zeros follow `size` bytes of content. */
export const tarPadding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

/** The zeros that follow `size` bytes of content. */
export const tarPad = (size: number): Uint8Array => TAR_END.subarray(0, tarPadding(size));

const TYPE_FLAG: Readonly<Record<EntryType, string>> = { file: "0", hardlink: "1", symlink: "2", char: "3", block: "4", directory: "5", fifo: "6" };

/**
 * The header of an entry, with a PAX header before it where ustar cannot hold what it says: what Go's archive/tar writes for
 * FormatPAX, as containerd does for layers. Owners are numbers, names of owners are empty, times whole seconds; the same entry always gives the same bytes.
 * @see https://pkg.go.dev/archive/tar (writer.go writePAXHeader; common.go allowedFormats), read 2026-11-22
 */
export function tarHeader(entry: LayerEntry): Uint8Array {
  const { type } = entry;
  const name = encodeName(type === "directory" ? (entry.path === "" ? "./" : `${entry.path}/`) : entry.path);
  const link = type === "symlink" || type === "hardlink" ? encodeName(entry.link ?? "") : NOTHING;
  const size = type === "file" ? entry.size : 0;
  const mtime = Math.floor(entry.mtime);

  const records: [key: string, value: Uint8Array][] = [];
  const text = (key: string, value: Uint8Array): void => {
    if (value.length > 100 || !isAscii(value)) records.push([key, value]);
  };
  const number = (key: string, value: number, digits: number): void => {
    if (!fitsOctal(value, digits)) records.push([key, Buffer.from(String(value), "latin1")]);
  };
  text("path", name);
  text("linkpath", link);
  number("size", size, 11);
  number("uid", entry.uid, 7);
  number("gid", entry.gid, 7);
  number("mtime", mtime, 11);
  if (entry.xattrs !== undefined) for (const [key, value] of entry.xattrs) records.push([XATTR_PREFIX + key, value]);

  const header = Buffer.alloc(BLOCK);
  putText(header, FIELD.name, name);
  putOctal(header, FIELD.mode, entry.mode);
  putOctal(header, FIELD.uid, entry.uid);
  putOctal(header, FIELD.gid, entry.gid);
  putOctal(header, FIELD.size, size);
  putOctal(header, FIELD.mtime, mtime);
  putText(header, FIELD.link, link);
  putOctal(header, FIELD.major, entry.device?.major ?? 0);
  putOctal(header, FIELD.minor, entry.device?.minor ?? 0);
  seal(header, TYPE_FLAG[type]);
  return records.length === 0 ? header : Buffer.concat([paxHeader(name, records), header]);
}

const NOTHING = Buffer.alloc(0);

function paxHeader(name: Uint8Array, records: [key: string, value: Uint8Array][]): Buffer {
  const body = Buffer.concat(records.sort(([a], [b]) => byCodeUnit(a, b)).map(([key, value]) => paxRecord(key, value)));
  const header = Buffer.alloc(BLOCK);
  putText(header, FIELD.name, paxName(name));
  for (const field of [FIELD.mode, FIELD.uid, FIELD.gid, FIELD.mtime]) putOctal(header, field, 0);
  putOctal(header, FIELD.size, body.length);
  seal(header, "x");
  return Buffer.concat([header, body, tarPad(body.length)]);
}

/** Where a reader that knows no PAX puts the records: beside the file, or in the folder, as Go names it. */
function paxName(name: Uint8Array): Buffer {
  const text = Buffer.from(name).toString("latin1");
  const slash = text.lastIndexOf("/") + 1;
  const whole = posix.join(text.slice(0, slash), "PaxHeaders.0", text.slice(slash)).replace(/[\x80-\xff]/g, "");
  return Buffer.from(whole.slice(0, 100).replace(/\/+$/, ""), "latin1");
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts itself. */
function paxRecord(key: string, value: Uint8Array): Buffer {
  const head = encodeName(`${key}=`);
  const rest = head.length + value.length + 2;
  let length = rest + String(rest).length;
  if (String(length).length !== String(rest).length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} `, "latin1"), head, value, NEWLINE]);
}

const NEWLINE = Buffer.from("\n");

/** Fills in the type, ustar's magic and the checksum. */
function seal(header: Buffer, type: string): void {
  header.write(type, FIELD.type[0], "latin1");
  header.write("ustar\x0000", FIELD.magic[0], "latin1");
  header.write(`${checksumOf(header).toString(8).padStart(6, "0")}\0 `, FIELD.checksum[0], "latin1");
}

function putText(header: Buffer, [offset, size]: readonly [number, number], value: Uint8Array): void {
  let at = offset;
  for (const byte of value) {
    // What is left out here stands whole in the PAX record.
    if (byte >= 0x80) continue;
    if (at === offset + size) {
      // Some readers take a name cut at a slash for a folder, whatever its PAX record says.
      for (let last = at - 1; last >= offset && header[last] === 0x2f; last--) header[last] = 0;
      return;
    }
    header[at++] = byte;
  }
}

function putOctal(header: Buffer, [offset, size]: readonly [number, number], value: number): void {
  const digits = size - 1;
  let rest = fitsOctal(value, digits) ? value : 0;
  for (let at = offset + digits - 1; at >= offset; at--) {
    header[at] = 0x30 + (rest % 8);
    rest = Math.floor(rest / 8);
  }
}

const fitsOctal = (value: number, digits: number): boolean => value >= 0 && value < 8 ** digits;

function isAscii(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte >= 0x80) return false;
  return true;
}
