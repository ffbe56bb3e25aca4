import { ProblemError } from "../../../core/problem.ts";

/** What a failed write to a path of the user is; anything but a failure of the machine is given back as it is. */
export function unwritable(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof ProblemError || code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new ProblemError("disk-full", { message: `no room to write "${path}"`, hint: "free some room, or write elsewhere", cause: error });
  return new ProblemError("file-unwritable", { message: `"${path}" cannot be written: ${code}`, hint: "name a path that you may write to", cause: error });
}
