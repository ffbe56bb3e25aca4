import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TryReport } from "./protocol.ts";
import { tryHere } from "./try-program.ts";

/** Starts a probe outside of any sandbox. @param folder  where it may be written for that long; made where it is missing */
export function probeHere(folder: string, program: Uint8Array): TryReport {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const own = mkdtempSync(join(folder, "probe-"));
  try {
    const path = join(own, "probe");
    writeFileSync(path, program);
    chmodSync(path, 0o755);
    return tryHere(path);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
