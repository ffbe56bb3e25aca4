import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProblemError } from "../../../core/problem.ts";
import type { TemporaryFile } from "../../../engine/buildkit/push.ts";
import { readTextFile } from "../world.ts";

/**
 * A name for a file in a folder that only this user can look into; the file itself is left to whoever writes it.
 * @throws {ProblemError} `file-unwritable` | `disk-full`
 */
export async function temporaryFile(parent: string = tmpdir()): Promise<TemporaryFile> {
  const folder = makeFolder(parent);
  const path = join(folder, "metadata.json");
  return {
    path,
    read: async () => readTextFile(path, { regular: true }),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

function makeFolder(parent: string): string {
  try {
    return mkdtempSync(join(parent, "multihull-buildx-"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ProblemError(code === "ENOSPC" ? "disk-full" : "file-unwritable", {
      message: `no temporary file can be made in "${parent}": ${code}`,
      hint: "let TMPDIR name a folder that you may write to",
      cause: error,
    });
  }
}
