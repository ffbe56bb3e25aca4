import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseBinfmtEntry } from "../../../host/binfmt-entry.ts";

/** Where the machine's registrations are shown, on every Linux that mounts them. */
export const HOST_BINFMT = "/proc/sys/fs/binfmt_misc";

/** An emulator (or other interpreter) that the machine starts for programs with certain first bytes. */
export interface HostRegistration {
  readonly name: string;
  readonly interpreter: string;
  /** `POCF` and the like. */
  readonly flags: string;
  readonly offset: number;
  readonly magic: Buffer;
  readonly mask: Buffer;
}

/** Most bytes of an entry: two texts of at most 256 hex digits, a path, a few words. */
const ENTRY_BYTES = 64 * 1024;

/** Those that are in force; empty where they are not shown (in a container, often). */
export function hostRegistrations(folder = HOST_BINFMT): readonly HostRegistration[] {
  let names: string[];
  try {
    names = readdirSync(folder);
    if (!readFileSync(join(folder, "status"), "utf8").startsWith("enabled")) return [];
  } catch {
    return [];
  }
  return names
    .filter((name) => name !== "register" && name !== "status")
    .flatMap((name) => {
      try {
        const read = parseRegistration(name, readFileSync(join(folder, name), "utf8").slice(0, ENTRY_BYTES));
        return read === undefined ? [] : [read];
      } catch {
        // Removed in between.
        return [];
      }
    });
}

/** An entry as the kernel shows it; undefined for one that is switched off, or goes by a file's extension. */
export function parseRegistration(name: string, text: string): HostRegistration | undefined {
  const entry = parseBinfmtEntry(text);
  if (entry?.enabled !== true) return undefined;
  const { interpreter, flags, offset, magic, mask } = entry;
  return { name, interpreter, flags, offset, magic, mask };
}

/** The registration by which the machine starts a program; undefined when it starts it by itself or not at all. */
export function registrationFor(program: Uint8Array, registrations: readonly HostRegistration[]): HostRegistration | undefined {
  return registrations.find(({ offset, magic, mask }) => magic.every((byte, i) => (((program[offset + i] ?? 0) ^ byte) & (mask[i] as number)) === 0));
}
