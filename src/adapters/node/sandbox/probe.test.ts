import { spawnSync } from "node:child_process";
import { accessSync, chmodSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { arch, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatPlatform, parsePlatform } from "../../../core/platform.ts";
import { headOf, MACHINES } from "./binfmt-table.ts";
import { PROBE_STATUS, probeFor } from "./probe.ts";

const PLATFORMS = ["linux/amd64", "linux/386", "linux/arm64", "linux/arm/v7", "linux/arm/v6", "linux/riscv64", "linux/ppc64le", "linux/s390x"].map((text) =>
  parsePlatform(text),
);
const qemuOf = (architecture: string): string => `/usr/bin/qemu-${MACHINES[architecture]?.qemu}-static`;
const there = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "probe-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  chmodSync(path, 0o755);
  return path;
}

describe("a probe, started by the emulator of its architecture", () => {
  for (const platform of PLATFORMS) {
    const qemu = qemuOf(platform.architecture);
    const name = formatPlatform(platform);
    test.skipIf(!there(qemu))(`${name} (needs ${qemu})`, () => {
      const program = written(name.replaceAll("/", "-"), probeFor(platform) as Uint8Array);
      expect(spawnSync(qemu, [program]).status).toBe(PROBE_STATUS);
    });
    const other = platform.architecture === "arm64" ? "arm" : "arm64";
    test.skipIf(!there(qemuOf(other)))(`${name} is refused by the emulator for ${other} (needs ${qemuOf(other)})`, () => {
      const program = written(`not-${name.replaceAll("/", "-")}`, probeFor(platform) as Uint8Array);
      expect(spawnSync(qemuOf(other), [program]).status).not.toBe(PROBE_STATUS);
    });
  }
});

const OWN: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64", riscv64: "riscv64", s390x: "s390x", ppc64: "ppc64le" };
test.skipIf(process.platform !== "linux" || OWN[arch()] === undefined)("this machine's own runs by itself (needs Linux)", () => {
  const program = written("own", probeFor({ os: "linux", architecture: OWN[arch()] as string }) as Uint8Array);
  expect(spawnSync(program).status).toBe(PROBE_STATUS);
});

test("there is none for what is no Linux or not known", () => {
  for (const text of ["windows/amd64", "linux/mips64le", "linux/loong64"]) expect(probeFor(parsePlatform(text)), text).toBeUndefined();
});

describe("the first bytes that tell an architecture's programs", () => {
  const matches = (program: Uint8Array, architecture: string): boolean => {
    const { magic, mask } = headOf(MACHINES[architecture] as NonNullable<(typeof MACHINES)[string]>);
    return magic.every((byte, i) => ((program[i] as number) & (mask[i] as number)) === (byte & (mask[i] as number)));
  };
  test("are those of its own probe and of no other", () => {
    for (const platform of PLATFORMS) {
      const program = probeFor(platform) as Uint8Array;
      const told = Object.keys(MACHINES).filter((architecture) => matches(program, architecture));
      expect(told, formatPlatform(platform)).toEqual([platform.architecture]);
    }
  });
  test("count for movable programs and other ABIs too", () => {
    const program = Buffer.from(probeFor(parsePlatform("linux/s390x")) as Uint8Array);
    program[17] = 3;
    program[7] = 3;
    expect(matches(program, "s390x")).toBe(true);
    program[17] = 1;
    expect(matches(program, "s390x")).toBe(false);
  });
});
