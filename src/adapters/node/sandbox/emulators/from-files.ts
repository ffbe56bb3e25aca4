import { closeSync, openSync, readdirSync, readSync, realpathSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ProblemError } from "../../../../core/problem.ts";
import { EMULATOR_BYTES, newDraft } from "./drafts.ts";
import { emulatedBy } from "./emulator.ts";
import { type KeptEmulator, keptEmulators } from "./kept.ts";
import { stampOf } from "./stamp.ts";
import { keepSound, type Taken, type Taking } from "./take.ts";

const CHUNK_BYTES = 1024 * 1024;

/**
 * Keeps the emulators of a folder, or one file.
 * @param path  absolute
 * @throws {ProblemError} `emulator-missing` | `file-unreadable` | `disk-full`
 */
export function fromFiles(path: string, { folder, machine, nowMs }: Pick<Taking, "folder" | "machine" | "nowMs">): readonly KeptEmulator[] {
  const complaints: string[] = [];
  const files = readable(path, () => (statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path]));
  const named = files.flatMap((file) => {
    const known = emulatedBy(basename(file));
    return known === undefined ? [] : [{ file, ...known }];
  });
  const origin = `files ${named.map(({ file }) => `${file} ${readable(file, () => stampOf(file))}`).join(" ")}`;
  const there = keptEmulators(folder).filter((one) => one.origin === origin);
  if (there.length > 0) return there;
  const taken: Taken[] = [];
  try {
    for (const { file, architecture, rank } of named) {
      const why = readable(file, () =>
        statSync(file).isFile() ? (statSync(file).size > EMULATOR_BYTES ? `has more than ${EMULATOR_BYTES} bytes` : undefined) : "is no file",
      );
      if (why === undefined) taken.push({ name: file, architecture, rank, draft: copied(file, folder) });
      else complaints.push(`"${file}" ${why}`);
    }
  } catch (error) {
    for (const { draft } of taken) draft.discard();
    throw error;
  }
  return keepSound(taken, { folder, machine, nowMs, origin, source: `"${path}"` }, complaints);
}

function copied(file: string, folder: string): Taken["draft"] {
  const draft = newDraft(folder);
  try {
    const fd = readable(file, () => openSync(realpathSync(file), "r"));
    try {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) draft.write(chunk.subarray(0, read));
    } finally {
      closeSync(fd);
    }
    return draft;
  } catch (error) {
    draft.discard();
    throw error;
  }
}

function readable<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError("file-unreadable", {
      message: `--emulator: "${path}" cannot be read: ${(error as NodeJS.ErrnoException).code}`,
      hint: "name a folder or file that you may read",
      cause: error,
    });
  }
}
