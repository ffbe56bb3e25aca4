import { CellRefusal } from "./refusal.ts";
import { RootPathError } from "./root-path.ts";

const WORDS: Readonly<Record<string, string>> = {
  ELOOP: "is a loop of symlinks",
  ENOTDIR: "leads through a file",
  EROFS: "is not there, and lies in something read-only, where it cannot be made",
};

/** Says in words why a path of a root leads nowhere. @throws {CellRefusal} `run-failed` */
export function within<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RootPathError)) throw error;
    throw new CellRefusal({ code: "run-failed", message: `the path "${path}" ${WORDS[error.code] ?? `cannot be followed or made (${error.code})`}` });
  }
}
