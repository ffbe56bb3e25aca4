import { randomBytes } from "node:crypto";
import { constants, createReadStream, lstatSync, statSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ProblemError } from "../../core/problem.ts";
import type { RandomAccess } from "../../image/archive.ts";
import type { ByteStream } from "../../image/blob-store.ts";
import type { Folder } from "../../image/layout.ts";
import { makeFolder } from "./store/make-folder.ts";

const CHUNK_BYTES = 1024 * 1024;
const LEAST_CHUNK_BYTES = 16 * 1024;

/** A folder of this machine, as layouts need it. Nothing is read through a symlink at a path's end. */
export function diskFolder(root: string): Folder {
  return {
    async stat(path) {
      try {
        const stat = lstatSync(join(root, path));
        return { type: stat.isFile() ? "file" : stat.isDirectory() ? "directory" : "other", size: stat.size };
      } catch (error) {
        if (isAbsence(error)) return undefined;
        throw unreadable(join(root, path), error);
      }
    },
    open: (path, range) => readFileRange(join(root, path), range),
    async write(path, content) {
      const target = join(root, path);
      const temporary = join(dirname(target), `.${randomBytes(6).toString("hex")}.tmp`);
      try {
        makeFolder(dirname(target));
        const file = await open(temporary, "wx");
        try {
          if (content instanceof Uint8Array) await file.writeFile(content);
          else for await (const chunk of content) await file.writeFile(chunk);
        } finally {
          await file.close();
        }
        await rename(temporary, target);
      } catch (error) {
        await rm(temporary, { force: true });
        throw unwritable(target, error);
      }
    },
  };
}

/**
 * A file that can be read anywhere.
 * @throws {ProblemError} `file-unreadable`
 */
export function diskFile(path: string): RandomAccess {
  let size: number;
  try {
    // A link at its end may be followed: the user named it.
    const stat = statSync(path);
    if (!stat.isFile()) throw Object.assign(new Error("not a regular file"), { code: stat.isDirectory() ? "EISDIR" : "EINVAL" });
    size = stat.size;
  } catch (error) {
    throw unreadable(path, error);
  }
  return { size, read: (start, end) => readFileRange(path, { start, end }, constants.O_RDONLY) };
}

async function* readFileRange(
  path: string,
  range: { readonly start: number; readonly end?: number } = { start: 0 },
  flags = constants.O_RDONLY | constants.O_NOFOLLOW,
): ByteStream {
  if (range.end !== undefined && range.end <= range.start) return;
  const handle = await open(path, flags).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const { size } = await handle.stat();
  // The stream closes the handle.
  const stream = createReadStream(path, {
    fd: handle,
    start: range.start,
    ...(range.end === undefined ? {} : { end: range.end - 1 }),
    // Whole chunks for many small files would be memory for nothing; a file may grow, and what is no file tells no size.
    highWaterMark: Math.min(CHUNK_BYTES, Math.max(size, LEAST_CHUNK_BYTES)),
  });
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    throw unreadable(path, error);
  }
}

const isAbsence = (error: unknown): boolean => ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");

const REASONS: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `there is no file "${path}"`,
  ELOOP: (path) => `"${path}" is a symbolic link`,
  EISDIR: (path) => `"${path}" is a folder, and no file`,
};

function unreadable(path: string, cause: unknown): ProblemError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new ProblemError("file-unreadable", {
    message: REASONS[code]?.(path) ?? `"${path}" cannot be read: ${code}`,
    hint: "name a file that exists and that you may read",
    cause,
  });
}

function unwritable(path: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === undefined || cause instanceof ProblemError) return cause;
  if (code === "ENOSPC") return new ProblemError("disk-full", { message: `no room to write "${path}"`, hint: "free some room", cause });
  return new ProblemError("file-unwritable", { message: `"${path}" cannot be written: ${code}`, hint: "name a path that you may write to", cause });
}
