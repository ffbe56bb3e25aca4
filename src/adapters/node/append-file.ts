import { appendFileSync } from "node:fs";
import { unwritable } from "./output/unwritable.ts";

/**
 * Adds text to the end of a file, which is made where there is none.
 * @throws {ProblemError} `file-unwritable` | `disk-full`
 */
export function appendFile(path: string, text: string): void {
  try {
    appendFileSync(path, text);
  } catch (error) {
    throw unwritable(path, error);
  }
}
