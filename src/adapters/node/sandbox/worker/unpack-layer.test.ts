import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, lstatSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  archiveOf,
  bytesOf,
  type LayerFolders,
  layerFolders,
  pathsIn,
  shownTree,
  shownView,
  type TestEntry,
  testEntry,
  whyNoLayerFolders,
} from "../../../../../test/harness/layer-folders.ts";
import { isProblem } from "../../../../core/problem.ts";
import type { LayerEntry } from "../../../../image/entry.ts";
import { tarHeader } from "../../../../image/tar/writer.ts";
import { Tree } from "../../../../image/tree.ts";
import { libc } from "../libc.ts";
import { OWNER_XATTR } from "../protocol.ts";
import { isOpaque } from "./overlay-form.ts";
import { unpackLayer } from "./unpack-layer.ts";

const why = whyNoLayerFolders();
const title = (text: string): string => (why === undefined ? text : `${text} (skipped: ${why})`);

let folders: LayerFolders;
beforeEach(() => {
  folders = layerFolders();
});
// A disk that others write to, too, takes its time to forget some thousand files.
afterEach(() => folders.close(), 60_000);

describe.skipIf(why !== undefined)(title("one layer"), () => {
  const unpack = async (...entries: readonly string[]): Promise<string> => (await folders.unpack("l", entries.map(testEntry))).folder;

  test("keeps types, modes with setuid, owners, times, contents and names in bytes", async () => {
    const folder = await unpack("d/ %2750 @1:2", "d/f=hello %4711 @33:44", "d/s -> ../d/f @5:6", "d/h => d/f", "|d/p %620", "d/\udcff\udc80=x", "d/ü=y");
    expect(shownView([folder])).toEqual([
      "d/ 2750 1:2 1600000000",
      "d/f 4711 33:44 1600000000 hello",
      "d/h 4711 33:44 1600000000 hello",
      "|d/p 620 0:0",
      "d/s -> ../d/f 5:6",
      "d/ü 644 0:0 1600000000 y",
      "d/\udcff\udc80 644 0:0 1600000000 x",
    ]);
    expect(statSync(join(folder, "d/f")).ino).toBe(statSync(join(folder, "d/h")).ino);
    expect(readdirSync(join(folder, "d"), "buffer").some((name) => name.equals(Buffer.of(0xff, 0x80)))).toBe(true);
  });

  test("whiteouts become character devices 0/0, opaque folders are marked, notes of AUFS vanish", async () => {
    const folder = await unpack("d/", "d/.wh.gone", "o/", "o/.wh..wh..opq", "o/f", ".wh..wh.plnk/", ".wh..wh.plnk/1.2");
    expect(lstatSync(join(folder, "d/gone")).isCharacterDevice()).toBe(true);
    expect(lstatSync(join(folder, "d/gone")).rdev).toBe(0);
    expect(isOpaque(join(folder, "o"))).toBe(true);
    expect(isOpaque(join(folder, "d"))).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(["d", "o"]);
  });

  test("devices are not made; what lower layers have there is hidden", async () => {
    const folder = await unpack("null:1:3", "zero:0:0");
    for (const name of ["null", "zero"]) expect(lstatSync(join(folder, name)).rdev).toBe(0);
  });

  test("tells the folders that the archive does not tell of, and nothing else", async () => {
    const { implied } = await folders.unpack("l", ["a/b/c", "a/b/", "x/y/z/", ".wh.w", "w/v"].map(testEntry));
    expect(implied).toEqual(["a", "x", "x/y"]);
  });

  test("owners that the namespace does not have are kept as a note", async () => {
    const { folder } = await folders.unpack("l", ["f @1:2", "d/ @70000:0", "g @0:0", "s -> f @9:9"].map(testEntry), 1);
    const note = (name: string): string | undefined => libc().getXattr(join(folder, name), OWNER_XATTR)?.toString();
    expect([note("f"), note("d"), note("g"), note("s")]).toEqual(["1:2", "70000:0", undefined, undefined]);
    expect([statSync(join(folder, "f")).uid, statSync(join(folder, "f")).gid]).toEqual([0, 0]);
  });

  test("capabilities and attributes of users are kept, those of others and ours are not", async () => {
    const capability = Buffer.from("0100000200040000000000000000000000000000", "hex");
    const names = ["user.x", "user.overlay.opaque", "user.overlay.whiteout", "user.multihull.owner", "trusted.overlay.opaque", "security.selinux"];
    const xattrs = new Map<string, Uint8Array>([["security.capability", capability], ...names.map((name): [string, Uint8Array] => [name, Buffer.from("y")])]);
    const { folder } = await folders.unpack("l", [
      { ...testEntry("f=x @1:1 %755"), xattrs },
      { ...testEntry("d/"), xattrs },
      { ...testEntry("s -> f"), xattrs },
    ]);
    expect(libc().listXattr(join(folder, "f")).sort()).toEqual(["security.capability", "user.x"]);
    expect(libc().getXattr(join(folder, "f"), "security.capability")).toEqual(capability);
    expect(libc().listXattr(join(folder, "d"))).toEqual(["user.x"]);
    expect(libc().listXattr(join(folder, "s"))).toEqual([]);
  });

  const flips: Record<string, { entries: string[]; shape: string[]; opaque?: string[] }> = {
    "the last of a name wins": { entries: ["a=1", "a=2"], shape: ["a"] },
    "folder, file, folder": { entries: ["a/", "a/x", "a", "a/", "a/y"], shape: ["a", "a/y"], opaque: ["a"] },
    "a file becomes a symlink and a file again": { entries: ["a", "a -> /etc", "a=x"], shape: ["a"] },
    "a whiteout before its sibling": { entries: [".wh.a", "a=x"], shape: ["a"] },
    "a whiteout after its sibling": { entries: ["a=x", ".wh.a"], shape: ["a"] },
    "a whiteout of a folder of the layer hides what is below it": { entries: ["a/", "a/x", ".wh.a"], shape: ["a", "a/x"], opaque: ["a"] },
    "a folder upon a whiteout hides what is below it": { entries: [".wh.a", "a/", "a/x"], shape: ["a", "a/x"], opaque: ["a"] },
    "opaque after entries of the same layer": { entries: ["a/", "a/x", "a/.wh..wh..opq", "a/y"], shape: ["a", "a/x", "a/y"], opaque: ["a"] },
    "a hard link over the folder that its target lies in": { entries: ["a/", "a/x=1", "a => a/x"], shape: ["a"] },
    "a hard link to itself": { entries: ["a=1", "a => a"], shape: ["a"] },
    "entries through a symlink of the layer stay inside": {
      entries: ["real/", "l -> /../../real", "l/x", "m -> ../../../.."],
      shape: ["l", "m", "real", "real/x"],
    },
    "a hard link through a symlinked folder of the layer": { entries: ["real/", "real/x=1", "l -> real", "h => l/x"], shape: ["h", "l", "real", "real/x"] },
  };
  test.each(Object.entries(flips))("%s", async (_, { entries, shape, opaque = [] }) => {
    const folder = await unpack(...entries);
    const paths = pathsIn(folder);
    expect(paths).toEqual(shape);
    expect(paths.filter((path) => lstatSync(join(folder, path)).isDirectory() && isOpaque(join(folder, path)))).toEqual(opaque);
  });
});

/** A header with a name that no writer of ours would make. */
function rawName(name: string, type = "0", link = ""): Buffer {
  const header = Buffer.from(tarHeader({ path: "x", type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0 }));
  header.fill(0, 0, 100);
  header.write(name, 0, "latin1");
  header.write(type, 156, "latin1");
  header.write(link, 157, "latin1");
  header.fill(0x20, 148, 156);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
    "latin1",
  );
  return header;
}

async function* rawArchive(...parts: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield Buffer.concat([...parts, Buffer.alloc(1024)]);
}

describe.skipIf(why !== undefined)(title("hostile archives"), () => {
  const attacks: Record<string, { parts: Buffer[]; code: string | undefined }> = {
    "../": { parts: [rawName("../x")], code: "layer-invalid" },
    "a/../../": { parts: [rawName("a/../../x")], code: "layer-invalid" },
    "an absolute name is taken from the layer's root": { parts: [rawName("/outside/x")], code: undefined },
    "a hard link to an absolute path": { parts: [rawName("l", "1", "/outside/secret")], code: "layer-invalid" },
    "a hard link to ../": { parts: [rawName("l", "1", "../outside/secret")], code: "layer-invalid" },
    "a hard link through a symlinked folder": { parts: [rawName("d", "2", "../outside"), rawName("l", "1", "d/secret")], code: "layer-invalid" },
    "an entry below a symlink to outside": { parts: [rawName("d", "2", "../outside"), rawName("d/x")], code: undefined },
    "an entry below an absolute symlink": { parts: [rawName("d", "2", "/outside"), rawName("d/x")], code: undefined },
    "a symlink replaced by a folder, then an entry": { parts: [rawName("d", "2", "../outside"), rawName("d/", "5"), rawName("d/x")], code: undefined },
    "symlinks in a circle": { parts: [rawName("a", "2", "b"), rawName("b", "2", "a"), rawName("a/x")], code: "limit-exceeded" },
    "an entry below a file": { parts: [rawName("a"), rawName("a/x")], code: "layer-invalid" },
    "an entry below a hard link": { parts: [rawName("a"), rawName("b", "1", "a"), rawName("b/x")], code: "layer-invalid" },
    "an entry below a fifo": { parts: [rawName("a", "6"), rawName("a/x")], code: "layer-invalid" },
    "a hard link to a file of no layer": { parts: [rawName("l", "1", "gone")], code: "layer-invalid" },
    "a hard link to a folder": { parts: [rawName("d/", "5"), rawName("l", "1", "d")], code: "layer-invalid" },
    "a hard link to what a whiteout hides": { parts: [rawName(".wh.a"), rawName("l", "1", "a")], code: "layer-invalid" },
    ".wh.": { parts: [rawName(".wh.")], code: "layer-invalid" },
    ".wh..": { parts: [rawName(".wh..")], code: "layer-invalid" },
    ".wh...": { parts: [rawName("d/.wh...")], code: "layer-invalid" },
    "an entry below a whiteout": { parts: [rawName("a/.wh.b/c")], code: "layer-invalid" },
    "a whiteout of a symlink to outside": { parts: [rawName("d", "2", "../outside"), rawName(".wh.d"), rawName("d/.wh.secret")], code: undefined },
    "an opaque mark through a symlink to outside": { parts: [rawName("d", "2", "../outside"), rawName("d/.wh..wh..opq")], code: undefined },
    "a folder entry through a symlink to outside": { parts: [rawName("d", "2", "../outside"), rawName("d/", "5")], code: undefined },
    "the root is a symlink": { parts: [rawName("./", "2", "/outside")], code: "layer-invalid" },
    "a name longer than the file system takes": { parts: [rawName(`${"d/".repeat(40)}`, "5"), tarLong("n".repeat(300))], code: "layer-unsupported" },
    "cut short": { parts: [rawName("a").subarray(0, 300)], code: "layer-invalid" },
  };
  test.each(Object.entries(attacks))("%s", async (_, { parts, code }) => {
    // `outside` lies beside the layer, where `../outside` leads to.
    mkdirSync(join(folders.place, "outside"));
    writeFileSync(join(folders.place, "outside/secret"), "s", { mode: 0o600 });
    const before = stateOf(join(folders.place, "outside"));
    const folder = folders.folder("l");
    const archive = code === "layer-invalid" && parts[0]?.length === 300 ? cut(parts[0]) : rawArchive(...parts);
    const got = await unpackLayer(archive, folder, { ids: 65_536 }).then(
      () => undefined,
      (error: unknown) => (isProblem(error) ? error.code : String(error)),
    );
    expect(got).toBe(code);
    expect(stateOf(join(folders.place, "outside"))).toEqual(before);
    expect(readdirSync(folders.place).sort()).toEqual(["l", "outside"]);
    expect(existsSync("/outside")).toBe(false);
  });
});

const tarLong = (name: string): Buffer => Buffer.from(tarHeader(testEntry(name)));

async function* cut(bytes: Buffer): AsyncIterable<Uint8Array> {
  yield bytes;
}

const stateOf = (folder: string): unknown[] =>
  [folder, join(folder, "secret")].map((path) => ({ ...lstatSync(path, { bigint: true }), atimeNs: 0, atimeMs: 0, atime: 0 }));

describe.skipIf(why !== undefined)(title("laws"), () => {
  const name = fc.constantFrom("a", "b", "c");
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const hidden = fc
    .tuple(fc.array(name, { maxLength: 2 }), fc.constantFrom(".wh.a", ".wh.b", ".wh..wh..opq"))
    .map(([parts, last]) => [...parts, last].join("/"));
  const text = fc.oneof(
    { weight: 4, arbitrary: path.map((at) => `${at}/ %750`) },
    { weight: 4, arbitrary: fc.tuple(path, fc.nat(99)).map(([at, n]) => `${at}=${n} @${n}:${n}`) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          path,
          fc.oneof(
            path,
            path.map((at) => `/${at}`),
            fc.constant("../.."),
          ),
        )
        .map(([at, to]) => `${at} -> ${to}`),
    },
    { weight: 2, arbitrary: fc.tuple(path, path).map(([at, to]) => `${at} => ${to}`) },
    { weight: 2, arbitrary: hidden },
  );
  const layer = fc.array(text.map(testEntry), { minLength: 1, maxLength: 8 });

  test("layers together look as the engine believes; what it refuses is refused", async () => {
    let refused = 0;
    let shown = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 3 }), async (layers) => {
        folders.close();
        folders = layerFolders();
        const lower: string[] = [];
        const untold = new Set<string>();
        let tree = Tree.empty<number>();
        for (const [at, entries] of layers.entries()) {
          const alone = codeOf(() => Tree.empty<number>().apply(entries, at));
          const folder = folders.folder(`l${at}`);
          const got = await unpackLayer(archiveOf(entries), folder, { ids: 65_536 }).then(
            ({ implied }) => {
              for (const at of implied) if (parentsOf(at).some((parent) => isOpaque(join(folder, parent)))) untold.add(at);
              return undefined;
            },
            (error: unknown) => (isProblem(error) ? error.code : String(error)),
          );
          expect(got).toBe(alone);
          if (got !== undefined) {
            refused++;
            return;
          }
          tree = tree.apply(entries.map(placed), at);
          lower.push(folder);
        }
        shown++;
        // The offset tells which of several entries of one name it is.
        const contentOf = (source: number, _: string, offset: number): string => layers[source]?.[offset]?.content ?? "";
        // What a folder is that nobody tells of, in one that hides lower layers, depends for the engine on what came first.
        const known = (lines: readonly string[]): string[] => lines.map((line) => (untold.has(line.split("/ ")[0] ?? "") ? `${line.split("/ ")[0]}/` : line));
        expect(known(shownView(lower))).toEqual(known(shownTree(tree, contentOf)));
      }),
      { numRuns: 300 },
    );
    expect(Math.min(refused, shown)).toBeGreaterThan(20);
  });

  const parentsOf = (path: string): string[] => path.split("/").map((_, count, parts) => parts.slice(0, count).join("/"));
  const placed = (entry: TestEntry, offset: number): LayerEntry & { readonly offset: number } => ({ ...entry, offset });

  function codeOf(run: () => unknown): string | undefined {
    try {
      run();
    } catch (error) {
      if (isProblem(error)) return error.code;
      throw error;
    }
    return undefined;
  }
});

const DEBIAN = `${process.env.MULTIHULL_PEERS ?? "/opt/peers"}/bases/debian-amd64.tar`;
const whyNoDebian = why ?? (existsSync(DEBIAN) ? undefined : "no archive of Debian here");

test.skipIf(whyNoDebian !== undefined)(
  `a whole Debian is what GNU tar makes of it${whyNoDebian === undefined ? "" : ` (skipped: ${whyNoDebian})`}`,
  async () => {
    const ours = folders.folder("ours");
    const theirs = folders.folder("theirs");
    await unpackLayer(createReadStream(DEBIAN), ours, { ids: 65_536 });
    execFileSync("tar", ["-xpf", DEBIAN, "-C", theirs, "--numeric-owner", "--xattrs", "--xattrs-include=*"]);
    const list = (folder: string): string[] =>
      execFileSync("find", [".", "!", "-type", "c", "-printf", "%P %y %m %U:%G %s %T@ %l %n\\n"], { cwd: folder, encoding: "utf8", maxBuffer: 1e8 })
        .split("\n")
        .sort();
    // Making devices or not makes another time of /dev: both set it at the end.
    expect(list(ours)).toEqual(list(theirs));
    execFileSync("diff", ["-r", "--no-dereference", "-x", "dev", ours, theirs]);
  },
);

test.skipIf(why !== undefined)(title("what the archive throws comes through, and no file stays open"), async () => {
  const open = (): number => readdirSync("/proc/self/fd").length;
  const before = open();
  const all = await bytesOf(archiveOf([{ ...testEntry("f"), size: 100_000 }]));
  async function* breaking(): AsyncIterable<Uint8Array> {
    yield all.subarray(0, 50_000);
    throw new Error("the line is cut");
  }
  await expect(unpackLayer(breaking(), folders.folder("l"), { ids: 1 })).rejects.toThrow("the line is cut");
  expect(open()).toBe(before);
});
