import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Lets `act` have a text as a file that only this user can read, and that is gone afterwards. */
export async function withScratchFile<T>(text: string, act: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "multihull-"));
  try {
    const path = join(folder, "daemon.json");
    writeFileSync(path, text, { mode: 0o600, flag: "wx" });
    return await act(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
