import type { Platform } from "../../../core/platform.ts";
import { MACHINES } from "./binfmt-table.ts";
import { elfProgram } from "./probe-elf.ts";

/** With what a probe ends: nothing else that may happen gives this status. */
export const PROBE_STATUS = 42;

interface Code {
  /** `e_flags` of ELF. */
  readonly flags: number;
  /** Machine code, as it lies in memory. */
  readonly bytes: readonly number[];
}

/**
 * `exit(42)` by architecture, or architecture and variant.
 * Source: the processors' manuals; the numbers of `exit`: syscall tables under arch/ and include/uapi/asm-generic/unistd.h of Linux 6.18, read 2026-11-22.
 */
const CODE: Readonly<Record<string, Code>> = {
  amd64: {
    flags: 0,
    bytes: [
      ...[0xbf, 0x2a, 0x00, 0x00, 0x00], // mov edi, 42
      ...[0xb8, 0x3c, 0x00, 0x00, 0x00], // mov eax, 60
      ...[0x0f, 0x05], // syscall
    ],
  },
  "386": {
    flags: 0,
    bytes: [
      ...[0xbb, 0x2a, 0x00, 0x00, 0x00], // mov ebx, 42
      ...[0xb8, 0x01, 0x00, 0x00, 0x00], // mov eax, 1
      ...[0xcd, 0x80], // int 0x80
    ],
  },
  arm64: {
    flags: 0,
    bytes: [
      ...[0x40, 0x05, 0x80, 0xd2], // mov x0, #42
      ...[0xa8, 0x0b, 0x80, 0xd2], // mov x8, #93
      ...[0x01, 0x00, 0x00, 0xd4], // svc #0
    ],
  },
  arm: {
    flags: 0x0500_0000, // EABI, version 5
    bytes: [
      ...[0x2a, 0x00, 0xa0, 0xe3], // mov r0, #42
      ...[0x01, 0x70, 0xa0, 0xe3], // mov r7, #1
      ...[0x00, 0x00, 0x00, 0xef], // svc #0
    ],
  },
  "arm/v7": {
    flags: 0x0500_0000,
    bytes: [
      ...[0x2a, 0x00, 0x00, 0xe3], // movw r0, #42, which processors before v7 (but for v6T2) do not know
      ...[0x01, 0x70, 0xa0, 0xe3], // mov r7, #1
      ...[0x00, 0x00, 0x00, 0xef], // svc #0
    ],
  },
  riscv64: {
    flags: 0,
    bytes: [
      ...[0x13, 0x05, 0xa0, 0x02], // li a0, 42
      ...[0x93, 0x08, 0xd0, 0x05], // li a7, 93
      ...[0x73, 0x00, 0x00, 0x00], // ecall
    ],
  },
  ppc64le: {
    flags: 2, // ELFv2: the entry is code, not a descriptor
    bytes: [
      ...[0x2a, 0x00, 0x60, 0x38], // li r3, 42
      ...[0x01, 0x00, 0x00, 0x38], // li r0, 1
      ...[0x02, 0x00, 0x00, 0x44], // sc
    ],
  },
  s390x: {
    flags: 0,
    bytes: [
      ...[0xa7, 0x29, 0x00, 0x2a], // lghi %r2, 42
      ...[0x0a, 0x01], // svc 1
    ],
  },
};

/** A static program for a platform that does nothing but end with {@link PROBE_STATUS}; undefined for platforms that have none here. */
export function probeFor({ os, architecture, variant }: Platform): Uint8Array | undefined {
  const machine = MACHINES[architecture];
  const code = CODE[`${architecture}/${variant}`] ?? CODE[architecture];
  return os !== "linux" || machine === undefined || code === undefined ? undefined : elfProgram(machine, code.flags, Uint8Array.from(code.bytes));
}
