import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Where util-linux and its like are, whatever the user's PATH says: an ordinary user's often lacks the `sbin` folders. */
export const TOOL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** All that the warden and the tools before it get: nothing of the user's. */
export const TOOL_ENVIRONMENT = { PATH: TOOL_PATH, LANG: "C", LC_ALL: "C" } as const;

/** Absolute path of a program of the machine; undefined when it is not installed. */
export function findTool(name: string): string | undefined {
  return TOOL_PATH.split(":")
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
