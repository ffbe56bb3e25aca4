import { fchownSync, writeSync } from "node:fs";
import { libc } from "../libc.ts";
import type { ProgramUser } from "./user.ts";

/** What a program reads: a pipe in which there is nothing and that nobody writes to, as BuildKit gives it. */
export interface InputPipe {
  /** For the program. */
  readonly reader: number;
  /** Puts an empty line into it, before it is closed. */
  writeLine(): void;
  /** Once the program has the reader: from now on it finds the end. */
  close(): void;
}

/** @param user  is to own it, so that it can open it again */
export function inputPipe(user: ProgramUser): InputPipe {
  const [reader, writer] = libc().pipe();
  try {
    fchownSync(reader, user.uid, user.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
  }
  return {
    reader,
    writeLine: () => void writeSync(writer, "\n"),
    close: () => {
      libc().close(reader);
      libc().close(writer);
    },
  };
}
