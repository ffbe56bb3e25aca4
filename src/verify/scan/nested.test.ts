import { deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { elfFile } from "../../../test/harness/elf-file.ts";
import { tarOf } from "../../../test/harness/made-image-files.ts";
import type { MadeFile } from "../../../test/harness/made-image-spec.ts";
import type { NestedBinary } from "./contents.ts";
import { nestedReader } from "./nested.ts";
import { NESTED_LIMITS } from "./nested-search.ts";

async function found(path: string, bytes: Uint8Array, piece = 4096): Promise<readonly NestedBinary[] | undefined> {
  const reader = nestedReader(path, bytes.length);
  for (let at = 0; at < bytes.length; at += piece) reader?.write(bytes.subarray(at, at + piece));
  return reader?.end();
}
const paths = async (path: string, bytes: Uint8Array): Promise<readonly string[] | undefined> => (await found(path, bytes))?.map((one) => one.path);

/** One file of each kind by its content: a zip inside a folder of files is made by the same harness as images. */
const archive = (kind: "zip" | "tar" | "tgz", files: Readonly<Record<string, MadeFile>>): Buffer => {
  const layer = tarOf({ a: { [kind]: files } });
  const size = Number.parseInt(layer.toString("latin1", 124, 135), 8);
  return layer.subarray(512, 512 + size);
};

const so = { elf: { machine: "arm64", soname: "a.so", text: 5000 } };
const FILES: Readonly<Record<string, MadeFile>> = {
  "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n",
  "native/stored.so": so,
  "text.txt": "x".repeat(9000),
  "A.class": { hex: "cafebabe00000034" },
  "native/": { folder: true },
  "native/deflated.so": { elf: { machine: "amd64", text: 100_000 } },
  "B.class": { hex: "cafebabe00000034" },
  "deep.jar": { zip: { "inner.so": so, "deeper.jar": { zip: { "innermost.so": so } } } },
};
const WANTED = ["native/stored.so", "native/deflated.so", "deep.jar!/inner.so"];

describe("archives", () => {
  const cases: readonly [path: string, bytes: Buffer, wanted: readonly string[] | undefined][] = [
    ["lib/a.jar", archive("zip", FILES), WANTED],
    ["a.WHL", archive("zip", FILES), WANTED],
    ["a.tar", archive("tar", FILES), WANTED],
    ["a.tgz", archive("tgz", FILES), WANTED],
    ["a.crate", archive("tgz", FILES), WANTED],
    ["behind-a-program.jar", Buffer.concat([Buffer.from("#!/bin/sh\nexec java -jar $0\n"), archive("zip", FILES)]), WANTED],
    ["a.txt", archive("zip", FILES), undefined],
    ["no-archive.jar", Buffer.from("this is no archive, whatever its name says"), []],
    ["no-archive.tgz", Buffer.from("this is no archive, whatever its name says"), []],
    ["empty.jar", archive("zip", {}), []],
    ["cut.tgz", archive("tgz", FILES).subarray(0, -50), WANTED.slice(0, 2)],
    ["cut.jar", archive("zip", FILES).subarray(0, -50), []],
  ];
  test.each(cases)("%s", async (path, bytes, wanted) => {
    expect(await paths(path, bytes)).toEqual(wanted);
  });

  test("their binaries are read as those that lie bare", async () => {
    const [one] = (await found("a.jar", archive("zip", { "x/a.so": so }), 7)) ?? [];
    expect(one).toMatchObject({ path: "x/a.so", binary: { machine: 183, dynamic: { soname: "a.so" } } });
  });

  test("one that is too large is not opened", () => {
    expect(nestedReader("a.jar", NESTED_LIMITS.archiveBytes + 1)).toBeUndefined();
  });
});

describe("hostile archives", () => {
  test("a zip whose directory tells of one deflated bomb many times is left when it has cost enough", async () => {
    const head = elfFile({ machine: "amd64" });
    const bomb = deflateRawSync(Buffer.concat([head, Buffer.alloc(8 * 1024 * 1024)]));
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    const entry = Buffer.alloc(47);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(bomb.length, 20);
    entry.writeUInt32LE(8 * 1024 * 1024, 24);
    entry.writeUInt16LE(1, 28);
    entry.write("b", 46, "latin1");
    const times = 500;
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt32LE(times * entry.length, 12);
    end.writeUInt32LE(local.length + bomb.length, 16);
    const zip = Buffer.concat([local, bomb, ...Array.from({ length: times }, () => entry), end]);
    const names = await paths("a.jar", zip);
    expect(names?.length).toBeGreaterThan(0);
    expect(names?.length).toBeLessThan(times / 10);
  });

  test("a tar of zeros, packed, ends where it has grown enough", async () => {
    const bomb = gzipSync(tarOf({ a: { size: 20_000_000 }, "b.so": so }));
    expect(await paths("a.tgz", bomb)).toEqual([]);
  });

  test("changed bytes give what can be read, and never throw", async () => {
    const originals = [archive("zip", FILES), archive("tar", FILES), archive("tgz", FILES)] as const;
    const names = ["a.jar", "a.tar", "a.tgz"] as const;
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 }), fc.option(fc.nat()), async (i, edits, cut) => {
        const changed = Buffer.from(originals[i] as Buffer);
        // The directory at the end is where most can go wrong.
        for (const [at, value] of edits) changed[at % 2 === 0 ? at % changed.length : changed.length - 1 - (at % 700)] = value;
        const result = await found(names[i] as string, changed.subarray(0, cut === null ? changed.length : cut % changed.length), 65_536);
        expect((result ?? []).length).toBeLessThan(20);
      }),
      { numRuns: 60 },
    );
  });
});
