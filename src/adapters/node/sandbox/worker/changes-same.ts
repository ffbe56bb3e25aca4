import { type BigIntStats, closeSync, openSync, readlinkSync, readSync } from "node:fs";
import { libc } from "../libc.ts";
import { osPath } from "./overlay-form.ts";

/** A file, and what is known of it. */
export interface Seen {
  readonly at: string;
  readonly stat: Pick<BigIntStats, "mode" | "uid" | "gid" | "rdev" | "size" | "mtimeNs">;
}

/** Whether two files are one as BuildKit decides it: times of folders do not count; equal times without a fraction prove nothing, then content counts. */
export function isSame(a: Seen, b: Seen): boolean {
  const { stat: was } = a;
  const { stat: is } = b;
  if (was.mode !== is.mode || was.uid !== is.uid || was.gid !== is.gid || was.rdev !== is.rdev) return false;
  const type = is.mode & S_IFMT;
  if (type === S_IFREG && !equal(capability(a.at), capability(b.at))) return false;
  if (type === S_IFDIR) return true;
  if (was.size !== is.size || was.mtimeNs !== is.mtimeNs) return false;
  if (is.mtimeNs % 1_000_000_000n !== 0n) return true;
  if (type === S_IFLNK) return readlinkSync(osPath(a.at), { encoding: "buffer" }).equals(readlinkSync(osPath(b.at), { encoding: "buffer" }));
  return type !== S_IFREG || is.size === 0n || sameContent(a.at, b.at);
}

const S_IFMT = 0o170000n;
const S_IFREG = 0o100000n;
const S_IFDIR = 0o040000n;
const S_IFLNK = 0o120000n;

const capability = (at: string): Buffer | undefined => libc().getXattr(osPath(at), "security.capability");
const equal = (a: Buffer | undefined, b: Buffer | undefined): boolean => (a === undefined || b === undefined ? a === b : a.equals(b));

const COMPARED_BYTES = 64 * 1024;

function sameContent(a: string, b: string): boolean {
  const fds: number[] = [];
  try {
    for (const at of [a, b]) fds.push(openSync(osPath(at), "r"));
    const [left, right] = fds.map((fd) => ({ fd, bytes: Buffer.allocUnsafe(COMPARED_BYTES) }));
    if (left === undefined || right === undefined) return false;
    for (;;) {
      const length = readSync(left.fd, left.bytes);
      if (length !== readSync(right.fd, right.bytes)) return false;
      if (length === 0) return true;
      if (!left.bytes.subarray(0, length).equals(right.bytes.subarray(0, length))) return false;
    }
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}
