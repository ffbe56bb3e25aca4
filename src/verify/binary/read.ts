import type { Binary } from "./binary.ts";
import { readElf } from "./elf.ts";
import { isElf } from "./elf-header.ts";
import type { KeptFile } from "./kept-file.ts";
import { isMachO, readMachO } from "./macho.ts";
import { isMz, readPe } from "./pe.ts";

/** As many bytes tell what a file may be. */
export const MAGIC_BYTES = 4;

/** Whether a file that begins so is looked at further. */
export const mayBeBinary = (head: Uint8Array): boolean => isElf(head) || isMz(head) || isMachO(head);

/** Undefined: it is no binary. Never throws. */
export function readBinary(file: KeptFile): Binary | undefined {
  const head = file.take(0, MAGIC_BYTES);
  if (typeof head === "string") return undefined;
  if (isElf(head)) return readElf(file);
  return isMz(head) ? readPe(file) : readMachO(file);
}
