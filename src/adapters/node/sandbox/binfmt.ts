import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { headOf, MACHINES } from "./binfmt-table.ts";
import { LibcError, libc } from "./libc.ts";

/** What came of {@link registerEmulators}. */
export interface Registration {
  /** Architectures (Go's names) that are registered now. */
  readonly registered: readonly string[];
  /** Why nothing is registered: one sentence with the kernel's answer. The machine's own registration holds then. */
  readonly refused?: string;
}

/**
 * Runs in the warden. Makes the kernel start these emulators for programs of their architectures, in this user namespace alone (kernel 6.7 and later): mounts a
 * binfmt_misc of its own on `folder` (made where it is missing; it has to stay mounted) and registers with flags P, O, C and F. It hides the machine's own
 * registration, so all wanted foreign architectures have to be among `emulators`; empty does nothing. What is wrong with the files is found before anything is mounted.
 * @param emulators  architecture → path of a static program that this process can open; relative to the working directory, or absolute
 * @throws {Error} when it broke off half-way: the machine's registration is hidden by then, so the warden has to end
 */
export function registerEmulators(emulators: Readonly<Record<string, string>>, folder: string): Registration {
  const wanted = Object.entries(emulators);
  if (wanted.length === 0) return { registered: [] };
  const refuse = (refused: string): Registration => ({ registered: [], refused });
  for (const [architecture, path] of wanted) {
    if (MACHINES[architecture] === undefined) return refuse(`programs for ${architecture} cannot be told by their first bytes here`);
    if (/[:\n\\]/.test(path) || Buffer.byteLength(path) > MOST_PATH_BYTES) return refuse(`the kernel does not take "${path}" as the path of an emulator`);
    try {
      accessSync(path, constants.R_OK | constants.X_OK);
    } catch (error) {
      return refuse(`the emulator "${path}" cannot be opened from inside the sandbox (${(error as NodeJS.ErrnoException).code})`);
    }
  }
  if (isWholeMachine(readFileSync("/proc/self/uid_map", "utf8"))) return refuse("outside a user namespace of our own it would change the whole machine");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    libc().mount("binfmt_misc", folder, "binfmt_misc", NOSUID_NODEV_NOEXEC, null);
  } catch (error) {
    return refuse(
      `the kernel refuses a binfmt_misc of our own (${error instanceof LibcError ? error.code : error instanceof Error ? error.message : "unknown"}); it takes Linux 6.7 or later`,
    );
  }
  for (const [architecture, path] of wanted) register(folder, architecture, path);
  return { registered: wanted.map(([architecture]) => architecture) };
}

/** Every id stands for itself: nobody has made a user namespace, and a registration would hold for the machine. */
export const isWholeMachine = (uidMap: string): boolean => /^\s*0\s+0\s+4294967295\s*$/.test(uidMap);

const NOSUID_NODEV_NOEXEC = 2 | 4 | 8;
/** The kernel takes 1,920 bytes for a whole line (fs/binfmt_misc.c, MAX_REGISTER_LENGTH; Linux 6.18, read 2026-11-22). */
const MOST_PATH_BYTES = 1024;

function register(folder: string, architecture: string, path: string): void {
  const fd = openSync(join(folder, "register"), constants.O_WRONLY);
  try {
    // One write is one registration.
    writeSync(fd, registrationLine(architecture, path));
  } catch (error) {
    throw new Error(`the kernel does not register "${path}" for ${architecture}: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  } finally {
    closeSync(fd);
  }
}

/**
 * What is written to register an emulator. P: it gets to know under which name a program was started. O: it gets the program opened, so that programs without the right
 * to be read run. C: setuid counts as the program has it, not the emulator. F: the emulator is opened now, so that it need not be in the stage's files.
 * @see https://docs.kernel.org/admin-guide/binfmt-misc.html
 */
export function registrationLine(architecture: string, path: string): string {
  const machine = MACHINES[architecture];
  if (machine === undefined) throw new Error(`unknown architecture ${architecture}`);
  const { magic, mask } = headOf(machine);
  return `:multihull-${architecture}:M:0:${escaped(magic)}:${escaped(mask)}:${path}:POCF`;
}

const escaped = (bytes: Buffer): string => [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
