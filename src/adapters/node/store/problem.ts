import { isProblem, ProblemError } from "../../../core/problem.ts";

/** The problem behind a failed file operation of the store. Problems and bugs pass unchanged. */
export function storeProblem(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (isProblem(error) || typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return error;
  const facts = { path, errno: code };
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new ProblemError("disk-full", {
      message: `there is no room left to write "${path}"`,
      hint: "free some room, with `multihull prune` for example, or name a folder on another disk with --store",
      facts,
      cause: error,
    });
  }
  return new ProblemError("store-unusable", {
    message: `the store cannot use "${path}": ${message}`,
    hint: ["EACCES", "EPERM", "EROFS"].includes(code)
      ? "make the folder yours and writable, or name another one with --store"
      : "name another folder with --store, or mend this one",
    facts,
    cause: error,
  });
}

/** Runs file operations; their failures come out as problems that name `path`. */
export function guarded<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw storeProblem(error, path);
  }
}

export const isErrno = (error: unknown, ...codes: readonly string[]): boolean => codes.includes((error as NodeJS.ErrnoException).code ?? "");
