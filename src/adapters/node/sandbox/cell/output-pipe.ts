import { fchownSync } from "node:fs";
import { Socket } from "node:net";
import { libc } from "../libc.ts";
import type { ProgramUser } from "./user.ts";

/** For what a program prints: a pipe, and not a socket as Node makes it, which could not be opened again by way of /dev/stdout. */
export interface OutputPipe {
  /** For the program. */
  readonly writer: number;
  /** Once the program has the writer: closes it here, and gives what can be read. */
  handOver(): Socket;
  /** Instead of {@link handOver}. */
  close(): void;
}

/** @param user  is to own it, so that it can open it again */
export function outputPipe(user: ProgramUser): OutputPipe {
  const [read, writer] = libc().pipe();
  try {
    fchownSync(writer, user.uid, user.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
  }
  return {
    writer,
    handOver: () => {
      libc().close(writer);
      return new Socket({ fd: read, readable: true, writable: false });
    },
    close: () => {
      libc().close(writer);
      libc().close(read);
    },
  };
}
