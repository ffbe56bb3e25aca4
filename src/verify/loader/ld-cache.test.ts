import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CacheSpec, ldCacheFile } from "../../../test/harness/ld-cache-file.ts";
import { parseLdCache } from "./ld-cache.ts";

const ENTRIES: readonly CacheSpec[] = [
  { name: "libfoo.so.1", path: "/opt/glibc-hwcaps/x86-64-v3/libfoo.so.1", hwcaps: "x86-64-v3" },
  { name: "libfoo.so.1", path: "/opt/libfoo.so.1" },
  { name: "libbar.so.2", path: "/lib/i386-linux-gnu/libbar.so.2", flags: 3 },
  { name: "libold.so", path: "/lib/tls/libold.so", oldHwcap: true },
];

describe("forms", () => {
  const cases: readonly [name: string, bytes: Buffer, order: "little" | "big"][] = [
    ["little-endian", ldCacheFile(ENTRIES), "little"],
    ["big-endian", ldCacheFile(ENTRIES, "big"), "big"],
    [
      "behind the old form",
      ldCacheFile(
        ENTRIES.filter(({ hwcaps }) => hwcaps === undefined),
        "little",
        true,
      ),
      "little",
    ],
  ];
  test.each(cases)("%s", (_, bytes, order) => {
    const cache = parseLdCache(bytes, order);
    expect(cache?.get("libfoo.so.1")?.at(-1)).toEqual({ path: "/opt/libfoo.so.1", flags: 0x303, processors: "all" });
    expect(cache?.get("libbar.so.2")).toEqual([{ path: "/lib/i386-linux-gnu/libbar.so.2", flags: 3, processors: "all" }]);
    expect(cache?.get("libold.so")?.[0]?.processors).toBe("old");
    expect(cache?.get("libno.so")).toBeUndefined();
  });

  test("folders of glibc-hwcaps are named", () => {
    expect(parseLdCache(ldCacheFile(ENTRIES), "little")?.get("libfoo.so.1")?.[0]?.processors).toEqual({ name: "x86-64-v3" });
  });

  test("only the old form", () => {
    const text = "libfoo.so.1\0/lib/libfoo.so.1\0";
    const entry = Buffer.alloc(12);
    entry.writeUInt32LE(3, 0);
    entry.writeUInt32LE(12, 8);
    const bytes = Buffer.concat([Buffer.from("ld.so-1.7.0\0\x01\0\0\0", "latin1"), entry, Buffer.from(text)]);
    expect([...(parseLdCache(bytes, "little") ?? [])]).toEqual([["libfoo.so.1", [{ path: "/lib/libfoo.so.1", flags: 3, processors: "all" }]]]);
  });
});

describe("what the loader does not take", () => {
  const good = ldCacheFile(ENTRIES);
  const many = Buffer.from(good);
  many.writeUInt32LE(0xffffffff, 20);
  const cases: readonly [name: string, bytes: Uint8Array, order: "little" | "big"][] = [
    ["another byte order", good, "big"],
    ["nothing", Buffer.alloc(0), "little"],
    ["a text", Buffer.from("include /etc/ld.so.conf.d/*.conf"), "little"],
    ["only a header's beginning", good.subarray(0, 30), "little"],
    ["more entries than there is room for", many, "little"],
    ["the old form, cut short", Buffer.from("ld.so-1.7.0\0\xff\xff\xff\xff", "latin1"), "little"],
  ];
  test.each(cases)("%s", (_, bytes, order) => {
    expect(parseLdCache(bytes, order)).toBeUndefined();
  });
});

test("what is cut or changed never throws, and gives no text from beyond its end", () => {
  const good = ldCacheFile(ENTRIES);
  fc.assert(
    fc.property(fc.nat(good.length), fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }), (length, changes) => {
      const bytes = Buffer.from(good.subarray(0, length));
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      const entries = [...(parseLdCache(bytes, "little")?.values() ?? [])].flat();
      expect(entries.every(({ path }) => path.length <= length)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
