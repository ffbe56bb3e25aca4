import { readdirSync, readFileSync } from "node:fs";

/** What a kernel can execute here, beside scripts. */
export interface BinaryFormats {
  /** `process.arch`. */
  readonly machine: string;
  /** Emulators that are registered with the kernel. */
  readonly registered: readonly Registration[];
  /** Of the step: `linux/arm64`. That its programs can be started has been found out before. */
  readonly platform: string;
}

/** An entry of binfmt_misc. */
export type Registration =
  | { readonly kind: "magic"; readonly offset: number; readonly magic: Buffer; readonly mask: Buffer | undefined }
  | { readonly kind: "extension"; readonly extension: string };

/** By `e_machine`, class and byte order: Go's names. Source: Linux 6.18 include/uapi/linux/elf-em.h, read 2026-11-22. */
const ELF: Readonly<Record<string, string>> = {
  "3/32le": "386",
  "62/64le": "amd64",
  "62/32le": "amd64 (x32)",
  "40/32le": "arm",
  "183/64le": "arm64",
  "243/64le": "riscv64",
  "243/32le": "riscv32",
  "258/64le": "loong64",
  "21/64le": "ppc64le",
  "21/64be": "ppc64",
  "20/32be": "ppc",
  "22/64be": "s390x",
  "8/32be": "mips",
  "8/32le": "mipsle",
  "8/64be": "mips64",
  "8/64le": "mips64le",
};

/** What the processor itself executes; whether an arm64 has 32 bits too, only trying tells. */
const NATIVE: Readonly<Record<string, readonly string[]>> = {
  x64: ["amd64", "386", "amd64 (x32)"],
  arm64: ["arm64", "arm"],
  riscv64: ["riscv64"],
  loong64: ["loong64"],
  ppc64: ["ppc64le", "ppc64"],
  s390x: ["s390x"],
};

/** What a program's head says of the machine it is for; undefined: it is no ELF. */
export function elfOf(head: Buffer): { readonly architecture: string } | undefined {
  if (head.length < 20 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const big = head[5] === 2;
  const machine = big ? head.readUInt16BE(18) : head.readUInt16LE(18);
  return { architecture: ELF[`${machine}/${head[4] === 2 ? 64 : 32}${big ? "be" : "le"}`] ?? `machine ${machine}` };
}

/** Whether the kernel takes it for a program that it can start; scripts are not meant. */
export function fitsFormat(head: Buffer, file: string, formats: BinaryFormats): boolean {
  const elf = elfOf(head);
  if (elf !== undefined && [...(NATIVE[formats.machine] ?? []), formats.platform.split("/")[1]].includes(elf.architecture)) return true;
  return formats.registered.some((entry) => {
    if (entry.kind === "extension") return file.endsWith(`.${entry.extension}`);
    const { offset, magic, mask } = entry;
    return head.length >= offset + magic.length && magic.every((byte, at) => ((head[offset + at]! ^ byte) & (mask?.[at] ?? 0xff)) === 0);
  });
}

/** What is registered where binfmt_misc is mounted; read while the thread still sees those mounts. */
export function registeredFormats(): Registration[] {
  const found: Registration[] = [];
  for (const folder of mountsOf("binfmt_misc"))
    for (const name of names(folder)) {
      if (name === "register" || name === "status") continue;
      try {
        const entry = parseRegistration(readFileSync(`${folder}/${name}`, "utf8"));
        if (entry !== undefined) found.push(entry);
      } catch {
        // Gone in the meantime, or not ours to read: as if it were not registered.
      }
    }
  return found;
}

/** Reads an entry of binfmt_misc; undefined: it is switched off. */
export function parseRegistration(text: string): Registration | undefined {
  const lines = text.split("\n");
  if (lines[0] !== "enabled") return undefined;
  const field = (name: string): string | undefined => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  const extension = field("extension");
  if (extension !== undefined) return { kind: "extension", extension: extension.replace(/^\./, "") };
  const magic = field("magic");
  if (magic === undefined) return undefined;
  const mask = field("mask");
  return {
    kind: "magic",
    offset: Number(field("offset") ?? 0),
    magic: Buffer.from(magic, "hex"),
    mask: mask === undefined ? undefined : Buffer.from(mask, "hex"),
  };
}

function mountsOf(type: string): string[] {
  let text: string;
  try {
    text = readFileSync("/proc/thread-self/mountinfo", "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    const [before, after] = line.split(" - ");
    if (before === undefined || after?.split(" ")[0] !== type) return [];
    return [before.split(" ")[4]!.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))];
  });
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
