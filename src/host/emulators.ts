import { emulatedArchitecture } from "../facts/emulators.ts";
import { type BinfmtEntry, parseBinfmtEntry } from "./binfmt-entry.ts";
import type { EmulatorFact, Known } from "./facts.ts";
import { known, unknown } from "./known.ts";
import type { HostFiles } from "./ports.ts";

/** Where Linux shows them. */
const BINFMT = "/proc/sys/fs/binfmt_misc";

/** Emulators that this machine's kernel starts for programs of foreign architectures. Other interpreters (Python's, Java's) are none. */
export function readEmulators(files: HostFiles, platform: string): Known<readonly EmulatorFact[]> {
  if (platform !== "linux")
    return unknown(
      "absent",
      "only Linux registers emulators; here they are those of Docker's virtual machine",
      "ask it: `docker run --privileged --rm tonistiigi/binfmt`",
      BINFMT,
    );
  const status = files.read(`${BINFMT}/status`, true);
  if (status.kind !== "text") {
    const why =
      status.kind === "unreadable" ? `the kernel's list of emulators cannot be read: ${status.why}` : "the kernel does not show which emulators it has";
    return unknown(status.kind === "unreadable" ? "refused" : "absent", why, `mount it as root: \`mount -t binfmt_misc binfmt_misc ${BINFMT}\``, BINFMT);
  }
  const all = status.text.startsWith("enabled");
  return known(
    files.list(BINFMT).flatMap((name) => {
      if (name === "status" || name === "register") return [];
      const file = files.read(`${BINFMT}/${name}`, true);
      const entry = file.kind === "text" ? parseBinfmtEntry(file.text) : undefined;
      const architecture = entry === undefined ? undefined : architectureOf(name, entry);
      if (entry === undefined || architecture === undefined) return [];
      return [{ architecture, interpreter: entry.interpreter, flags: entry.flags, enabled: all && entry.enabled }];
    }),
    BINFMT,
  );
}

/** Of the programs that an entry starts; undefined for what are no programs of Linux. */
function architectureOf(name: string, { offset, magic }: BinfmtEntry): string | undefined {
  if (offset !== 0 || magic.length < 20 || magic.toString("latin1", 0, 4) !== "\x7fELF") return undefined;
  const [is64, bigEndian] = [magic[4] === 2, magic[5] === 2];
  const machine = bigEndian ? magic.readUInt16BE(18) : magic.readUInt16LE(18);
  const found = ELF_MACHINES[machine];
  if (found === undefined) return emulatedArchitecture(name);
  return typeof found === "string" ? found : found(is64, bigEndian);
}

/** `e_machine` of ELF. Source: Linux 6.18 include/uapi/linux/elf-em.h, read 2026-11-22; the right side is Go's GOARCH, which images use. */
const ELF_MACHINES: Readonly<Record<number, string | ((is64: boolean, bigEndian: boolean) => string)>> = {
  3: "386",
  8: (is64, bigEndian) => `mips${is64 ? "64" : ""}${bigEndian ? "" : "le"}`,
  21: (_, bigEndian) => (bigEndian ? "ppc64" : "ppc64le"),
  22: (is64) => (is64 ? "s390x" : "s390"),
  40: (_, bigEndian) => (bigEndian ? "armbe" : "arm"),
  62: "amd64",
  183: (_, bigEndian) => (bigEndian ? "arm64be" : "arm64"),
  243: (is64) => (is64 ? "riscv64" : "riscv"),
  258: "loong64",
};
