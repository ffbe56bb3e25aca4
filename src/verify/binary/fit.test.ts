import { describe, expect, test } from "vitest";
import { type ElfSpec, elfFile, machoFile, peFile } from "../../../test/harness/elf-file.ts";
import { parsePlatform } from "../../core/platform.ts";
import type { Binary } from "./binary.ts";
import { architecturesOf, describeBinary, kindOf, misfitOf, osOf } from "./fit.ts";
import { keptFile } from "./kept-file.ts";
import { readBinary } from "./read.ts";

const read = (bytes: Buffer): Binary => readBinary(keptFile(bytes.length, [{ offset: 0, bytes }])) as Binary;
const elf = (spec: ElfSpec): Binary => read(elfFile(spec));
const armV = (cpuArch: number, vfpArgs: number): Binary => elf({ machine: "arm", arm: { cpuArch, profile: 65, vfpArgs } });

const LINUX = ["amd64", "386", "arm64", "riscv64", "ppc64le", "ppc64", "s390x", "mips64le", "mips64", "mipsle", "mips", "loong64"] as const;

describe("every processor's programs", () => {
  test.each(LINUX)("%s fit their platform, and others only where told", (machine) => {
    const binary = elf({ machine, interpreter: "/lib/ld.so" });
    expect(architecturesOf(binary)).toEqual([machine]);
    const fits = LINUX.filter((other) => misfitOf(binary, parsePlatform(`linux/${other}`)) === undefined);
    expect(fits).toEqual([machine]);
    const some = LINUX.filter((other) => misfitOf(binary, parsePlatform(`linux/${other}`))?.runs === "some machines");
    expect(some).toEqual({ "386": ["amd64"], mips: ["mips64"], mipsle: ["mips64le"] }[machine as string] ?? []);
  });
});

describe("what does not fit", () => {
  const cases: readonly [binary: string, made: Binary, platform: string, wanted: string | undefined][] = [
    ["amd64", elf({ machine: "amd64" }), "linux/arm64", "machine: amd64 (x86-64, 64-bit), not arm64 (AArch64, 64-bit): never"],
    ["386", elf({ machine: "386" }), "linux/amd64", "machine: 386 (x86, 32-bit), not amd64 (x86-64, 64-bit): some machines"],
    ["x32", elf({ machine: "amd64", bits: 32 }), "linux/amd64", "bits: amd64p32 (x86-64, x32, 32-bit), not amd64 (x86-64, 64-bit): some machines"],
    ["arm", armV(10, 1), "linux/arm64", "machine: arm (ARM, 32-bit), not arm64 (AArch64, 64-bit): some machines"],
    ["arm64", elf({ machine: "arm64" }), "linux/arm/v7", "machine: arm64 (AArch64, 64-bit), not arm (ARM, 32-bit): never"],
    [
      "ppc64",
      elf({ machine: "ppc64" }),
      "linux/ppc64le",
      "byte-order: ppc64 (PowerPC, 64-bit, big-endian), not ppc64le (PowerPC, 64-bit, little-endian): never",
    ],
    ["s390", elf({ machine: "s390x", bits: 32 }), "linux/s390x", "bits: s390 (IBM S/390, 32-bit), not s390x (IBM Z, 64-bit): some machines"],
    ["Alpha", elf({ machine: 0x9026 }), "linux/amd64", "machine: Alpha, 64-bit, little-endian, not amd64 (x86-64, 64-bit): never"],
    [
      "x86-64 in an order that it has not",
      elf({ machine: "amd64", order: "big" }),
      "linux/amd64",
      "byte-order: x86-64, 64-bit, big-endian, not amd64 (x86-64, 64-bit): never",
    ],
    ["x86-64-v3", elf({ machine: "amd64", x86Isa: 7 }), "linux/amd64", "x86-level: x86-64-v3, not x86-64-v1 (baseline): some machines"],
    ["x86-64-v3", elf({ machine: "amd64", x86Isa: 7 }), "linux/amd64/v2", "x86-level: x86-64-v3, not x86-64-v2: some machines"],
    ["x86-64-v3", elf({ machine: "amd64", x86Isa: 7 }), "linux/amd64/v3", undefined],
    ["baseline", elf({ machine: "amd64", x86Isa: 1 }), "linux/amd64", undefined],
    ["ARMv7", armV(10, 1), "linux/arm/v7", undefined],
    ["ARMv7", armV(10, 1), "linux/arm/v6", "arm-version: ARMv7, not ARMv6: some machines"],
    ["ARMv7", armV(10, 0), "linux/arm/v5", "arm-version: ARMv7, not ARMv5: some machines"],
    ["ARMv6 hard-float", armV(7, 1), "linux/arm/v6", undefined],
    ["ARMv6 hard-float", armV(7, 1), "linux/arm/v7", undefined],
    ["ARMv5 soft-float", armV(4, 0), "linux/arm/v5", undefined],
    ["ARMv5 soft-float", armV(4, 0), "linux/arm/v7", "float-abi: ARM soft-float, not ARM hard-float: all machines"],
    ["ARMv5 hard-float", armV(4, 1), "linux/arm/v5", "float-abi: ARM hard-float, not ARM soft-float: some machines"],
    ["ARMv8", armV(14, 1), "linux/arm/v8", undefined],
    ["Go's ARM, which says nothing of it", elf({ machine: "arm", flags: 0x5000002 }), "linux/arm/v6", undefined],
    ["an older EABI, whose flags mean other things", elf({ machine: "arm", flags: 0x2000200 }), "linux/arm/v7", undefined],
    ["riscv64 soft-float", elf({ machine: "riscv64", flags: 1 }), "linux/riscv64", "riscv-abi: lp64 (soft-float), not lp64d (double-float): all machines"],
    ["ppc64le of the first ABI", elf({ machine: "ppc64le", flags: 1 }), "linux/ppc64le", "ppc-abi: ELFv1, not ELFv2: all machines"],
    ["ppc64le that says nothing", elf({ machine: "ppc64le", flags: 0 }), "linux/ppc64le", undefined],
    [
      "mips64le release 6",
      elf({ machine: "mips64le", flags: 0xa0000407 }),
      "linux/mips64le",
      "mips-abi: MIPS64 release 6, not MIPS64 before release 6: some machines",
    ],
    ["object for ARMv7", elf({ machine: "arm", type: "object", flags: 0x5000000, arm: { cpuArch: 10 } }), "linux/arm/v6", undefined],
    ["BPF", elf({ machine: 247, type: "object" }), "linux/amd64", undefined],
    ["CUDA", elf({ machine: 190 }), "linux/amd64", undefined],
    ["a microcontroller's", elf({ machine: "arm", arm: { cpuArch: 13, profile: 77 } }), "linux/amd64", undefined],
    ["no machine", elf({ machine: 0, type: "dyn" }), "linux/amd64", undefined],
    ["amd64", elf({ machine: "amd64" }), "wasi/wasm", undefined],
    ["FreeBSD's", elf({ machine: "amd64", osAbi: 9 }), "linux/amd64", "format: FreeBSD (ELF), not Linux (ELF): never"],
    ["FreeBSD's", elf({ machine: "amd64", osAbi: 9 }), "freebsd/amd64", undefined],
    ["Linux' own", elf({ machine: "amd64", osAbi: 3 }), "linux/amd64", undefined],
    ["Linux' own", elf({ machine: "amd64", osAbi: 3 }), "freebsd/amd64", "format: Linux (ELF), not FreeBSD (ELF): some machines"],
    ["PE", read(peFile({ machine: "amd64" })), "linux/amd64", "format: Windows (PE), not Linux (ELF): never"],
    ["PE", read(peFile({ machine: "amd64" })), "windows/amd64", undefined],
    ["PE for x86", read(peFile({ machine: "386" })), "windows/amd64", "machine: 386 (x86, 32-bit), not amd64 (x86-64, 64-bit): some machines"],
    ["PE for arm64", read(peFile({ machine: "arm64" })), "windows/amd64", "machine: arm64 (AArch64, 64-bit), not amd64 (x86-64, 64-bit): never"],
    ["PE of an unknown machine", read(peFile({ machine: 0x1234 })), "windows/amd64", undefined],
    [".NET", read(peFile({ machine: "386", managed: true })), "linux/arm64", undefined],
    ["ELF", elf({ machine: "amd64" }), "windows/amd64", "format: ELF, not Windows (PE): never"],
    ["universal Mach-O", read(machoFile({ machine: ["arm64", "amd64"] })), "darwin/amd64", undefined],
    ["Mach-O", read(machoFile({ machine: "amd64" })), "darwin/arm64", "machine: amd64 (x86-64, 64-bit), not arm64 (AArch64, 64-bit): some machines"],
    ["Mach-O", read(machoFile({ machine: "amd64" })), "linux/amd64", "format: macOS (Mach-O), not Linux (ELF): never"],
  ];
  test.each(cases)("%s for %#", (_, binary, platform, wanted) => {
    const [os, architecture, variant] = platform.split("/") as [string, string, string | undefined];
    const misfit = misfitOf(binary, os === "wasi" ? { os, architecture } : parsePlatform([os, architecture, variant].filter(Boolean).join("/")));
    expect(misfit && `${misfit.what}: ${misfit.got}, not ${misfit.wanted}: ${misfit.runs}`).toBe(wanted);
  });
});

describe("what it is", () => {
  const cases: readonly [binary: Binary, kind: string, os: string, line: string][] = [
    [elf({ machine: "amd64", interpreter: "/lib64/ld.so" }), "program", "linux", "ELF 64-bit little-endian, x86-64, dynamic program for /lib64/ld.so"],
    [elf({ machine: "s390x" }), "program", "linux", "ELF 64-bit big-endian, IBM Z, static program"],
    [elf({ machine: "arm64", dynamic: true }), "program", "linux", "ELF 64-bit little-endian, AArch64, static program"],
    [elf({ machine: "mips", soname: "libx.so" }), "library", "linux", "ELF 32-bit big-endian, MIPS, library"],
    [elf({ machine: "amd64", soname: "libc.so.6", interpreter: "/lib64/ld.so" }), "library", "linux", "ELF 64-bit little-endian, x86-64, library"],
    [elf({ machine: "amd64", needed: ["libc.so.6"] }), "library", "linux", "ELF 64-bit little-endian, x86-64, library"],
    [elf({ machine: "amd64", type: "object" }), "object", "linux", "ELF 64-bit little-endian, x86-64, object"],
    [elf({ machine: "amd64", type: "dyn" }), "object", "linux", "ELF 64-bit little-endian, x86-64, object"],
    [elf({ machine: "amd64", type: "core" }), "core", "linux", "ELF 64-bit little-endian, x86-64, memory dump"],
    [elf({ machine: 247, type: "object" }), "device", "linux", "ELF 64-bit little-endian, BPF, device code"],
    [elf({ machine: 4711 }), "device", "linux", "ELF 64-bit little-endian, machine 4711, device code"],
    [elf({ machine: "amd64", osAbi: 9 }), "program", "freebsd", "ELF 64-bit little-endian, x86-64, static program"],
    [read(peFile({ machine: "arm64", dll: true })), "library", "windows", "PE (Windows), AArch64, library"],
    [read(peFile({ machine: 0x1234 })), "program", "windows", "PE (Windows), machine 0x1234, program"],
    [read(peFile({ machine: "386", managed: true })), "managed", "windows", "PE (Windows), x86, .NET assembly"],
    [read(machoFile({ machine: ["arm64", "amd64"] })), "program", "darwin", "Mach-O (macOS), AArch64 and x86-64, program"],
    [read(machoFile({ machine: "arm64", type: 1 })), "object", "darwin", "Mach-O (macOS), AArch64, object"],
  ];
  test.each(cases)("%#", (binary, kind, os, line) => {
    expect([kindOf(binary), osOf(binary), describeBinary(binary)]).toEqual([kind, os, line]);
  });
});
