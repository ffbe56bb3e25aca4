import { accessSync, constants } from "node:fs";
import { LibcError, libc } from "../libc.ts";
import type { ProgramOrder } from "../protocol.ts";
import { CellRefusal } from "./refusal.ts";

type Limits = ProgramOrder["ulimits"];

/** By Docker's names. Source: Linux 6.18 include/uapi/asm-generic/resource.h, read 2026-11-22. */
const RESOURCES: Readonly<Record<string, number>> = {
  cpu: 0,
  fsize: 1,
  data: 2,
  stack: 3,
  core: 4,
  rss: 5,
  nproc: 6,
  nofile: 7,
  memlock: 8,
  as: 9,
  locks: 10,
  sigpending: 11,
  msgqueue: 12,
  nice: 13,
  rtprio: 14,
  rttime: 15,
};

const SHELL = "/bin/sh";
/** Waits for a line, and becomes the program, for which nothing is left to be read. */
const GATE = 'read -r _ && exec "$@"';

/** How a program with limits is started: limits are a process's, and there is none to be given them before the program has begun. */
export interface Gate {
  readonly file: string;
  readonly arguments: readonly string[];
}

/**
 * The stage's own shell, that waits until the limits are set and then becomes the program; absent where it has none: then they are set right after the program
 * has begun. The limits of our own process cannot be changed instead: they would hold for all other programs, and no one in a user namespace can raise them again.
 */
export function limitGate(file: string, rest: readonly string[]): Gate | undefined {
  try {
    accessSync(SHELL, constants.X_OK);
  } catch {
    return undefined;
  }
  return { file: SHELL, arguments: ["-c", GATE, "sh", file, ...rest] };
}

/** @throws {CellRefusal} `run-failed` for a name that is none, and for more than the machine lets the sandbox have */
export function setLimits(pid: number, limits: Limits): void {
  for (const { name, soft, hard } of limits) {
    const resource = RESOURCES[name];
    if (resource === undefined)
      throw new CellRefusal({ code: "run-failed", message: `there is no limit "${name}"`, hint: `limits are ${Object.keys(RESOURCES).join(", ")}` });
    try {
      libc().prlimit(pid, resource, soft, hard);
    } catch (error) {
      if (!(error instanceof LibcError)) throw error;
      const why =
        error.code === "EPERM"
          ? "it is above the limit that the sandbox itself has"
          : error.code === "EINVAL"
            ? "the soft limit is above the hard one"
            : `the system says ${error.code}`;
      throw new CellRefusal({ code: "run-failed", message: `limit "${name}=${soft}:${hard}" cannot be set: ${why}` });
    }
  }
}
