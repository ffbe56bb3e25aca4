import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { TryReport } from "../protocol.ts";
import { tryProgram } from "../try-program.ts";

const NAME = "program";

/** Tries a small program that the builder sent. @param folder  made for it */
export async function tryBytes(folder: string, bytes: Uint8Array): Promise<TryReport> {
  mkdirSync(folder);
  try {
    writeFileSync(`${folder}/${NAME}`, bytes, { mode: 0o755 });
    return await tryProgram(folder, NAME);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
