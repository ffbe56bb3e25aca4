// Writes one tiny static ELF program for each architecture: it prints its platform and ends with status 0.
// Usage: node make-programs.mjs [FOLDER] [ARCH...]   (architectures as Docker names them; default: amd64 arm64)
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const LOAD_ADDRESS = 0x10000;

const u16 = (value, big) => (big ? [value >> 8, value] : [value, value >> 8]).map((b) => b & 255);
const u32 = (value, big) => {
  const bytes = [value, value >>> 8, value >>> 16, value >>> 24].map((b) => b & 255);
  return big ? bytes.reverse() : bytes;
};
const u64 = (value, big) => (big ? [...u32(0, true), ...u32(value, true)] : [...u32(value), ...u32(0)]);
const words = (...values) => values.flatMap((value) => u32(value >>> 0));

/**
 * For each architecture: ELF class, machine, flags, byte order, and its code for write(1, text, length); exit(0).
 * `code(text, length)` gets the text's address; the code starts at `start`. Its size must not depend on the values.
 */
const ARCHITECTURES = {
  amd64: {
    bits: 64,
    machine: 62,
    platform: "linux/amd64",
    code: (text, length, start) => [
      ...[0xb8, 1, 0, 0, 0, 0xbf, 1, 0, 0, 0], // mov eax, 1 (write); mov edi, 1
      ...[0x48, 0x8d, 0x35, ...u32(text - (start + 17))], // lea rsi, [rip + text]
      ...[0xba, ...u32(length), 0x0f, 0x05], // mov edx, length; syscall
      ...[0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05], // mov eax, 60 (exit); xor edi, edi; syscall
    ],
  },
  386: {
    bits: 32,
    machine: 3,
    platform: "linux/386",
    code: (text, length) => [
      ...[0xb8, 4, 0, 0, 0, 0xbb, 1, 0, 0, 0], // mov eax, 4 (write); mov ebx, 1
      ...[0xb9, ...u32(text), 0xba, ...u32(length), 0xcd, 0x80], // mov ecx, text; mov edx, length; int 0x80
      ...[0xb8, 1, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80], // mov eax, 1 (exit); xor ebx, ebx; int 0x80
    ],
  },
  arm64: {
    bits: 64,
    machine: 183,
    platform: "linux/arm64",
    code: (text, length, start) => {
      const distance = text - (start + 4);
      const adr = 0x10000001 | ((distance & 3) << 29) | ((distance >> 2) << 5);
      // mov x0, 1; adr x1, text; mov x2, length; mov x8, 64 (write); svc 0; mov x0, 0; mov x8, 93 (exit); svc 0
      return words(0xd2800020, adr, 0xd2800002 | (length << 5), 0xd2800808, 0xd4000001, 0xd2800000, 0xd2800ba8, 0xd4000001);
    },
  },
  arm: {
    bits: 32,
    machine: 40,
    flags: 0x05000400, // EABI 5, hard float
    platform: "linux/arm/v7",
    code: (text, length, start) =>
      // mov r0, 1; add r1, pc, distance; mov r2, length; mov r7, 4 (write); svc 0; mov r0, 0; mov r7, 1 (exit); svc 0
      words(0xe3a00001, 0xe28f1000 | (text - (start + 12)), 0xe3a02000 | length, 0xe3a07004, 0xef000000, 0xe3a00000, 0xe3a07001, 0xef000000),
  },
  riscv64: {
    bits: 64,
    machine: 243,
    flags: 5, // compressed instructions, double float
    platform: "linux/riscv64",
    code: (text, length, start) =>
      // li a0, 1; auipc a1, 0; addi a1, a1, distance; li a2, length; li a7, 64 (write); ecall; li a0, 0; li a7, 93 (exit); ecall
      words(0x00100513, 0x00000597, ((text - (start + 4)) << 20) | 0x00058593, (length << 20) | 0x00000613, 0x04000893, 0x73, 0x00000513, 0x05d00893, 0x73),
  },
  ppc64le: {
    bits: 64,
    machine: 21,
    flags: 2, // ELFv2
    platform: "linux/ppc64le",
    code: (text, length) =>
      // li r0, 4 (write); li r3, 1; lis r4, high; ori r4, r4, low; li r5, length; sc; li r0, 1 (exit); li r3, 0; sc
      words(
        0x38000004,
        0x38600001,
        0x3c800000 | (text >>> 16),
        0x60840000 | (text & 0xffff),
        0x38a00000 | length,
        0x44000002,
        0x38000001,
        0x38600000,
        0x44000002,
      ),
  },
  s390x: {
    bits: 64,
    machine: 22,
    bigEndian: true,
    platform: "linux/s390x",
    code: (text, length, start) => [
      ...[0xa7, 0x29, 0, 1], // lghi r2, 1
      ...[0xc0, 0x30, ...u32((text - (start + 4)) / 2, true)], // larl r3, text
      ...[0xa7, 0x49, ...u16(length, true), 0x0a, 4], // lghi r4, length; svc 4 (write)
      ...[0xa7, 0x29, 0, 0, 0x0a, 1], // lghi r2, 0; svc 1 (exit)
    ],
  },
};

/** The whole ELF file: header, one program header that maps the file, code, text. */
export function program(architecture) {
  const { bits, machine, flags = 0, bigEndian = false, platform, code } = ARCHITECTURES[architecture];
  const text = Buffer.from(`operator for ${platform}\n`);
  const wide = bits === 64;
  const [headerSize, segmentSize] = wide ? [64, 56] : [52, 32];
  const start = LOAD_ADDRESS + headerSize + segmentSize;
  const codeSize = code(start, text.length, start).length;
  const textAddress = Math.ceil((start + codeSize) / 4) * 4;
  const size = textAddress - LOAD_ADDRESS + text.length;
  const half = (value) => u16(value, bigEndian);
  const word = (value) => u32(value, bigEndian);
  const address = (value) => (wide ? u64(value, bigEndian) : word(value));
  const header = [
    ...[0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, bigEndian ? 2 : 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ...[half(2), half(machine), word(1), address(start), address(headerSize), address(0), word(flags)].flat(),
    ...[half(headerSize), half(segmentSize), half(1), half(0), half(0), half(0)].flat(),
  ];
  const readAndExecute = 5;
  const segment = wide
    ? [word(1), word(readAndExecute), address(0), address(LOAD_ADDRESS), address(LOAD_ADDRESS), address(size), address(size), address(0x1000)]
    : [word(1), address(0), address(LOAD_ADDRESS), address(LOAD_ADDRESS), address(size), address(size), word(readAndExecute), address(0x1000)];
  const file = Buffer.alloc(size);
  Buffer.from([...header, ...segment.flat(), ...code(textAddress, text.length, start)]).copy(file);
  text.copy(file, textAddress - LOAD_ADDRESS);
  return file;
}

/** Writes `manager-ARCH` for each architecture into `folder`. */
export function writePrograms(folder, architectures = ["amd64", "arm64"]) {
  mkdirSync(folder, { recursive: true });
  for (const architecture of architectures) {
    const path = join(folder, `manager-${architecture}`);
    writeFileSync(path, program(architecture));
    chmodSync(path, 0o755);
  }
}

export const architectures = Object.keys(ARCHITECTURES);

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder = import.meta.dirname, ...chosen] = process.argv.slice(2);
  writePrograms(folder, chosen.length > 0 ? chosen : undefined);
}
