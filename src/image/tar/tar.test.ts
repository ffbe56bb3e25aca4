import { execFileSync, spawnSync } from "node:child_process";
import fc from "fast-check";
import { extract, pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import { isProblem } from "../../core/problem.ts";
import type { EntryType, LayerEntry } from "../entry.ts";
import { checksumOf } from "./format.ts";
import { decodeName, encodeName } from "./name.ts";
import { type TarLimits, tarParser } from "./reader.ts";
import { TAR_END, tarHeader, tarPad } from "./writer.ts";

interface Read {
  readonly entry: LayerEntry;
  readonly offset: number;
  readonly content: Buffer;
}

function readTar(bytes: Uint8Array, step = bytes.length || 1, limits?: Partial<TarLimits>): Read[] {
  const found: { entry: LayerEntry; offset: number; parts: Buffer[] }[] = [];
  const parser = tarParser(
    {
      entry(entry, offset) {
        const parts: Buffer[] = [];
        found.push({ entry, offset, parts });
        return (chunk) => parts.push(Buffer.from(chunk));
      },
    },
    limits,
  );
  for (let at = 0; at < bytes.length; at += step) parser.write(bytes.subarray(at, at + step));
  parser.end();
  return found.map(({ entry, offset, parts }) => ({ entry, offset, content: Buffer.concat(parts) }));
}

const file = (path: string, more: Partial<LayerEntry> = {}): LayerEntry => ({ path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0, ...more });

function tarOf(...entries: readonly (readonly [LayerEntry, (Uint8Array | string)?])[]): Buffer {
  return Buffer.concat([...entries.flatMap(([entry, content = ""]) => [tarHeader(entry), Buffer.from(content), tarPad(content.length)]), TAR_END]);
}

/** A ustar header with any field set by hand. */
function rawHeader(fields: { name?: string; type?: string; link?: string; size?: string | Buffer; mode?: string; magic?: string; prefix?: string }): Buffer {
  const block = Buffer.alloc(512);
  block.write(fields.name ?? "f", 0, "latin1");
  block.write(fields.mode ?? "0000644", 100);
  block.write("0000000", 108);
  block.write("0000000", 116);
  const { size = "00000000000" } = fields;
  if (typeof size === "string") block.write(size, 124);
  else size.copy(block, 124);
  block.write("00000000000", 136);
  block.write(fields.type ?? "0", 156, "latin1");
  block.write(fields.link ?? "", 157, "latin1");
  block.write(fields.magic ?? "ustar\x0000", 257, "latin1");
  block.write(fields.prefix ?? "", 345, "latin1");
  block.write(`${checksumOf(block).toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function special(type: string, body: string | Buffer): Buffer {
  const bytes = typeof body === "string" ? Buffer.from(body, "latin1") : body;
  return Buffer.concat([rawHeader({ name: "special", type, size: bytes.length.toString(8).padStart(11, "0") }), bytes, tarPad(bytes.length)]);
}

const pax = (...records: string[]): Buffer => special("x", records.join(""));

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isProblem(error)) return error.code;
    throw error;
  }
  return "none";
}

const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
  fc.string({ unit: fc.constantFrom("a", "é", "/", "\udc80", "\udcff", "漢", "😀"), minLength: 1, maxLength: 150 }),
);
/** Names as our contract has them: clean, and well-formed but for bytes that were no UTF-8. */
const path = fc
  .array(name, { minLength: 1, maxLength: 6 })
  .map((parts) =>
    decodeName(
      encodeName(
        parts
          .join("/")
          .replaceAll("\0", "_")
          .replace(/(?![\udc80-\udcff])\p{Surrogate}/gu, "?"),
      ),
    )
      .split("/")
      .filter((part) => part !== "" && part !== "." && part !== "..")
      .join("/"),
  )
  .filter((p) => p !== "");
const number = fc.oneof(fc.nat(4000), fc.nat(2 ** 30), fc.constantFrom(0o7777777, 0o10000000, 4294967294));

const entryArbitrary: fc.Arbitrary<LayerEntry> = fc
  .record({
    path,
    type: fc.constantFrom<EntryType>("file", "directory", "symlink", "hardlink", "char", "block", "fifo"),
    mode: fc.nat(0o7777),
    uid: number,
    gid: number,
    mtime: fc.oneof(fc.nat(2 ** 31), fc.integer({ min: -(2 ** 31), max: 2 ** 40 })),
    link: path,
    device: fc.record({ major: fc.nat(4095), minor: fc.nat(1048575) }),
    xattrs: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}\.[a-z]{1,8}$/), fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxKeys: 3 }),
  })
  .map(({ path: p, type, mode, uid, gid, mtime, link, device, xattrs }) => ({
    path: p,
    type,
    mode,
    uid,
    gid,
    mtime,
    size: 0,
    ...(type === "symlink" || type === "hardlink" ? { link } : {}),
    ...(type === "char" || type === "block" ? { device } : {}),
    ...(Object.keys(xattrs).length === 0 ? {} : { xattrs: new Map(Object.entries(xattrs).map(([k, v]) => [k, Buffer.from(v)])) }),
  }));

describe("writing and reading", () => {
  test("what is written is read back, whatever the chunks", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(entryArbitrary, fc.uint8Array({ maxLength: 1500 })), { maxLength: 5 }),
        fc.integer({ min: 1, max: 2000 }),
        (items, step) => {
          const entries = items.map(([entry, content]) =>
            entry.type === "file" ? ([{ ...entry, size: content.length }, content] as const) : ([entry, new Uint8Array()] as const),
          );
          const read = readTar(tarOf(...entries), step);
          expect(read.map(({ entry }) => entry)).toEqual(entries.map(([entry]) => entry));
          expect(read.map(({ content }) => [...content])).toEqual(entries.map(([, content]) => [...content]));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("names of any bytes survive", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect([...encodeName(decodeName(bytes))]).toEqual([...bytes]);
      }),
    );
  });

  test("the content's offset is where it lies", () => {
    const bytes = tarOf([file("a", { size: 3 }), "one"], [file("b".repeat(200), { size: 3 }), "two"]);
    expect(readTar(bytes).map(({ offset }) => bytes.toString("latin1", offset, offset + 3))).toEqual(["one", "two"]);
  });

  test("the same entry gives the same bytes whatever the order of its attributes", () => {
    const a = Buffer.from("1");
    const b = Buffer.from("2");
    const one = tarHeader(
      file("x", {
        xattrs: new Map([
          ["user.a", a],
          ["user.b", b],
        ]),
      }),
    );
    expect(
      tarHeader(
        file("x", {
          xattrs: new Map([
            ["user.b", b],
            ["user.a", a],
          ]),
        }),
      ),
    ).toEqual(one);
  });

  // Read off layers that BuildKit 0.31 made: 260 of its layers were read and written again with the same bytes (2026-11-22).
  test("PAX headers are named as Go names them", () => {
    const named = (entry: LayerEntry): string => Buffer.from(tarHeader(entry)).toString("latin1", 0, 100).replace(/\0+$/, "");
    expect(named({ ...file("t/世界"), type: "directory" })).toBe("t//PaxHeaders.0");
    expect(named({ ...file("ä"), type: "directory" })).toBe("/PaxHeaders.0");
    expect(named(file("t/世x"))).toBe("t/PaxHeaders.0/x");
    expect(named(file(`${"p/".repeat(60)}x`))).toBe("p/".repeat(50).slice(0, -1));
  });
  test("a plain file needs one block", () => expect(tarHeader(file("usr/bin/thing", { size: 5 })).length).toBe(512));
  test("a record's length that gains a digit by counting itself is right", () => {
    for (let length = 80; length < 130; length++) {
      const target = "x".repeat(length);
      expect(readTar(tarOf([{ ...file("l"), type: "symlink", link: target }]))[0]?.entry.link).toBe(target);
    }
  });
  test("a size of 8 GiB and more goes into a PAX record", () => {
    const header = tarHeader(file("big", { size: 8 * 1024 ** 3 }));
    expect(Buffer.from(header).toString("latin1")).toContain("19 size=8589934592\n");
    let size = 0;
    tarParser({
      entry(entry) {
        size = entry.size;
        return undefined;
      },
    }).write(header);
    expect(size).toBe(8589934592);
  });
});

describe("others' archives", () => {
  test("tar-stream reads what we write", async () => {
    const long = `${"d".repeat(90)}/${"f".repeat(90)}`;
    const bytes = tarOf(
      [{ ...file("dir"), type: "directory", mode: 0o755 }],
      [file(long, { size: 4, mtime: 1_700_000_000, uid: 1000, gid: 1001, mode: 0o4755 }), "hurl"],
      [{ ...file("ünï"), type: "symlink", link: "dir/ö" }],
      [{ ...file("null"), type: "char", device: { major: 1, minor: 3 } }],
    );
    const seen: unknown[] = [];
    const reader = extract();
    reader.end(bytes);
    for await (const stream of reader) {
      const { header } = stream;
      stream.resume();
      seen.push([header.name, header.type, header.mode, header.uid, header.size, header.linkname, header.mtime?.getTime(), header.devmajor, header.devminor]);
    }
    expect(seen).toEqual([
      ["dir/", "directory", 0o755, 0, 0, null, 0, 0, 0],
      [long, "file", 0o4755, 1000, 4, null, 1_700_000_000_000, 0, 0],
      ["ünï", "symlink", 0o644, 0, 0, "dir/ö", 0, 0, 0],
      ["null", "character-device", 0o644, 0, 0, null, 0, 1, 3],
    ]);
  });

  test("we read what tar-stream writes", async () => {
    const writer = pack();
    const long = `${"a/".repeat(120)}end`;
    writer.entry({ name: "plain", mode: 0o600, uid: 7, gid: 8, mtime: new Date(5000) }, "content");
    writer.entry({ name: long, pax: { "SCHILY.xattr.user.x": "v" } }, "deep");
    writer.entry({ name: "link", type: "symlink", linkname: "plain" });
    writer.entry({ name: "hard", type: "link", linkname: "plain" });
    writer.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of writer) chunks.push(chunk as Buffer);
    const read = readTar(Buffer.concat(chunks), 700);
    expect(read.map(({ entry, content }) => [entry.path, entry.type, entry.link, content.toString()])).toEqual([
      ["plain", "file", undefined, "content"],
      [long, "file", undefined, "deep"],
      ["link", "symlink", "plain", ""],
      ["hard", "hardlink", "plain", ""],
    ]);
    expect(read[0]?.entry).toMatchObject({ mode: 0o600, uid: 7, gid: 8, mtime: 5, size: 7 });
    expect(read[1]?.entry.xattrs?.get("user.x")?.toString()).toBe("v");
  });

  const gnuTar = /GNU tar/.test(spawnSync("tar", ["--version"], { encoding: "utf8" }).stdout ?? "");
  test.skipIf(!gnuTar)("GNU tar (skipped where it is not installed) lists what we write", () => {
    const bytes = tarOf(
      [{ ...file("d"), type: "directory", mode: 0o1777 }],
      [file(`d/${"x".repeat(150)}`, { size: 2, uid: 3_000_000 }), "ab"],
      [{ ...file("h"), type: "hardlink", link: `d/${"x".repeat(150)}` }],
    );
    const listed = execFileSync("tar", ["--numeric-owner", "-tvf", "-"], { input: bytes, encoding: "utf8", env: { ...process.env, TZ: "UTC", LC_ALL: "C" } });
    expect(
      listed
        .trimEnd()
        .split("\n")
        .map((line) => line.replace(/ +/g, " ")),
    ).toEqual([
      "drwxrwxrwt 0/0 0 1970-01-01 00:00 d/",
      `-rw-r--r-- 3000000/0 2 1970-01-01 00:00 d/${"x".repeat(150)}`,
      `hrw-r--r-- 0/0 0 1970-01-01 00:00 h link to d/${"x".repeat(150)}`,
    ]);
  });
  for (const format of ["v7", "oldgnu", "gnu", "ustar", "pax"]) {
    test.skipIf(!gnuTar)(`GNU tar's ${format} format is read (skipped where GNU tar is not installed)`, () => {
      const options = [
        "-cf",
        "-",
        `--format=${format}`,
        "--sort=name",
        "--owner=5:5",
        "--group=6:6",
        "--mtime=@1000",
        "-C",
        new URL(".", import.meta.url).pathname,
        "writer.ts",
        "reader.ts",
      ];
      const bytes = execFileSync("tar", options);
      expect(readTar(bytes, 1000).map(({ entry, content }) => [entry.path, entry.uid, entry.gid, entry.mtime, content.length === entry.size])).toEqual([
        ["writer.ts", 5, 6, 1000, true],
        ["reader.ts", 5, 6, 1000, true],
      ]);
    });
  }
});

describe("names", () => {
  const cases: Record<string, { name: string; path?: string; code?: string }> = {
    "a plain one": { name: "a/b", path: "a/b" },
    "./ before it": { name: "./a/b", path: "a/b" },
    "an absolute one": { name: "/etc/passwd", path: "etc/passwd" },
    "a slash after it": { name: "a/b/", path: "a/b" },
    "doubled slashes and dots": { name: "a//./b", path: "a/b" },
    "a hidden file": { name: ".profile", path: ".profile" },
    "three dots are a name": { name: "a/.../b", path: "a/.../b" },
    "a way up that stays inside": { name: "a/../b", path: "b" },
    "a way out": { name: "../../x", code: "layer-invalid" },
    "a way out after a way in": { name: "a/../../x", code: "layer-invalid" },
    "an absolute way out": { name: "/../x", code: "layer-invalid" },
    "none at all": { name: "", code: "layer-invalid" },
    "a newline is part of it": { name: "a\nb", path: "a\nb" },
  };
  for (const [what, { name: given, path: wanted, code }] of Object.entries(cases)) {
    test(what, () => {
      const bytes = Buffer.concat([rawHeader({ name: given }), TAR_END]);
      if (code !== undefined) expect(codeOf(() => readTar(bytes))).toBe(code);
      else expect(readTar(bytes)[0]?.entry.path).toBe(wanted);
    });
  }

  test("the root is a folder with an empty path", () => {
    for (const root of ["./", "/", "."])
      expect(readTar(Buffer.concat([rawHeader({ name: root, type: "5" }), TAR_END]))[0]?.entry).toMatchObject({ path: "", type: "directory" });
  });
  test("the root as a file is refused", () => expect(codeOf(() => readTar(Buffer.concat([rawHeader({ name: "./" }), TAR_END])))).toBe("layer-invalid"));
  test("a hard link out of the layer is refused", () =>
    expect(codeOf(() => readTar(Buffer.concat([rawHeader({ name: "x", type: "1", link: "../x" }), TAR_END])))).toBe("layer-invalid"));
  test("a hard link to an absolute path is one inside the root", () =>
    expect(readTar(Buffer.concat([rawHeader({ name: "x", type: "1", link: "/etc/passwd" }), TAR_END]))[0]?.entry.link).toBe("etc/passwd"));
  test("a symlink's target is kept as written, wherever it leads", () =>
    expect(readTar(Buffer.concat([rawHeader({ name: "x", type: "2", link: "../../etc" }), TAR_END]))[0]?.entry.link).toBe("../../etc"));
  test("a NUL in a PAX path is refused", () =>
    expect(codeOf(() => readTar(Buffer.concat([pax("12 path=a\0b\n"), rawHeader({}), TAR_END])))).toBe("layer-invalid"));
  test("a path of 5,000 bytes is refused", () => expect(codeOf(() => readTar(tarOf([file(`${"p/".repeat(2500)}f`)])))).toBe("limit-exceeded"));
});

describe("formats", () => {
  const tail = Buffer.concat([rawHeader({}), TAR_END]);
  test("ustar's prefix is put before the name", () =>
    expect(readTar(Buffer.concat([rawHeader({ name: "b", prefix: "a" }), TAR_END]))[0]?.entry.path).toBe("a/b"));
  test("GNU's prefix field is not a prefix", () =>
    expect(readTar(Buffer.concat([rawHeader({ name: "b", prefix: "777", magic: "ustar  \0" }), TAR_END]))[0]?.entry.path).toBe("b"));
  test("GNU's long name and long link", () => {
    const name = "n".repeat(300);
    const bytes = Buffer.concat([
      special("L", `${name}\0`),
      special("K", "t\0"),
      rawHeader({ type: "2", link: "short" }),
      rawHeader({ name: "next" }),
      TAR_END,
    ]);
    expect(readTar(bytes).map(({ entry }) => [entry.path, entry.link])).toEqual([
      [name, "t"],
      ["next", undefined],
    ]);
  });
  test("a base-256 size is read", () => {
    const size = Buffer.alloc(12);
    size[0] = 0x80;
    size[11] = 3;
    expect(readTar(Buffer.concat([rawHeader({ size }), Buffer.from("abc"), tarPad(3), TAR_END]))[0]?.content.toString()).toBe("abc");
  });
  test("a global PAX header holds for all, a local one for the next", () => {
    const bytes = Buffer.concat([special("g", "10 uid=70\n"), pax("10 uid=80\n"), rawHeader({ name: "a" }), rawHeader({ name: "b" }), TAR_END]);
    expect(readTar(bytes).map(({ entry }) => entry.uid)).toEqual([80, 70]);
  });
  test("binary extended attributes stay raw", () => {
    const value = Buffer.from([1, 0, 0, 2, 0xff, 0x0a, 0x3d, 0]);
    const read = readTar(tarOf([file("x", { xattrs: new Map([["security.capability", value]]) })]));
    expect(read[0]?.entry.xattrs?.get("security.capability")).toEqual(value);
  });
  test("a fraction of a second is cut off downwards", () => {
    expect(readTar(Buffer.concat([pax("14 mtime=1.75\n"), tail]))[0]?.entry.mtime).toBe(1);
    expect(readTar(Buffer.concat([pax("15 mtime=-1.25\n"), tail]))[0]?.entry.mtime).toBe(-2);
  });
  test("an old header's name with a slash is a folder", () =>
    expect(readTar(Buffer.concat([rawHeader({ name: "d/", type: "\0", magic: "" }), TAR_END]))[0]?.entry.type).toBe("directory"));
  test("an archive without an end is taken, as Go does", () => expect(readTar(tarHeader(file("x"))).length).toBe(1));
  test("what follows the end is not read", () => expect(readTar(Buffer.concat([tarOf([file("x")]), Buffer.from("anything")])).length).toBe(1));
  test("nothing is an empty archive", () => expect(readTar(Buffer.alloc(0))).toEqual([]));

  const negative = Buffer.alloc(12, 0xff);
  const huge = Buffer.alloc(12, 0xff);
  huge[0] = 0x80;
  const refused: Record<string, { bytes: Buffer; code: string; limits?: Partial<TarLimits> }> = {
    "a wrong checksum": {
      bytes: Buffer.concat([
        (() => {
          const h = rawHeader({});
          h[0] = 0x7a;
          return h;
        })(),
        TAR_END,
      ]),
      code: "layer-invalid",
    },
    "what is no archive": { bytes: Buffer.alloc(1024, "no archive "), code: "layer-invalid" },
    "a negative size": { bytes: Buffer.concat([rawHeader({ size: negative }), TAR_END]), code: "layer-invalid" },
    "a size beyond counting": { bytes: Buffer.concat([rawHeader({ size: huge }), TAR_END]), code: "layer-invalid" },
    "a size that is no number": { bytes: Buffer.concat([rawHeader({ size: "12x45678901" }), TAR_END]), code: "layer-invalid" },
    "a negative PAX size": { bytes: Buffer.concat([pax("11 size=-5\n"), tail]), code: "layer-invalid" },
    "a PAX record that is too long for its header": { bytes: Buffer.concat([pax("99 path=a\n"), tail]), code: "layer-invalid" },
    "a PAX record without a key": { bytes: Buffer.concat([pax("6 =ab\n"), tail]), code: "layer-invalid" },
    "a PAX record of length 0": { bytes: Buffer.concat([pax("0 a=b\n"), tail]), code: "layer-invalid" },
    "a PAX header of 1 GiB": { bytes: rawHeader({ type: "x", size: (1024 ** 3).toString(8).padStart(11, "0") }), code: "limit-exceeded" },
    "a long name of 1 GiB": { bytes: rawHeader({ type: "L", size: (1024 ** 3).toString(8).padStart(11, "0") }), code: "limit-exceeded" },
    "a sparse file": { bytes: Buffer.concat([rawHeader({ type: "S", magic: "ustar  \0" }), TAR_END]), code: "layer-unsupported" },
    "a PAX sparse file": { bytes: Buffer.concat([pax("22 GNU.sparse.major=1\n"), tail]), code: "layer-unsupported" },
    "an unknown type": { bytes: Buffer.concat([rawHeader({ type: "V" }), TAR_END]), code: "layer-unsupported" },
    "a content cut short": { bytes: tarOf([file("x", { size: 600 }), "y".repeat(600)]).subarray(0, 900), code: "layer-invalid" },
    "a header cut short": { bytes: tarHeader(file("x")).subarray(0, 300) as Buffer, code: "layer-invalid" },
    "a PAX header that nothing follows": { bytes: Buffer.concat([pax("10 uid=80\n"), TAR_END]), code: "layer-invalid" },
    "an empty block between entries": { bytes: Buffer.concat([tarHeader(file("a")), Buffer.alloc(512), tarHeader(file("b")), TAR_END]), code: "layer-invalid" },
    "too many entries": { bytes: tarOf([file("a")], [file("b")], [file("c")]), code: "limit-exceeded", limits: { entries: 2 } },
    "too many headers before one entry": {
      bytes: Buffer.concat([pax("10 uid=80\n"), pax("10 uid=80\n"), tail]),
      code: "limit-exceeded",
      limits: { entries: 2 },
    },
    "an archive that says it is too large": { bytes: Buffer.from(tarHeader(file("a", { size: 2 ** 40 }))), code: "limit-exceeded" },
    "names that together are too long": { bytes: tarOf([file("a".repeat(60))], [file("b".repeat(60))]), code: "limit-exceeded", limits: { metaBytes: 100 } },
    "a link target counts too": {
      bytes: Buffer.concat([rawHeader({ name: "a", type: "2", link: "b".repeat(90) }), rawHeader({ name: "c", type: "2", link: "b".repeat(90) }), TAR_END]),
      code: "limit-exceeded",
      limits: { metaBytes: 100 },
    },
    "a symlink to nothing": { bytes: Buffer.concat([rawHeader({ type: "2" }), TAR_END]), code: "layer-invalid" },
  };
  for (const [what, { bytes, code, limits }] of Object.entries(refused)) {
    test(`${what} is refused`, () => {
      expect(codeOf(() => readTar(bytes, bytes.length, limits))).toBe(code);
      expect(codeOf(() => readTar(bytes, 100, limits))).toBe(code);
    });
  }

  test("bytes at random never give anything but a problem", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(2000), fc.integer({ min: 1, max: 600 }), (noise, at, step) => {
        const bytes = Buffer.from(tarOf([file("a/b", { size: 700 }), "z".repeat(700)], [file("é", { uid: 2 ** 30 })]));
        bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), at);
        codeOf(() => readTar(bytes, step));
      }),
      { numRuns: 200 },
    );
  });
});
