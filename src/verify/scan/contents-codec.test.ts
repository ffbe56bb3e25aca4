import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tarOf } from "../../../test/harness/made-image-files.ts";
import { memoryBlobStore } from "../../adapters/memory/blob-store.ts";
import { type Digest, digestOf } from "../../core/digest.ts";
import { putBytes } from "../../image/blob-store.ts";
import type { IndexedEntry } from "../../image/layer-index.ts";
import type { Binary, Elf } from "../binary/binary.ts";
import type { LayerContents } from "./contents.ts";
import { decodeContents, encodeContents } from "./contents-codec.ts";
import { scanLayer } from "./scan-layer.ts";

const text = fc.oneof(fc.string(), fc.constantFrom("/lib/\udcff", "GLIBC_2.34", "é\u0000\n"));
const number = fc.nat();
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const damage = optional(text);

const binary: fc.Arbitrary<Binary> = fc.oneof(
  fc.record({
    format: fc.constant("elf" as const),
    machine: number,
    bits: fc.constantFrom(32, 64),
    order: fc.constantFrom("little", "big"),
    type: number,
    osAbi: number,
    flags: number,
    interpreter: optional(text),
    dynamic: optional(
      fc.record({
        soname: optional(text),
        needed: fc.array(text),
        rpath: optional(text),
        runpath: optional(text),
        flags1: number,
        wants: fc.array(fc.record({ file: text, versions: fc.array(fc.record({ name: text, weak: fc.boolean() })) })),
        defines: fc.array(text),
        whole: fc.boolean(),
      }),
    ),
    arm: optional(fc.record({ cpuArch: optional(number), profile: optional(number), vfpArgs: optional(number), fpArch: optional(number) })),
    x86IsaNeeded: optional(number),
    damage,
  }) as fc.Arbitrary<Binary>,
  fc.record({ format: fc.constant("pe" as const), machine: number, dll: fc.boolean(), managed: fc.boolean(), damage }) as fc.Arbitrary<Binary>,
  fc.record({ format: fc.constant("macho" as const), cpus: fc.array(number), type: optional(number), damage }) as fc.Arbitrary<Binary>,
);

const byOffset = <V>(value: fc.Arbitrary<V>): fc.Arbitrary<ReadonlyMap<number, V>> =>
  fc.array(fc.tuple(number, value), { maxLength: 5 }).map((pairs) => new Map(pairs));

const entry: fc.Arbitrary<IndexedEntry> = fc
  .record({ path: text, mode: number, uid: number, gid: number, mtime: fc.integer(), size: number, offset: number })
  .map((fields) => ({ ...fields, type: "file" as const }));

const anyContents: fc.Arbitrary<LayerContents> = fc.record({
  index: fc.record({
    diffId: text.map((bytes): Digest => digestOf(bytes)),
    uncompressedSize: number,
    entries: fc.array(entry, { maxLength: 5 }),
    contents: byOffset(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
  }),
  compression: fc.constantFrom("none", "gzip", "zstd", "bzip2", "xz"),
  binaries: byOffset(binary),
  scripts: byOffset(text),
  texts: byOffset(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
  hashes: optional(byOffset(text)),
  nested: optional(byOffset(fc.array(fc.record({ path: text, binary })))),
});

describe("a scan that is written down", () => {
  test("is read as it was", () => {
    fc.assert(
      fc.property(number, anyContents, (size, contents) => {
        const record = decodeContents(encodeContents(size, contents) as Uint8Array);
        expect(record).toEqual({ size, contents, depth: { hashes: contents.hashes !== undefined, nested: contents.nested !== undefined } });
      }),
      { numRuns: 60 },
    );
  });

  const sample = fc.sample(anyContents, { numRuns: 1, seed: 7 })[0] as LayerContents;
  const bytes = Buffer.from(encodeContents(5, sample) as Uint8Array);

  test("cut short anywhere is none", () => {
    const step = Math.ceil(bytes.length / 300);
    const lengths = Array.from({ length: 300 }, (_, i) => bytes.length - 1 - i * step).filter((length) => length >= 0);
    expect(lengths.filter((length) => decodeContents(bytes.subarray(0, length)) !== undefined)).toEqual([]);
  });

  test("of another version is none", () => {
    const other = Buffer.from(bytes.toString("latin1").replace(/"read":"[0-9a-f]+"/, '"read":"0000000000000000"'), "latin1");
    expect(other.equals(bytes)).toBe(false);
    expect(decodeContents(other)).toBeUndefined();
  });

  test("any bytes, and a record that is altered, are a record or none", () => {
    const isRecordOrNone = (given: Uint8Array): void => {
      const record = decodeContents(given);
      if (record !== undefined) expect([...record.contents.binaries.keys(), ...record.contents.texts.keys()].every((key) => key !== undefined)).toBe(true);
    };
    fc.assert(fc.property(fc.uint8Array(), isRecordOrNone));
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 255 }), (at, value) => {
        const altered = Buffer.from(bytes);
        altered[at % altered.length] = value;
        isRecordOrNone(altered);
      }),
      { numRuns: 300 },
    );
  });

  test("has the fields of this version: where they change, VERSION of the codec is to be raised", async () => {
    const arm = { machine: "arm", needed: ["libc.so.6"], arm: { cpuArch: 10 } };
    const tar = tarOf({ elf: { elf: arm }, pe: { pe: { machine: "amd64" } }, macho: { macho: { machine: "arm64" } } });
    const store = memoryBlobStore();
    const layer = { mediaType: "layer", digest: await putBytes(store, tar), size: tar.length };
    const seen = await scanLayer(store, layer, { hashes: false, nested: false });
    const [elf, pe, macho] = [...seen.binaries.values()] as [Elf, Binary, Binary];
    expect({ contents: fields(seen), elf: fields(elf), dynamic: fields(elf.dynamic), arm: fields(elf.arm), pe: fields(pe), macho: fields(macho) }).toEqual({
      contents: "binaries compression hashes index nested scripts texts",
      elf: "arm bits damage dynamic flags format interpreter machine order osAbi type x86IsaNeeded",
      dynamic: "defines flags1 needed rpath runpath soname wants whole",
      arm: "cpuArch fpArch profile vfpArgs",
      pe: "damage dll format machine managed",
      macho: "cpus damage format type",
    });
  });
});

const fields = (value: object | undefined): string =>
  Object.keys(value ?? {})
    .sort()
    .join(" ");
