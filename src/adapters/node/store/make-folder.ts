import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { isErrno } from "./problem.ts";

/** Makes a folder and those above it. Not Node's recursive mkdir: where a file system takes no new folders (/proc) that never ends (Node 20). */
export function makeFolder(path: string, mode = 0o777): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (isErrno(error, "EEXIST") && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
    const above = dirname(path);
    if (!isErrno(error, "ENOENT") || above === path) throw error;
    // Another process may have made it since.
    if (statSync(above, { throwIfNoEntry: false }) === undefined) makeFolder(above, mode);
    makeOnce(path, mode);
  }
}

/** Another process may have been quicker. */
function makeOnce(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
}
