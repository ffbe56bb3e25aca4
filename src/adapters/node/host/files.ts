import { accessSync, closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { byCodeUnit } from "../../../core/order.ts";
import type { FileAnswer, HostFiles } from "../../../host/ports.ts";

/** Most bytes of a file of this machine's configuration. */
const FILE_LIMIT_BYTES = 4 * 1024 * 1024;

/** Files of this machine. */
export function hostFiles(): HostFiles {
  return {
    read(path, follow) {
      try {
        if (!follow && lstatSync(path).isSymbolicLink()) return { kind: "symlink", linkTo: resolve(dirname(path), readlinkSync(path)) };
        return whole(path);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        return code === "ENOENT" || code === "ENOTDIR" ? { kind: "absent" } : { kind: "unreadable", why: whyOf(code) };
      }
    },
    list(path) {
      try {
        return readdirSync(path).sort(byCodeUnit);
      } catch {
        return [];
      }
    },
    // What is replaced by rename needs its folder, not itself.
    writable(path) {
      try {
        accessSync(dirname(path), constants.W_OK);
        return true;
      } catch {
        return false;
      }
    },
  };
}

function whole(path: string): FileAnswer {
  // Opening a fifo would wait for whoever writes to it.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) return { kind: "unreadable", why: "it is no regular file" };
    const chunks: Buffer[] = [];
    let size = 0;
    // Files of /proc tell no size.
    while (size <= FILE_LIMIT_BYTES) {
      const chunk = Buffer.allocUnsafe(64 * 1024);
      const read = readSync(fd, chunk, 0, chunk.byteLength, null);
      if (read === 0) return { kind: "text", text: Buffer.concat(chunks).toString("utf8") };
      chunks.push(chunk.subarray(0, read));
      size += read;
    }
    return { kind: "unreadable", why: `it has more than ${FILE_LIMIT_BYTES} bytes` };
  } finally {
    closeSync(fd);
  }
}

const whyOf = (code: string | undefined): string => (code === "EACCES" || code === "EPERM" ? "you have no right to read it" : `it cannot be read (${code})`);
