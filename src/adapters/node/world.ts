import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { arch, homedir, platform, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { type Platform, platformOf } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import type { ByteStream } from "../../image/blob-store.ts";
import { compressesAsElsewhere } from "../../image/gzip-witness.ts";
import { nodeClock } from "./clock.ts";
import { makeFolder } from "./store/make-folder.ts";
import { guarded } from "./store/problem.ts";

/** What a run takes from the process it is in. Tests make their own. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  /** Platform of this machine: BUILDPLATFORM, and what is built when no platform is asked for. Containers are Linux's. */
  readonly buildPlatform: Platform;
  /** True where programs of Linux can run without a virtual machine. */
  readonly runsLinux: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  /** Whether Node's zlib gives the bytes that most Nodes give at this level of gzip (absent: the default). */
  compressesAsElsewhere(level?: number): Promise<boolean>;
  /** Standard input, read once. */
  stdin(): ByteStream;
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** This process. */
export function nodeWorld(): World {
  return {
    env: process.env,
    cwd: currentFolder(),
    // HOME may be set and empty.
    home: homedir() || userInfo().homedir,
    buildPlatform: platformOf({ os: platform() === "win32" ? "windows" : "linux", ...nodeArchitecture(arch()) }),
    runsLinux: platform() === "linux",
    clock: nodeClock,
    random: Math.random,
    compressesAsElsewhere: (level) => compressesAsElsewhere(level),
    stdin: () => process.stdin,
    stdout: process.stdout,
  };
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new ProblemError("file-unreadable", { message: "the folder you stand in is gone", hint: "cd to a folder that exists", cause: error });
  }
}

// Source: nodejs.org documentation of process.arch, read 2026-11-22; the right side is Go's GOARCH, which images use.
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };
const nodeArchitecture = (name: string): { architecture: string } => ({ architecture: ARCHITECTURES[name] ?? name });

/** Most bytes of a text file that is read whole (a Dockerfile, an ignore file, a key). */
const TEXT_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * A text file whole; undefined when there is none.
 * @param regular  refuses what is no regular file: a fifo that nobody named would hold us up, a device may have no end
 * @throws {ProblemError} `file-unreadable` | `limit-exceeded`
 */
export function readTextFile(path: string, { regular = false }: { readonly regular?: boolean } = {}): string | undefined {
  let bytes: Buffer;
  try {
    // Looked at before it is opened: opening a fifo waits for whoever writes to it.
    const kind = statSync(path);
    if (regular && !kind.isFile() && !kind.isDirectory()) {
      throw new ProblemError("file-unreadable", { message: `"${path}" cannot be read: it is no regular file`, hint: "put a regular file in its place" });
    }
    bytes = readAtMost(path, TEXT_LIMIT_BYTES + 1);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (error instanceof ProblemError) throw error;
    throw new ProblemError("file-unreadable", {
      message: `"${path}" cannot be read: ${code === "EISDIR" ? "it is a folder" : code}`,
      hint: code === "EACCES" ? "give yourself the right to read it" : "name a file",
      cause: error,
    });
  }
  if (bytes.byteLength > TEXT_LIMIT_BYTES)
    throw new ProblemError("limit-exceeded", { message: `"${path}" has more than the ${TEXT_LIMIT_BYTES} bytes we read of a text` });
  return bytes.toString("utf8");
}

/** A file up to `limit` bytes: what lies under a name may be a device without an end. */
function readAtMost(path: string, limit: number): Buffer {
  const fd = openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    while (size < limit) {
      // A pipe tells no size.
      const room = Math.min(limit - size, Math.max(64 * 1024, fstatSync(fd).size + 1 - size));
      const chunk = Buffer.allocUnsafe(room);
      const read = readSync(fd, chunk, 0, room, null);
      if (read === 0) break;
      chunks.push(chunk.subarray(0, read));
      size += read;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes a small file whole or not at all.
 * @throws {ProblemError} `file-unwritable` | `disk-full`
 */
export function writeSmallFile(path: string, content: string): void {
  const temporary = join(dirname(path), `.${randomBytes(6).toString("hex")}.tmp`);
  try {
    writeFileSync(temporary, content, { flag: "wx" });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC") throw new ProblemError("disk-full", { message: `no room to write "${path}"`, hint: "free some room", cause: error });
    throw new ProblemError("file-unwritable", {
      message: `"${path}" cannot be written: ${code}`,
      hint: "name a path in a folder that exists and that you may write to",
      cause: error,
    });
  }
}

/** Makes a folder and its parents, for this user alone. */
export const makePrivateFolder = (path: string): string => {
  guarded(path, () => makeFolder(path, 0o700));
  return resolve(path);
};
