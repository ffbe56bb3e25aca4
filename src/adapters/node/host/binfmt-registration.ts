import { closeSync, constants, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { ProblemError } from "../../../core/problem.ts";
import type { HostChange } from "../../../host/fix/change.ts";
import { HOST_BINFMT, parseRegistration } from "../sandbox/binfmt-host.ts";
import { isErrno } from "../store/problem.ts";

/** An emulator that the kernel is told of. */
export type RegisteredEmulator = Extract<HostChange, { kind: "emulator" }>;

/**
 * Tells the kernel, for the whole machine, and reads back that it took it. What is registered already, just so, is left as it is.
 * @param folder  where binfmt_misc is mounted
 * @throws {ProblemError} `host-change-failed`; nothing of it is registered then
 */
export function registerEmulator(change: RegisteredEmulator, folder = HOST_BINFMT): void {
  const there = entryDiffers(change, folder);
  if (there.kind === "same") return;
  if (there.kind === "other") {
    throw failed(change, `the kernel has another entry by that name: ${there.why}`, `take it away and try again: echo -1 > ${entryPath(change, folder)}`);
  }
  let fd: number;
  try {
    fd = openSync(join(folder, "register"), constants.O_WRONLY);
  } catch (error) {
    throw failed(change, ...refusal(error, folder), error);
  }
  try {
    // One write is one registration.
    writeSync(fd, change.registration);
  } catch (error) {
    // Flag F: the emulator is opened now.
    const isGone = isErrno(error, "ENOENT");
    throw failed(change, ...(isGone ? ([`there is no "${change.interpreter}"`, MANUAL] as const) : refusal(error, folder)), error);
  } finally {
    closeSync(fd);
  }
  const taken = entryDiffers(change, folder);
  if (taken.kind === "same") return;
  if (taken.kind === "other") remove(change, folder);
  throw failed(change, taken.kind === "other" ? `the kernel took it otherwise: ${taken.why}` : "the kernel took it, and does not show it", MANUAL);
}

/**
 * Takes an entry back; one that is gone already is no failure.
 * @throws {ProblemError} `host-changed` for an entry that is not the one that was registered, `host-change-failed`
 */
export function unregisterEmulator(change: RegisteredEmulator, folder = HOST_BINFMT): void {
  const there = entryDiffers(change, folder);
  if (there.kind === "absent") return;
  if (there.kind === "other") {
    throw new ProblemError("host-changed", {
      message: `the kernel's entry "${nameOf(change)}" is not the one that was registered: ${there.why}`,
      hint: `if nobody needs it, take it away: echo -1 > ${entryPath(change, folder)}`,
    });
  }
  remove(change, folder);
}

/** How the kernel's entry compares with what is registered by a change. */
export type EntryState = { readonly kind: "absent" } | { readonly kind: "same" } | { readonly kind: "other"; readonly why: string };

/** @throws {ProblemError} `host-change-failed` when the entry cannot be read */
export function entryDiffers(change: RegisteredEmulator, folder = HOST_BINFMT): EntryState {
  let text: string;
  try {
    text = readFileSync(entryPath(change, folder), "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return { kind: "absent" };
    throw failed(change, `the kernel's entry cannot be read (${(error as NodeJS.ErrnoException).code})`, AS_ROOT, error);
  }
  const entry = parseRegistration(nameOf(change), text);
  if (entry === undefined) return { kind: "other", why: "it is switched off" };
  const { magic, mask, flags } = wantedOf(change);
  if (entry.interpreter !== change.interpreter) return { kind: "other", why: `it starts "${entry.interpreter}"` };
  if (entry.magic.toString("hex") !== magic || entry.mask.toString("hex") !== mask) return { kind: "other", why: "it is for other programs" };
  return flags.split("").every((flag) => entry.flags.includes(flag)) ? { kind: "same" } : { kind: "other", why: `its flags are "${entry.flags}"` };
}

/** Parts of a line `:NAME:M:OFFSET:MAGIC:MASK:INTERPRETER:FLAGS`, in which the first character parts them. */
const partsOf = ({ registration }: RegisteredEmulator): readonly string[] => registration.slice(1).split(registration.charAt(0));
const nameOf = (change: RegisteredEmulator): string => partsOf(change)[0] ?? "";
const entryPath = (change: RegisteredEmulator, folder: string): string => join(folder, nameOf(change));
function wantedOf(change: RegisteredEmulator): { readonly magic: string; readonly mask: string; readonly flags: string } {
  const [, , , magic = "", mask = "", , flags = ""] = partsOf(change);
  return { magic: magic.replaceAll("\\x", ""), mask: mask.replaceAll("\\x", ""), flags };
}

function remove(change: RegisteredEmulator, folder: string): void {
  try {
    writeFileSync(entryPath(change, folder), "-1");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    throw failed(change, ...refusal(error, folder), error);
  }
}

const AS_ROOT = "run it as root: sudo multihull fix --host";
const MANUAL = "install the package qemu-user-static, which registers emulators itself";

function refusal(error: unknown, folder: string): readonly [why: string, hint: string] {
  const { code = "" } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return [`binfmt_misc is not mounted at "${folder}"`, `mount it as root: mount -t binfmt_misc binfmt_misc ${folder}`];
    case "EACCES":
    case "EPERM":
      return ["only root may tell the kernel", AS_ROOT];
    case "EROFS":
      return [`"${folder}" is mounted read-only, as in a container`, "run it on the machine itself, outside of the container"];
    default:
      return [`the kernel says ${code}`, MANUAL];
  }
}

function failed({ architecture }: RegisteredEmulator, why: string, hint: string, cause?: unknown): ProblemError {
  return new ProblemError("host-change-failed", {
    message: `the kernel's emulator for ${architecture} could not be changed: ${why}`,
    hint,
    facts: { architecture },
    cause,
  });
}
