import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ProblemError } from "../../../core/problem.ts";
import { unwritable } from "./unwritable.ts";

/** How long another build's writing is waited for. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 25;

/**
 * Holds an OCI layout for this process: its `index.json` is read, changed and written as one. The lock is a file; one whose process is gone is taken over.
 * @returns what lets go of it
 * @throws {ProblemError} `output-conflict` when somebody holds it for long | `file-unwritable`
 */
export async function layoutLock(folder: string, shown: string): Promise<() => void> {
  const path = join(folder, "index.json.multihull-lock");
  const mine = `${process.pid} ${hostname()}`;
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    try {
      const fd = openSync(path, "wx");
      writeSync(fd, mine);
      closeSync(fd);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(shown, error);
    }
    if (isAbandoned(path)) rmSync(path, { force: true });
    else if (waitedMs >= PATIENCE_MS)
      throw new ProblemError("output-conflict", {
        message: `another build has been writing to "${shown}" for ${PATIENCE_MS / 1000} seconds`,
        hint: `wait for it, or remove "${path}" when there is none`,
      });
    else await sleep(PAUSE_MS);
  }
}

/** True when it names a process of this machine that is gone. */
function isAbandoned(path: string): boolean {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return false;
  }
  const [pid, host] = text.split(" ");
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
