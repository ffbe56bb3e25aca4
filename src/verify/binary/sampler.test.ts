import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { elfFile, peFile } from "../../../test/harness/elf-file.ts";
import type { Binary, Elf } from "./binary.ts";
import { type BinarySampler, binarySampler } from "./sampler.ts";

function sampled(sampler: BinarySampler, file: Uint8Array, pieces: readonly number[], size = file.length): Binary | undefined {
  sampler.begin(size);
  let at = 0;
  for (let i = 0; at < file.length; i++) {
    const end = at + (pieces[i % pieces.length] as number);
    // What is taken must be copied: the chunk is overwritten after the call.
    const chunk = Buffer.from(file.subarray(at, end));
    const wantsMore = sampler.write(chunk);
    chunk.fill(0xee);
    if (!wantsMore) break;
    at = end;
  }
  return sampler.end();
}

const arm = elfFile({
  machine: "arm",
  interpreter: "/lib/ld-linux.so.3",
  needed: ["libc.so.6"],
  wants: { "libc.so.6": ["GLIBC_2.4"] },
  arm: { cpuArch: 10 },
  text: 20_000,
});
const files = [
  arm,
  elfFile({ machine: "s390x", needed: ["libc.so.6"], defines: ["A_1"] }),
  peFile({ machine: "amd64" }),
  Buffer.from("#!/bin/sh\necho text that is no binary at all\n"),
  Buffer.from("\x7fE"),
  Buffer.alloc(0),
];

describe("a sampler", () => {
  test("tells the same whatever the pieces, file after file", () => {
    const wanted = files.map((file) => sampled(binarySampler(), file, [file.length || 1]));
    expect(wanted.map((one) => one?.format)).toEqual(["elf", "elf", "pe", undefined, undefined, undefined]);
    const sampler = binarySampler();
    fc.assert(
      fc.property(fc.nat(files.length - 1), fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 6 }), (i, pieces) => {
        expect(sampled(sampler, files[i] as Buffer, pieces)).toEqual(wanted[i]);
      }),
      { numRuns: 200 },
    );
  });

  test("wants nothing more of what is no binary, and of what it has whole", () => {
    const sampler = binarySampler();
    sampler.begin(1000);
    expect(sampler.write(Buffer.from("text"))).toBe(false);
    expect(sampler.end()).toBeUndefined();
    sampler.begin(1000);
    expect([sampler.write(Buffer.from("te")), sampler.write(Buffer.from("xt"))]).toEqual([true, false]);
    sampler.begin(arm.length);
    expect(sampler.write(arm)).toBe(false);
    expect(sampler.end()?.format).toBe("elf");
    expect(sampler.end()?.format).toBe("elf");
  });

  test("a file cut short is damaged, and holds nothing of the one before it", () => {
    const sampler = binarySampler();
    sampled(sampler, arm, [1000]);
    expect(sampled(sampler, arm.subarray(0, 10_000), [1000], arm.length)).toMatchObject({
      interpreter: "/lib/ld-linux.so.3",
      damage: "it is cut short in its dynamic section",
    });
  });

  const limits: readonly [name: string, head: number, tail: number, wanted: Partial<Elf>][] = [
    [
      "its pieces in the middle are kept",
      600,
      600,
      { arm: expect.objectContaining({ cpuArch: 10 }), dynamic: expect.objectContaining({ needed: ["libc.so.6"], whole: true }) },
    ],
    [
      "no tail: its dynamic section is kept, its attributes are not",
      600,
      0,
      { arm: undefined, dynamic: expect.objectContaining({ needed: ["libc.so.6"], whole: true }) },
    ],
    ["a head without its names", 240, 600, { dynamic: expect.objectContaining({ needed: [], whole: false }) }],
    ["a head without its program headers", 100, 600, { interpreter: undefined, dynamic: undefined }],
  ];
  test.each(limits)("of a large file: %s", (_, head, tail, wanted) => {
    for (const piece of [7, 100, 4096, arm.length - 1]) {
      expect(sampled(binarySampler({ head, tail }), arm, [piece])).toMatchObject({ ...wanted, machine: 40, damage: undefined });
    }
  });
});
