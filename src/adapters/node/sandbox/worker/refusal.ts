import { isProblem } from "../../../../core/problem.ts";
import { CellRefusal } from "../cell/refusal.ts";
import type { Refusal } from "../protocol.ts";

/** A failure as the builder gets it. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof CellRefusal) return error.refusal;
  if (isProblem(error)) {
    const { code, message, hint, facts } = error;
    return { code, message, facts, ...(hint === undefined ? {} : { hint }) };
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return { code: "disk-full", message: "there is no room left on the disk for the files of RUN steps" };
  return { code: "sandbox-unavailable", message: `the sandbox failed: ${message}` };
}
