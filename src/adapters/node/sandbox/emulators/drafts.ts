import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Digest, Digester } from "../../../../core/digest.ts";
import { guarded } from "../../store/problem.ts";

/** QEMU for one architecture has 5 to 15 MB. */
export const EMULATOR_BYTES = 128 * 1024 * 1024;

/** A program that is being written into the store, where nobody takes it for a kept one. */
export interface Draft {
  readonly path: string;
  write(chunk: Uint8Array): void;
  /** Closes it and gives it its rights. */
  finish(mode: number): Digest;
  /** Removes it; harmless when it was moved away. */
  discard(): void;
}

const PREFIX = ".draft-";
/** After this long nobody is writing any more. */
const ABANDONED_MS = 3_600_000;

/** @throws {ProblemError} `disk-full` | `store-unusable`, here and in `write` */
export function newDraft(folder: string): Draft {
  const path = join(folder, `${PREFIX}${randomBytes(8).toString("hex")}`);
  const digester = new Digester();
  const fd = guarded(path, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return openSync(path, "wx", 0o700);
  });
  let open = true;
  const close = (): void => {
    if (open) closeSync(fd);
    open = false;
  };
  return {
    path,
    write: (chunk) =>
      guarded(path, () => {
        for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
        digester.update(chunk);
      }),
    finish(mode) {
      close();
      guarded(path, () => chmodSync(path, mode));
      return digester.digest();
    },
    discard() {
      close();
      rmSync(path, { force: true });
    },
  };
}

/** Removes what killed processes left. */
export function sweepDrafts(folder: string, nowMs: number): void {
  for (const name of namesIn(folder)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(folder, name);
    const atMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (atMs !== undefined && nowMs - atMs > ABANDONED_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** A folder for what is brought whole before it is looked at; swept as drafts are. */
export function draftFolder(folder: string): string {
  const path = join(folder, `${PREFIX}${randomBytes(8).toString("hex")}`);
  guarded(path, () => mkdirSync(path, { recursive: true, mode: 0o700 }));
  return path;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
