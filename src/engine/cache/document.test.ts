import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../core/digest.ts";
import { CACHE_ENTRIES_LIMIT, CACHED_LAYER_BYTES_LIMIT, type CachedLayer, encodeCacheDocument, readCacheDocument } from "./document.ts";

const digest = fc.nat().map((n) => digestOf(String(n)));
const entry: fc.Arbitrary<CachedLayer> = fc.record({
  key: digest,
  createdMs: fc.nat(),
  layer: fc.record({
    digest,
    size: fc.integer({ min: 0, max: CACHED_LAYER_BYTES_LIMIT }),
    diffId: digest,
    uncompressedSize: fc.integer({ min: 0, max: CACHED_LAYER_BYTES_LIMIT }),
    compression: fc.constantFrom("gzip" as const, "uncompressed" as const),
  }),
});
const entries = fc.uniqueArray(entry, { selector: ({ key }) => key, maxLength: 8 });
const byKey = (list: readonly CachedLayer[]): CachedLayer[] => [...list].sort((a, b) => (a.key < b.key ? -1 : 1));

test("what is written is read", () => {
  fc.assert(
    fc.property(entries, (list) => {
      expect(readCacheDocument(encodeCacheDocument(list), "it")).toEqual(byKey(list));
    }),
  );
});

test("the bytes do not depend on the order", () => {
  fc.assert(
    fc.property(
      entries.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
      ([list, shuffled]) => {
        expect(encodeCacheDocument(shuffled)).toEqual(encodeCacheDocument(list));
      },
    ),
  );
});

const good = {
  key: digestOf("k"),
  createdMs: 5,
  digest: digestOf("l"),
  size: 3,
  diffId: digestOf("d"),
  uncompressedSize: 9,
  compression: "gzip",
};
const documentOf = (fields: object): Uint8Array => Buffer.from(JSON.stringify({ version: 1, entries: [good], ...fields }));
const read = (bytes: Uint8Array): unknown => readCacheDocument(bytes, "it");

test("a document may tell more than we know", () => expect(read(documentOf({ more: 1, entries: [{ ...good, more: 2 }] }))).toHaveLength(1));

describe("damaged documents", () => {
  const cases: Record<string, { bytes: Uint8Array; says: RegExp; code?: string }> = {
    "no JSON": { bytes: Buffer.from("{"), says: /it is not JSON/ },
    "a list": { bytes: Buffer.from("[]"), says: /wanted an object/ },
    "cut off": { bytes: documentOf({}).subarray(0, 100), says: /not JSON/ },
    "of a later version": { bytes: documentOf({ version: 2 }), says: /it is of version 2, wanted 1/ },
    "without a version": { bytes: documentOf({ version: undefined }), says: /of version none/ },
    "entries that are no list": { bytes: documentOf({ entries: {} }), says: /"entries" is an object/ },
    "an entry that is a text": { bytes: documentOf({ entries: ["x"] }), says: /entries\[0\] is a string/ },
    "an entry that is null": { bytes: documentOf({ entries: [good, null] }), says: /entries\[1\] is null/ },
    "nested too deep": { bytes: Buffer.from(`{"version":1,"entries":${"[".repeat(100)}${"]".repeat(100)}}`), says: /nested/, code: "limit-exceeded" },
    "too many entries": {
      bytes: Buffer.from(`{"version":1,"entries":[${"0,".repeat(CACHE_ENTRIES_LIMIT)}0]}`),
      says: /at most 20000/,
      code: "limit-exceeded",
    },
    "too many bytes": { bytes: Buffer.alloc(17 * 1024 * 1024, " "), says: /at most/, code: "limit-exceeded" },
  };
  test.each(Object.entries(cases))("%s", (_, { bytes, says, code = "cache-invalid" }) =>
    expect(() => read(bytes)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(says) })),
  );

  const alien: Record<keyof typeof good, readonly unknown[]> = {
    key: ["sha256:x", 5, null, undefined, "../../etc/passwd"],
    createdMs: [-1, "now", 1e16, 0.5, null],
    digest: ["", "sha256:", {}, digestOf("l").toUpperCase()],
    size: [-1, 1.5, "3", 2 ** 50, null],
    diffId: [[], "latest", undefined],
    uncompressedSize: [-9, undefined, Number.MAX_SAFE_INTEGER],
    compression: ["zstd", "", 1, undefined],
  };
  for (const [field, values] of Object.entries(alien))
    test.each(values.map((value) => [JSON.stringify(value) ?? "absent", value]))(`${field} is %s`, (_, value) =>
      expect(() => read(documentOf({ entries: [{ ...good, [field]: value }] }))).toThrow(
        expect.objectContaining({ code: "cache-invalid", message: expect.stringContaining(`it entries[0]: "${field}" is`) }),
      ),
    );
});
