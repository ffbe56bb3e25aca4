import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { assertNever } from "../../../core/never.ts";
import type { EmulatorChanger } from "../../../host/fix/changer.ts";
import type { RegistrableEmulator } from "../../../host/fix/emulator-plan.ts";
import type { HostPrograms } from "../../../host/ports.ts";
import { registrationLine } from "../sandbox/binfmt.ts";
import { HOST_BINFMT } from "../sandbox/binfmt-host.ts";
import { type FindPorts, findEmulators } from "../sandbox/emulators/find.ts";
import { installEmulators, uninstallEmulators } from "./binfmt-container.ts";
import { entryDiffers, registerEmulator, unregisterEmulator } from "./binfmt-registration.ts";

/** Emulators of this machine's kernel, or of Docker's. @param folder  where binfmt_misc is mounted */
export function emulatorChanger(programs: HostPrograms, folder = HOST_BINFMT): EmulatorChanger {
  return {
    make: async (change, signal) => {
      if (change.kind === "emulator") registerEmulator(change, folder);
      else await installEmulators(change, programs, signal);
    },
    differs: async ({ change }) => {
      // What a container did is looked at by a container, when it is taken back.
      if (change.kind === "emulator-container") return undefined;
      const there = entryDiffers(change, folder);
      return there.kind === "other" ? `the kernel's emulator for ${change.architecture} is another by now: ${there.why}` : undefined;
    },
    takeBack: async ({ change }) => {
      switch (change.kind) {
        case "emulator":
          return unregisterEmulator(change, folder);
        case "emulator-container":
          return await uninstallEmulators(change, programs);
        default:
          assertNever(change);
      }
    },
  };
}

/** Whether this process may write to the kernel's list. */
export function mayRegister(folder = HOST_BINFMT): boolean {
  try {
    accessSync(join(folder, "register"), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The kernel parts a line by colons, cuts a path at a line's end, and takes 1,920 bytes for a whole line (fs/binfmt_misc.c; Linux 6.18, read 2026-11-22). */
const UNFIT = /[:\n\\]/;
const MOST_PATH_BYTES = 1024;

/** Static QEMUs of this machine with what registers them; nothing is started or brought. */
export const registrableEmulators = (ports: FindPorts): readonly RegistrableEmulator[] =>
  findEmulators(ports)
    .filter(({ path }) => !UNFIT.test(path) && Buffer.byteLength(path) <= MOST_PATH_BYTES)
    .map(({ architecture, path }) => ({ architecture, path, registration: registrationLine(architecture, path) }));
