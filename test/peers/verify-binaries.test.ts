// Needs: binutils' readelf, and a way to Debian's mirror (once: scripts/peers/debian-roots.sh)
import { closeSync, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parsePlatform } from "../../src/core/platform.ts";
import type { Binary } from "../../src/verify/binary/binary.ts";
import { kindOf, misfitOf } from "../../src/verify/binary/fit.ts";
import { binarySampler } from "../../src/verify/binary/sampler.ts";
import { bringDebian, debianRoot, eachOf } from "./debian.ts";
import { peerSuite } from "./peer-suite.ts";
import { asReadelf, readelf } from "./readelf.ts";

/** Debian's words, and the platforms that images of it are published for. */
const ARCHITECTURES = [
  ["amd64", "linux/amd64"],
  ["arm64", "linux/arm64"],
  ["armhf", "linux/arm/v7"],
  ["armel", "linux/arm/v5"],
  ["i386", "linux/386"],
  ["riscv64", "linux/riscv64"],
  ["ppc64el", "linux/ppc64le"],
  ["s390x", "linux/s390x"],
] as const;
const MACHINE = ["/usr/bin", "/usr/sbin", "/usr/lib"];
/** Each so-manieth of this machine's files is looked at. */
const SHARE = 8;
const LONGEST_MS = 600_000;

/** Regular files below; links are not followed. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
  });

/** As it passes in a layer: in pieces that end anywhere. */
function sampled(path: string, piece: number): Binary | undefined {
  const sampler = binarySampler();
  const size = lstatSync(path).size;
  const file = openSync(path, "r");
  try {
    sampler.begin(size);
    const buffer = Buffer.alloc(piece);
    for (let read = readSync(file, buffer); read > 0 && sampler.write(buffer.subarray(0, read)); ) read = readSync(file, buffer);
    return sampler.end();
  } finally {
    closeSync(file);
  }
}

/** Where we and readelf differ, as `path: ours, theirs`. Of debug information split off, readelf tells what the rest of the program had. */
function differences(files: readonly string[]): { readonly compared: number; readonly different: readonly string[] } {
  const binaries = new Map(files.map((path, i) => [path, sampled(path, i % 2 === 0 ? 65_536 : 10_007)]));
  const elves = [...binaries].filter(([path, binary]) => (binary?.format === "elf" || /\.so(\.|$)|\.debug$/.test(path)) && !path.includes("/debug/"));
  const theirs = readelf(elves.map(([path]) => path));
  const different = elves.flatMap(([path, binary]) => {
    const ours = asReadelf(binary);
    return JSON.stringify(ours) === JSON.stringify(theirs.get(path)) ? [] : [`${path}: ${JSON.stringify(ours)}, ${JSON.stringify(theirs.get(path))}`];
  });
  return { compared: elves.length, different };
}

peerSuite("real binaries", ["readelf"], () => {
  test("of this machine are read as readelf reads them", { timeout: LONGEST_MS }, () => {
    const { compared, different } = differences(eachOf(MACHINE.flatMap(filesIn), SHARE));
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(60);
  });

  describe("of Debian", () => {
    beforeAll(bringDebian, LONGEST_MS);

    test.each(ARCHITECTURES)("%s are read as readelf reads them", (word) => {
      const { compared, different } = differences(filesIn(debianRoot(word)));
      expect(different).toEqual([]);
      expect(compared).toBeGreaterThan(300);
    });

    test.each(ARCHITECTURES)("%s fit their platform and no other processor's", (word, name) => {
      const found = filesIn(debianRoot(word)).flatMap((path) => {
        // Of the emulator that is put there to try the loader.
        const binary = path.endsWith("/tmp/qemu") ? undefined : sampled(path, 65_536);
        return binary === undefined ? [] : [{ path, binary }];
      });
      const own = parsePlatform(name);
      const elves = found.filter(({ binary }) => binary.format === "elf");
      expect(elves.filter(({ binary }) => binary.damage !== undefined).map(({ path, binary }) => `${path}: ${binary.damage}`)).toEqual([]);
      expect(elves.map(({ path, binary }) => ({ path, misfit: misfitOf(binary, own) })).filter(({ misfit }) => misfit !== undefined)).toEqual([]);
      const others = ARCHITECTURES.map(([, other]) => parsePlatform(other)).filter(({ architecture }) => architecture !== own.architecture);
      const fitsElsewhere = elves.filter(({ binary }) => kindOf(binary) !== "device" && others.some((other) => misfitOf(binary, other) === undefined));
      expect(fitsElsewhere.map(({ path }) => path)).toEqual([]);
    });
  });
});
