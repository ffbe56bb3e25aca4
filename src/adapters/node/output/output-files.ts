import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, lstatSync, openSync, renameSync, rmSync, type Stats, statSync, writeSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ProblemError } from "../../../core/problem.ts";
import type { OutputFiles } from "../../../engine/output/ports.ts";
import type { ByteStream } from "../../../image/blob-store.ts";
import { diskFolder } from "../disk-folder.ts";
import { makeFolder } from "../store/make-folder.ts";
import { folderWriter } from "./folder-writer.ts";
import { layoutLock } from "./layout-lock.ts";
import { unwritable } from "./unwritable.ts";

export interface OutputFilesOptions {
  /** Where `-` goes. */
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** What relative paths are relative to; default: where the process stands. */
  readonly cwd?: string;
}

/** `OutputFiles` on this machine's file system. */
export function outputFiles(options: OutputFilesOptions): OutputFiles {
  const at = (path: string): string => resolve(options.cwd ?? ".", path);
  return {
    async write(path, content) {
      if (path === "-") await writeStdout(options.stdout, content);
      else await writeFile(at(path), path, content);
    },
    async layout(path, use) {
      makeOutputFolder(at(path), path);
      const release = await layoutLock(at(path), path);
      try {
        await use(diskFolder(at(path)));
      } finally {
        release();
      }
    },
    async folder(path) {
      makeOutputFolder(at(path), path);
      return folderWriter(at(path), path);
    },
  };
}

async function writeStdout(stdout: OutputFilesOptions["stdout"], content: ByteStream): Promise<void> {
  if (stdout.isTTY === true)
    throw new ProblemError("output-conflict", {
      message: "an archive is not written to a terminal",
      hint: "add dest=FILE, or send stdout to a file or program",
    });
  // A reader that goes away (head, a full pipe's end) is the user's doing, and no bug of ours.
  let gone: Error | undefined;
  const onError = (error: Error): void => {
    gone ??= error;
  };
  stdout.on("error", onError);
  try {
    for await (const chunk of content) {
      if (gone !== undefined) throw unwritable("stdout", gone);
      if (!stdout.write(chunk)) await once(stdout, "drain").catch((error: Error) => onError(error));
    }
    await new Promise<void>((done) => {
      stdout.write("", () => done());
    });
    if (gone !== undefined) throw unwritable("stdout", gone);
  } finally {
    stdout.off("error", onError);
  }
}

async function writeFile(path: string, shown: string, content: ByteStream): Promise<void> {
  const existing = lookAt(path, shown);
  if (existing?.isDirectory() === true)
    throw new ProblemError("output-conflict", { message: `"${shown}" is a folder, and a file is to be written`, hint: "name a file" });
  // A pipe or device (/dev/stdout, >(program)) is written into; only a file can be replaced.
  if (existing !== undefined && !existing.isFile()) return await writeInto(path, shown, content);
  const temporary = join(dirname(path), `.${randomBytes(6).toString("hex")}.tmp`);
  try {
    makeFolder(dirname(path));
    const fd = openSync(temporary, "wx", 0o666);
    try {
      for await (const chunk of content) writeWhole(fd, chunk);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unwritable(shown, error);
  }
}

function lookAt(path: string, shown: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw unwritable(shown, error);
  }
}

async function writeInto(path: string, shown: string, content: ByteStream): Promise<void> {
  try {
    const fd = openSync(path, "w");
    try {
      for await (const chunk of content) writeWhole(fd, chunk);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw unwritable(shown, error);
  }
}

function writeWhole(fd: number, chunk: Uint8Array): void {
  for (let done = 0; done < chunk.byteLength; ) done += writeSync(fd, chunk, done);
}

function makeOutputFolder(path: string, shown: string): void {
  try {
    makeFolder(path);
  } catch (error) {
    if (["EEXIST", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "") && lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new ProblemError("output-conflict", { message: `"${shown}" is a file, and a folder is to be written`, hint: "name a folder" });
    throw unwritable(shown, error);
  }
}
