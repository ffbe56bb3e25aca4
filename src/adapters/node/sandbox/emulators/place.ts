import { createHash, randomBytes } from "node:crypto";
import { chmodSync, constants, copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { guarded } from "../../store/problem.ts";
import type { Emulator } from "./emulator.ts";

/** In the area. */
const FOLDER = "emulators";
/** Of an architecture, beside the one that is asked for: another build may be about to register one of these. */
const OTHERS_KEPT = 3;

/**
 * Puts emulators where the warden can open them: into `AREA/emulators`, by a hard link or a copy, under a name that changes with the file; of those that went by
 * other names before, only the latest few stay.
 * @returns architecture → path relative to the area, as `registerEmulators` takes it
 * @throws {ProblemError} `disk-full` | `store-unusable`
 */
export function placeEmulators(area: string, emulators: readonly Emulator[]): Readonly<Record<string, string>> {
  const placed: Record<string, string> = {};
  if (emulators.length === 0) return placed;
  const folder = join(area, FOLDER);
  guarded(folder, () => {
    mkdirSync(folder, { recursive: true });
    // The umask may keep others out, and the sandbox's root is another.
    chmodSync(folder, 0o755);
  });
  for (const { architecture, path, stamp } of emulators) {
    const name = `${architecture}-${createHash("sha256").update(`${path}\0${stamp}`).digest("hex").slice(0, 16)}`;
    guarded(path, () => {
      if (!existsSync(join(folder, name))) put(path, folder, name);
      const others = readdirSync(folder).filter((other) => other !== name && other.startsWith(`${architecture}-`));
      for (const old of latestFirst(folder, others).slice(OTHERS_KEPT)) rmSync(join(folder, old), { force: true });
    });
    placed[architecture] = `${FOLDER}/${name}`;
  }
  return placed;
}

function put(path: string, folder: string, name: string): void {
  const draft = join(folder, `.${randomBytes(6).toString("hex")}`);
  try {
    if (!linked(path, draft)) {
      copyFileSync(path, draft, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      chmodSync(draft, 0o755);
    }
    renameSync(draft, join(folder, name));
  } finally {
    rmSync(draft, { force: true });
  }
}

function latestFirst(folder: string, names: readonly string[]): string[] {
  const placed = (name: string): bigint => statSync(join(folder, name), { bigint: true, throwIfNoEntry: false })?.ctimeNs ?? 0n;
  return names
    .map((name) => ({ name, at: placed(name) }))
    .sort((a, b) => Number(b.at - a.at))
    .map(({ name }) => name);
}

/** A link costs nothing, but has the rights of the file. */
function linked(path: string, draft: string): boolean {
  const OTHERS_MAY_START = 0o005;
  if ((statSync(path).mode & OTHERS_MAY_START) !== OTHERS_MAY_START) return false;
  try {
    linkSync(path, draft);
    return true;
  } catch {
    // Another file system, or the kernel protects others' files from being linked.
    return false;
  }
}
