import { accessSync, constants, realpathSync } from "node:fs";
import { join } from "node:path";
import { hostRegistrations, registrationFor } from "../binfmt-host.ts";
import { MACHINES } from "../binfmt-table.ts";
import { probeFor } from "../probe.ts";
import { type Emulator, firstOfEach } from "./emulator.ts";
import { keptEmulators } from "./kept.ts";
import { stampOf } from "./stamp.ts";
import { notStatic } from "./static-program.ts";

export interface FindPorts {
  /** `STORE/sandbox/emulators`. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Go's name of this machine's architecture: what emulators have to be made for. */
  readonly machine: string;
  /** Of `obtainEmulators`: they come first. */
  readonly given?: readonly Emulator[];
  /** Where the machine's registrations are shown. */
  readonly hostBinfmt?: string;
}

/**
 * Static emulators that can be had without asking anybody: given ones, those kept in the store, those on PATH, those that the machine has registered; at most one an
 * architecture, each looked at, none started. None for the machine's own architecture.
 */
export function findEmulators({ folder, env, machine, given = [], hostBinfmt }: FindPorts): readonly Emulator[] {
  const known = firstOfEach([...given, ...keptEmulators(folder)]);
  const wanted = Object.keys(MACHINES).filter((architecture) => architecture !== machine);
  return wanted.flatMap(
    (architecture) =>
      known.find((one) => one.architecture === architecture) ??
      onPath(architecture, env.PATH ?? "", machine) ??
      registered(architecture, machine, hostBinfmt) ??
      [],
  );
}

function onPath(architecture: string, path: string, machine: string): Emulator | undefined {
  const word = MACHINES[architecture]?.qemu;
  const folders = path.split(":").filter((folder) => folder.startsWith("/"));
  // The name that promises a static program first; distributions build the other kind in either way.
  for (const name of [`qemu-${word}-static`, `qemu-${word}`]) {
    for (const folder of folders) {
      const found = sound(architecture, join(folder, name), "on PATH", machine);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** What the machine itself uses may be called by another name. */
function registered(architecture: string, machine: string, hostBinfmt: string | undefined): Emulator | undefined {
  const program = probeFor({ os: "linux", architecture });
  const registration = program === undefined ? undefined : registrationFor(program, hostRegistrations(hostBinfmt));
  if (registration === undefined) return undefined;
  try {
    return sound(architecture, realpathSync(registration.interpreter), `the machine's registration "${registration.name}"`, machine);
  } catch {
    // Registered from a container that is gone, most likely.
    return undefined;
  }
}

function sound(architecture: string, path: string, source: string, machine: string): Emulator | undefined {
  try {
    accessSync(path, constants.X_OK);
    return notStatic(path, machine) === undefined ? { architecture, path, stamp: stampOf(path), source } : undefined;
  } catch {
    return undefined;
  }
}
