import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readMade } from "../../../test/harness/made-image-subject.ts";
import { digestOf } from "../../core/digest.ts";
import type { LayerEntry } from "../../image/entry.ts";
import { Tree } from "../../image/tree.ts";
import type { ImageLayer, ReadConfig } from "../subject.ts";
import { inBoth } from "./both-walks.ts";
import { compareImages } from "./compare.ts";
import { compareConfigs } from "./compare-configs.ts";
import { compareFiles } from "./compare-files.ts";
import { compareLayers } from "./compare-layers.ts";
import { type FilesComparison, LISTED_DIFFERENCES } from "./comparison.ts";

interface Told extends Partial<LayerEntry> {
  readonly path: string;
  readonly content?: string;
}

/** A file system of one layer. */
function tree(files: readonly Told[], hashed = true): Tree<ImageLayer> {
  const entries = files.map(({ content = "", ...entry }, i) => ({
    type: "file" as const,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    size: content.length,
    ...entry,
    offset: (i + 1) * 1024,
  }));
  const hashes = new Map(files.map(({ content = "" }, i) => [(i + 1) * 1024, digestOf(Buffer.from(content))]));
  const index = { diffId: digestOf(Buffer.from(JSON.stringify(files))), entries };
  const layer = { contents: { index, hashes: hashed ? hashes : undefined } } as unknown as ImageLayer;
  return Tree.empty<ImageLayer>().apply(entries, layer);
}

describe("files", () => {
  const cases: Readonly<Record<string, { ours: Told; theirs: Told; what: readonly string[] }>> = {
    "content of one size": { ours: { path: "a", content: "xx" }, theirs: { path: "a", content: "yy" }, what: ["content"] },
    "another size": { ours: { path: "a", content: "x" }, theirs: { path: "a", content: "yy" }, what: ["content", "size"] },
    "a file became a folder": { ours: { path: "a" }, theirs: { path: "a", type: "directory" }, what: ["type"] },
    "target of a link": { ours: { path: "a", type: "symlink", link: "x" }, theirs: { path: "a", type: "symlink", link: "y" }, what: ["link"] },
    "mode of a link does not count": {
      ours: { path: "a", type: "symlink", link: "x", mode: 0o777 },
      theirs: { path: "a", type: "symlink", link: "x" },
      what: [],
    },
    "mode and owner": { ours: { path: "a", mode: 0o755, uid: 1 }, theirs: { path: "a", gid: 2 }, what: ["mode", "owner"] },
    device: {
      ours: { path: "a", type: "char", device: { major: 1, minor: 3 } },
      theirs: { path: "a", type: "char", device: { major: 1, minor: 5 } },
      what: ["device"],
    },
    "attribute more": { ours: { path: "a", xattrs: new Map([["user.a", Buffer.from("1")]]) }, theirs: { path: "a" }, what: ["xattrs"] },
    "attribute of another value": {
      ours: { path: "a", xattrs: new Map([["user.a", Buffer.from("1")]]) },
      theirs: { path: "a", xattrs: new Map([["user.a", Buffer.from("2")]]) },
      what: ["xattrs"],
    },
    "attribute of another name": {
      ours: { path: "a", xattrs: new Map([["user.a", Buffer.from("1")]]) },
      theirs: { path: "a", xattrs: new Map([["user.b", Buffer.from("1")]]) },
      what: ["xattrs"],
    },
    "time beside something else": { ours: { path: "a", mtime: 5, mode: 0o600 }, theirs: { path: "a", mtime: 6 }, what: ["mode", "mtime"] },
  };
  for (const [name, { ours, theirs, what }] of Object.entries(cases)) {
    test(name, () => {
      const found = compareFiles(tree([ours]), tree([theirs]));
      expect(found?.list).toEqual(what.length === 0 ? [] : [{ path: "/a", change: "changed", what }]);
      expect(found?.changed).toBe(what.length === 0 ? 0 : 1);
    });
  }

  test("a time by itself is counted apart", () => {
    const found = compareFiles(tree([{ path: "a", mtime: 1, content: "x" }]), tree([{ path: "a", mtime: 2, content: "x" }]));
    expect(found).toEqual({ added: 0, removed: 0, changed: 0, timesOnly: 1, uncompared: 0, list: [{ path: "/a", change: "changed", what: ["mtime"] }] });
  });

  test("without hashes, files of one size may differ, and nobody says that they do not", () => {
    const found = compareFiles(tree([{ path: "a", content: "x" }], false), tree([{ path: "a", content: "y" }]));
    expect(found).toEqual({ added: 0, removed: 0, changed: 0, timesOnly: 0, uncompared: 1, list: [] });
  });

  test("without hashes, the same layer still has the same files", () => {
    const files = [{ path: "a", content: "x" }];
    expect(compareFiles(tree(files, false), tree(files, false))).toMatchObject({ changed: 0, uncompared: 0 });
  });

  test("nothing is said where a file system is not known", () => {
    expect(compareFiles(undefined, tree([]))).toBe(undefined);
  });

  test("only the first are listed, all are counted, and times come last", () => {
    const many = Array.from({ length: LISTED_DIFFERENCES + 5 }, (_, i) => ({ path: `b/${i}`, content: "x" }));
    const found = compareFiles(
      tree([{ path: "a", mtime: 1 }, ...many]),
      tree([
        { path: "a", mtime: 2 },
        { path: "b", type: "directory", mode: 0o755 },
      ]),
    );
    expect([found?.added, found?.timesOnly, found?.list.length]).toEqual([LISTED_DIFFERENCES + 5, 1, LISTED_DIFFERENCES]);
    expect(found?.list.some(({ path }) => path === "/a")).toBe(false);
  });
});

const NAMES = ["a", "b", "a-b", "a.b", "A", "é"];
const told: fc.Arbitrary<readonly Told[]> = fc.uniqueArray(
  fc.record({
    path: fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
    type: fc.constantFrom("file" as const, "directory" as const, "symlink" as const),
    content: fc.constantFrom("", "x", "y", "xx"),
    mode: fc.constantFrom(0o644, 0o755),
    mtime: fc.constantFrom(0, 1),
  }),
  { selector: ({ path }) => path, maxLength: 12 },
);
/** Folders only above others: a file with something below it is no layer. */
const files = told.map((all) =>
  all
    .filter(({ path }) => !all.some((other) => path.startsWith(`${other.path}/`) && other.type !== "directory"))
    .map(
      ({ type, content, ...one }): Told =>
        type === "file" ? { ...one, type, content: content ?? "" } : type === "symlink" ? { ...one, type, link: "x" } : { ...one, type: "directory" },
    ),
);

describe("properties of comparing files", () => {
  test("whatever is compared with itself is equal", () => {
    fc.assert(
      fc.property(files, (all) => {
        expect(compareFiles(tree(all), tree([...all].reverse()))).toEqual({ added: 0, removed: 0, changed: 0, timesOnly: 0, uncompared: 0, list: [] });
      }),
      { numRuns: 60 },
    );
  });

  test("the other way round, added and removed change places and nothing else", () => {
    fc.assert(
      fc.property(files, files, (a, b) => {
        const [there, back] = [compareFiles(tree(a), tree(b)), compareFiles(tree(b), tree(a))];
        expect(there).toEqual(back && mirrored(back));
      }),
      { numRuns: 60 },
    );
  });

  test("every path of either tree comes once, with what both have there", () => {
    fc.assert(
      fc.property(files, files, (a, b) => {
        const [here, there] = [tree(a), tree(b)];
        const seen = [...inBoth(here, there)];
        const all = new Set([...here.walk(), ...there.walk()].map(([path]) => path));
        expect(new Set(seen.map(([path]) => path))).toEqual(all);
        expect(seen.length).toBe(all.size);
        for (const [path, ours, theirs] of seen) expect([ours, theirs]).toEqual([here.get(path), there.get(path)]);
      }),
      { numRuns: 60 },
    );
  });
});

const SWAPPED = { added: "removed", removed: "added", changed: "changed" } as const;
const mirrored = (one: FilesComparison): FilesComparison => ({
  ...one,
  added: one.removed,
  removed: one.added,
  list: one.list.map((difference) => ({ ...difference, change: SWAPPED[difference.change] })),
});

describe("layers", () => {
  const layer = (digest: string, diffId: string | undefined = `diff ${digest}`): ImageLayer => ({ descriptor: { digest }, diffId }) as unknown as ImageLayer;
  const cases = {
    "the same": { here: [layer("a"), layer("b")], there: [layer("a"), layer("b")], told: [2, 0, 0, 0] },
    "one more": { here: [layer("a"), layer("b")], there: [layer("a")], told: [1, 1, 0, 0] },
    "twice against once": { here: [layer("a"), layer("a")], there: [layer("a")], told: [1, 1, 0, 0] },
    "packed otherwise": { here: [layer("a", "x")], there: [layer("b", "x")], told: [0, 1, 1, 1] },
    "diff_ids that are not told are not the same": { here: [layer("a", "")], there: [layer("b", "y")], told: [0, 1, 1, 0] },
  };
  test.for(Object.entries(cases))("%s", ([, { here, there, told: numbers }]) => {
    const { shared, onlyThis, onlyThat, repacked } = compareLayers(here, there);
    expect([shared, onlyThis, onlyThat, repacked]).toEqual(numbers);
  });
});

describe("configs", () => {
  const config = (fields: object | undefined): ReadConfig => ({ fields }) as unknown as ReadConfig;
  const cases: Readonly<Record<string, { here: object | undefined; there: object | undefined; fields: readonly string[] }>> = {
    "nothing differs but order": { here: { a: 1, config: { Env: [], User: "x" } }, there: { config: { User: "x", Env: [] }, a: 1 }, fields: [] },
    "null is absent": { here: { config: { Cmd: null } }, there: { config: {} }, fields: [] },
    "fields of what runs are told one by one": {
      here: { config: { Env: ["A=1"], Cmd: ["x"] } },
      there: { config: { Env: ["A=2"] } },
      fields: ["config.Cmd", "config.Env"],
    },
    "other fields are told whole": { here: { created: "x", history: [1] }, there: { history: [2], author: "y" }, fields: ["author", "created", "history"] },
    "a config that is no object": { here: { config: 5 }, there: { config: {} }, fields: ["config"] },
    "one that could not be read": { here: undefined, there: { a: 1 }, fields: [] },
  };
  for (const [name, { here, there, fields }] of Object.entries(cases)) {
    test(name, () => {
      expect(compareConfigs(config(here), config(there)).map(({ field }) => field)).toEqual(fields);
    });
  }
});

describe("images", () => {
  const one = (text: string): object => ({ layers: [{ files: { a: text } }] });
  const read = (platforms: Readonly<Record<string, object>>): ReturnType<typeof readMade> => readMade({ platforms });

  test("the same root is all that has to be known", async () => {
    const subject = await read({ "linux/amd64": one("x") });
    expect(compareImages(subject, subject, true)).toMatchObject({
      identical: true,
      mustBeEqual: true,
      platforms: [{ identical: true, config: [], files: { changed: 0 } }],
    });
  });

  test("platforms meet by what they are, not by their place; this image's order comes first", async () => {
    const here = await read({ "linux/amd64": one("x"), "linux/s390x": one("x"), "linux/arm64": one("y") });
    const there = await read({ "linux/riscv64": one("x"), "linux/arm64": one("y"), "linux/amd64": one("z") });
    expect(compareImages(here, there, false).platforms.map(({ platform, presence, identical }) => [platform, presence, identical])).toEqual([
      ["linux/amd64", "both", false],
      ["linux/s390x", "only-this", false],
      ["linux/arm64", "both", true],
      ["linux/riscv64", "only-that", false],
    ]);
  });

  test("two images of one platform meet in their order", async () => {
    const here = await read({ "linux/amd64": one("x"), "linux/amd64#2": one("y") });
    const there = await read({ "linux/amd64": one("x") });
    expect(compareImages(here, there, false).platforms.map(({ presence, identical }) => [presence, identical])).toEqual([
      ["both", true],
      ["only-this", false],
    ]);
  });

  test("a monthly update of Windows is the same release", async () => {
    const here = await read({ "windows(10.0.17763.100)/amd64": {}, "windows(10.0.20348.1)/amd64": {} });
    const there = await read({ "windows(10.0.20348.9)/amd64": {}, "windows(10.0.17763.200)/amd64": {} });
    expect(compareImages(here, there, false).platforms.map(({ presence }) => presence)).toEqual(["both", "both"]);
  });
});
