import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ElfSpec, elfFile, MACHINES, machoFile, peFile } from "../../../test/harness/elf-file.ts";
import type { Elf } from "./binary.ts";
import { keptFile } from "./kept-file.ts";
import { readBinary } from "./read.ts";

const whole = (bytes: Uint8Array) => readBinary(keptFile(bytes.length, [{ offset: 0, bytes }]));
const elf = (spec: ElfSpec): Elf => whole(elfFile(spec)) as Elf;

const FULL: Omit<ElfSpec, "machine"> = {
  interpreter: "/lib/ld.so.1",
  soname: "libx.so.1",
  needed: ["libm.so.6", "libc.so.6"],
  rpath: "/a:/b",
  runpath: "$ORIGIN/../lib",
  wants: { "libc.so.6": ["GLIBC_2.34", "GLIBC_2.17?"], "libm.so.6": ["GLIBC_2.2.5"] },
  defines: ["X_1", "X_2"],
  flags1: 0x8,
};

describe("an ELF file", () => {
  test.each(Object.entries(MACHINES))("for %s is read to its end", (machine, { machine: number, bits, order, flags }) => {
    expect(elf({ machine, ...FULL })).toEqual({
      format: "elf",
      machine: number,
      bits,
      order,
      type: 3,
      osAbi: 0,
      flags,
      interpreter: "/lib/ld.so.1",
      dynamic: {
        soname: "libx.so.1",
        needed: ["libm.so.6", "libc.so.6"],
        rpath: "/a:/b",
        runpath: "$ORIGIN/../lib",
        flags1: 0x8,
        wants: [
          {
            file: "libc.so.6",
            versions: [
              { name: "GLIBC_2.34", weak: false },
              { name: "GLIBC_2.17", weak: true },
            ],
          },
          { file: "libm.so.6", versions: [{ name: "GLIBC_2.2.5", weak: false }] },
        ],
        defines: ["X_1", "X_2"],
        whole: true,
      },
      arm: undefined,
      x86IsaNeeded: undefined,
      damage: undefined,
    });
  });

  const cases: readonly [name: string, spec: ElfSpec, wanted: Partial<Elf>][] = [
    ["static", { machine: "amd64" }, { type: 2, interpreter: undefined, dynamic: undefined, damage: undefined }],
    [
      "static, position-independent",
      { machine: "arm64", dynamic: true },
      { type: 3, interpreter: undefined, dynamic: expect.objectContaining({ flags1: 0x8000000 }) },
    ],
    ["object", { machine: "s390x", type: "object" }, { type: 1, damage: undefined }],
    ["memory dump", { machine: "s390x", type: "core" }, { type: 4, damage: undefined }],
    ["of FreeBSD", { machine: "amd64", osAbi: 9 }, { osAbi: 9 }],
    [
      "for ARMv7",
      { machine: "arm", arm: { cpuName: "7-A", cpuArch: 10, profile: 65, fpArch: 3, vfpArgs: 1 } },
      { flags: 0x5000400, arm: { cpuArch: 10, profile: 65, fpArch: 3, vfpArgs: 1 } },
    ],
    [
      "for ARMv5",
      { machine: "arm", arm: { cpuArch: 4 } },
      { flags: 0x5000000, arm: { cpuArch: 4, profile: undefined, fpArch: undefined, vfpArgs: undefined } },
    ],
    ["for big-endian ARM", { machine: "arm", order: "big", arm: { cpuArch: 4 } }, { order: "big", arm: expect.objectContaining({ cpuArch: 4 }) }],
    ["for ARM without section headers", { machine: "arm", bare: true, arm: { cpuArch: 4 } }, { arm: undefined, damage: undefined }],
    ["for x86-64-v3", { machine: "amd64", x86Isa: 4 }, { x86IsaNeeded: 4 }],
    ["for x86 with a level", { machine: "386", x86Isa: 1 }, { x86IsaNeeded: 1 }],
    [
      "packed, with no section headers",
      { machine: "ppc64le", bare: true, needed: ["libc.so.6"] },
      { dynamic: expect.objectContaining({ needed: ["libc.so.6"], whole: true }) },
    ],
    ["of a machine without a name", { machine: 4711 }, { machine: 4711, bits: 64, order: "little", damage: undefined }],
  ];
  test.each(cases)("%s", (_, spec, wanted) => {
    expect(elf(spec)).toMatchObject(wanted);
  });
});

/** A file with numbers changed. */
function edited(spec: ElfSpec, edit: (file: Buffer) => void): Elf {
  const file = Buffer.from(elfFile(spec));
  edit(file);
  return whole(file) as Elf;
}

describe("damage", () => {
  const spec: ElfSpec = { machine: "amd64", interpreter: "/lib64/ld.so", needed: ["libc.so.6"], wants: { "libc.so.6": ["V_1"] }, text: 4096 };
  const file = elfFile(spec);
  /** Where an entry of the dynamic section has its value. */
  const valuePlace = (tag: number): number => {
    const place = Number(file.readBigUInt64LE(64 + 4 * 56 + 8));
    for (let at = place; ; at += 16) if (Number(file.readBigUInt64LE(at)) === tag) return at + 8;
  };
  const cuts: readonly [name: string, bytes: number, damage: string | undefined][] = [
    ["before its class", 4, undefined],
    ["before its machine ends", 19, undefined],
    ["in its header", 40, "it is cut short in its header"],
    ["in its program headers", 100, "it is cut short in its program headers"],
    ["behind them", 64 + 5 * 56, "it is cut short before the name of its interpreter"],
    ["in its code", 2000, "it is cut short in its dynamic section"],
    ["in its section headers", file.length - 1, `it is cut short: its section headers end at byte ${file.length}, the file has ${file.length - 1}`],
  ];
  test.each(cuts)("cut %s", (_, bytes, damage) => {
    expect(whole(file.subarray(0, bytes))?.damage).toBe(damage);
  });

  const edits: readonly [name: string, edit: (file: Buffer) => void, wanted: Partial<Elf>][] = [
    [
      "a table of too many program headers",
      (f) => f.writeUInt16LE(0xfffe, 56),
      { damage: "it is said to have 65534 program headers, more than any loader takes", interpreter: undefined },
    ],
    [
      "the count of program headers in section 0, which says 5",
      (f) => {
        f.writeUInt16LE(0xffff, 56);
        f.writeUInt32LE(5, Number(f.readBigUInt64LE(40)) + 44);
      },
      { damage: undefined, interpreter: "/lib64/ld.so" },
    ],
    ["program headers of another size", (f) => f.writeUInt16LE(32, 54), { damage: "its program headers are said to have 32 bytes each, where 56 are right" }],
    ["program headers at an offset above 2^53", (f) => f.writeBigUInt64LE(2n ** 63n, 32), { damage: "it is cut short in its program headers" }],
    ["no program headers", (f) => f.writeUInt16LE(0, 56), { damage: "it has no program headers" }],
    [
      "an interpreter without an end",
      (f) => f.fill(0x41, 64 + 5 * 56, 64 + 5 * 56 + 13),
      { damage: "the name of its interpreter does not end", interpreter: undefined },
    ],
    ["a string table in no segment", (f) => f.writeBigUInt64LE(2n ** 62n, valuePlace(5)), { damage: "its string table lies in no segment" }],
    [
      "a name beyond its string table",
      (f) => f.writeBigUInt64LE(500n, valuePlace(1)),
      { damage: "a name of its dynamic section lies beyond its string table" },
    ],
    ["a string table that is too short", (f) => f.writeBigUInt64LE(13n, valuePlace(10)), { damage: "a name of its dynamic section does not end" }],
    ["versions in no segment", (f) => f.writeBigUInt64LE(2n ** 40n, valuePlace(0x6ffffffe)), { damage: "its version table lies in no segment" }],
  ];
  test.each(edits)("%s", (_, edit, wanted) => {
    const read = edited(spec, edit);
    expect(read).toMatchObject(wanted);
    if (wanted.damage?.includes("name of its dyn") || wanted.damage?.includes("table lies")) expect(read.dynamic?.whole).toBe(false);
  });

  test("version tables that overlap without end are left", () => {
    const read = edited({ ...spec, text: 300_000 }, (f) => {
      const at = f.indexOf(Buffer.from([1, 0, 1, 0]), 64 + 5 * 56);
      f.writeUInt16LE(0xffff, at + 2);
      f.writeUInt32LE(1, at + 16 + 12);
    });
    expect(read.dynamic?.wants.flatMap(({ versions }) => versions).length).toBeLessThanOrEqual(16_384);
  });

  test("debug information split off is no program", () => {
    const read = edited(spec, (f) => {
      const sections = Number(f.readBigUInt64LE(40));
      for (let i = 1; i < f.readUInt16LE(60); i++) f.writeUInt32LE(8, sections + i * 64 + 4);
    });
    expect(read).toMatchObject({ interpreter: undefined, dynamic: undefined, damage: undefined });
  });
});

describe("other files", () => {
  const classFile = Buffer.from("cafebabe00000034001d0a0006000f09", "hex");
  const cases: readonly [name: string, bytes: Buffer, wanted: unknown][] = [
    ["PE program", peFile({ machine: "amd64" }), { format: "pe", machine: 0x8664, dll: false, managed: false, damage: undefined }],
    ["PE library for x86", peFile({ machine: "386", dll: true }), { format: "pe", machine: 0x14c, dll: true, managed: false, damage: undefined }],
    ["assembly of .NET", peFile({ machine: "386", managed: true }), { format: "pe", machine: 0x14c, dll: false, managed: true, damage: undefined }],
    [
      "PE cut short",
      peFile({ machine: "amd64" }).subarray(0, 600),
      { format: "pe", machine: 0x8664, dll: false, managed: false, damage: "it is cut short: a section ends at byte 1024, the file has 600" },
    ],
    ["program for DOS", Buffer.concat([Buffer.from("MZ"), Buffer.alloc(200)]), undefined],
    ["text that begins with MZ", Buffer.from("MZ is a beginning"), undefined],
    ["Mach-O", machoFile({ machine: "arm64", type: 6 }), { format: "macho", cpus: [0x100000c], type: 6, damage: undefined }],
    ["universal Mach-O", machoFile({ machine: ["arm64", "amd64"] }), { format: "macho", cpus: [0x100000c, 0x1000007], type: 2, damage: undefined }],
    ["Java class", classFile, undefined],
    ["script", Buffer.from("#!/bin/sh\n"), undefined],
    ["ELF of a class that does not exist", Buffer.from("7f454c46090101".padEnd(128, "0"), "hex"), undefined],
    ["three bytes of ELF", Buffer.from("\x7fEL"), undefined],
    ["nothing", Buffer.alloc(0), undefined],
  ];
  test.each(cases)("%s", (_, bytes, wanted) => {
    expect(whole(bytes)).toEqual(wanted);
  });
});

describe("whatever the bytes", () => {
  const files = [
    ...["amd64", "mips", "s390x"].map((machine) => elfFile({ machine, ...FULL })),
    elfFile({ machine: "arm", ...FULL, arm: { cpuName: "7-A", cpuArch: 10, vfpArgs: 1 } }),
    elfFile({ machine: "amd64", x86Isa: 3, interpreter: "/l" }),
    peFile({ machine: "amd64" }),
    machoFile({ machine: ["arm64", "amd64"] }).subarray(0, 4096),
  ];
  const file = fc.constantFrom(...files);
  const bytes = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff));
  const edits = fc.array(fc.tuple(fc.nat(700), fc.array(bytes, { minLength: 1, maxLength: 8 })), { maxLength: 6 });

  test("changed files are read or left, never thrown at", () => {
    fc.assert(
      fc.property(file, edits, fc.option(fc.nat(1500)), (original, changes, cut) => {
        const changed = Buffer.from(original);
        for (const [at, values] of changes) changed.set(values.slice(0, Math.max(0, changed.length - at)), Math.min(at, changed.length));
        const read = whole(changed.subarray(0, cut ?? changed.length));
        const text = JSON.stringify(read) ?? "";
        expect(text.length).toBeLessThan(64 * changed.length + 4096);
      }),
      { numRuns: 600 },
    );
  });

  test("noise behind the first bytes", () => {
    fc.assert(
      fc.property(file, fc.uint8Array({ maxLength: 400 }), (original, noise) => {
        whole(Buffer.concat([original.subarray(0, 18), noise]));
      }),
      { numRuns: 300 },
    );
  });
});
