import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs";
import { ProblemError } from "../../../../core/problem.ts";
import type { ByteStream } from "../../../../image/blob-store.ts";

const AR_MAGIC = "!<arch>\n";
const HEADER_BYTES = 60;
/** A package has three members, a signed one a few more. */
const MOST_MEMBERS = 16;

/** Where the files of a package are in it. */
export interface DebData {
  /** `data.tar.xz` and the like. */
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/**
 * Finds the archive of a package's files.
 * @throws {ProblemError} `layer-invalid` | `file-unreadable`
 * @see deb(5), ar(5)
 */
export function debData(path: string): DebData {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    throw new ProblemError("file-unreadable", {
      message: `"${path}" cannot be read: ${(error as NodeJS.ErrnoException).code}`,
      hint: "name a .deb file",
      cause: error,
    });
  }
  try {
    const { size } = fstatSync(fd);
    return findData(path, size, (offset, bytes) => {
      const buffer = Buffer.alloc(bytes);
      return buffer.subarray(0, readSync(fd, buffer, 0, bytes, offset)).toString("latin1");
    });
  } finally {
    closeSync(fd);
  }
}

function findData(path: string, end: number, read: (offset: number, bytes: number) => string): DebData {
  const invalid = (why: string): ProblemError =>
    new ProblemError("layer-invalid", { message: `"${path}" is no sound Debian package: ${why}`, hint: "bring it anew", facts: { path } });
  if (read(0, AR_MAGIC.length) !== AR_MAGIC) throw invalid("it is no ar archive");
  const members: DebData[] = [];
  let at = AR_MAGIC.length;
  while (at < end) {
    const header = read(at, HEADER_BYTES);
    const [, name = "", digits = ""] = /^(.{16}).{12}.{6}.{6}.{8}(\d{1,10}) *`\n$/s.exec(header) ?? [];
    if (digits === "") throw invalid(`no member begins at byte ${at}, where one should`);
    const member = { name: name.trim().replace(/\/$/, ""), offset: at + HEADER_BYTES, size: Number(digits) };
    if (member.offset + member.size > end) throw invalid(`the member "${member.name}" is cut short`);
    members.push(member);
    if (members.length > MOST_MEMBERS) throw invalid(`it has more than ${MOST_MEMBERS} members`);
    // Members begin at even places.
    at = member.offset + member.size + (member.size % 2);
  }
  const [first] = members;
  if (first?.name !== "debian-binary" || !read(first.offset, Math.min(first.size, 2)).startsWith("2.")) throw invalid("it does not begin as format 2 does");
  const data = members.filter(({ name }) => /^data\.tar(?:\.[a-z0-9]+)?$/.test(name));
  const [only] = data;
  if (only === undefined || data.length > 1) throw invalid(`it has ${data.length} members with files, wanted one`);
  return only;
}

/** The bytes of that archive, compressed as they are. */
export const debStream = (path: string, { offset, size }: DebData): ByteStream =>
  size === 0 ? (async function* () {})() : createReadStream(path, { start: offset, end: offset + size - 1, highWaterMark: 1024 * 1024 });
