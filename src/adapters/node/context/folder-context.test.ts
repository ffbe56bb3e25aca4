import { execFileSync } from "node:child_process";
import { appendFileSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IgnoreMatcher } from "../../../dockerfile/ignore.ts";
import type { BuildContext, ContextEntry } from "../../../engine/context.ts";
import { collect } from "../../../image/blob-store.ts";
import { folderContext } from "./folder-context.ts";

let root: string;
let outside: string;
beforeEach(() => {
  const made = mkdtempSync(join(tmpdir(), "multihull-context-"));
  root = join(made, "context");
  outside = join(made, "outside");
  mkdirSync(root);
  mkdirSync(outside);
});
afterEach(() => rmSync(join(root, ".."), { recursive: true, force: true }));

const at = (path: string): string => join(root, path);
const paths = async (context: BuildContext): Promise<readonly string[]> => (await context.entries()).map((e) => `${e.type} ${e.path}`);
const entryAt = async (context: BuildContext, path: string): Promise<ContextEntry> => {
  const entry = (await context.entries()).find((e) => e.path === path);
  if (entry === undefined) throw new Error(`no entry ${path}`);
  return entry;
};
const ignoring = (ignored: readonly string[], exceptions: readonly string[] = []): IgnoreMatcher => ({
  ignored: (path) =>
    ignored.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)) && !exceptions.some((e) => path === e || path.startsWith(`${e}/`)),
  mayHoldIncluded: (path) => exceptions.some((e) => e.startsWith(`${path}/`)),
});

describe("the walk", () => {
  test("gives parents before children, sorted by code units, with what lstat says", async () => {
    mkdirSync(at("b/c"), { recursive: true });
    writeFileSync(at("b/c/d"), "data", { mode: 0o640 });
    writeFileSync(at("b-"), "");
    writeFileSync(at("É"), "");
    symlinkSync("../../etc/passwd", at("a"));
    utimesSync(at("b/c/d"), 5, 1234567890.9);
    const context = folderContext(root);
    expect(await paths(context)).toEqual(["symlink a", "directory b", "file b-", "directory b/c", "file b/c/d", "file É"]);
    expect(await entryAt(context, "b/c/d")).toMatchObject({ size: 4, mode: 0o640, uid: 0, gid: 0, mtime: 1234567890 });
    expect(await entryAt(context, "a")).toMatchObject({ size: 0, link: "../../etc/passwd" });
  });

  test("times before 1970 are rounded down", async () => {
    writeFileSync(at("f"), "");
    utimesSync(at("f"), new Date(0), new Date(-1500));
    expect((await entryAt(folderContext(root), "f")).mtime).toBe(-2);
  });

  test("never follows a link to a folder", async () => {
    writeFileSync(join(outside, "secret"), "");
    symlinkSync(outside, at("way-out"));
    symlinkSync(".", at("loop"));
    expect(await paths(folderContext(root))).toEqual(["symlink loop", "symlink way-out"]);
  });

  test("the folder itself may be named by a link", async () => {
    writeFileSync(at("f"), "x");
    symlinkSync(root, join(outside, "link"));
    const context = folderContext(join(outside, "link"));
    expect(Buffer.from(await collect(context.open(await entryAt(context, "f")))).toString()).toBe("x");
  });

  test("hard links are noticed, the first name is the file", async () => {
    mkdirSync(at("z"));
    writeFileSync(at("z/one"), "same");
    linkSync(at("z/one"), at("a"));
    linkSync(at("a"), at("m"));
    const context = folderContext(root);
    expect((await context.entries()).map((e) => [e.path, e.type, e.link, e.size])).toEqual([
      ["a", "file", undefined, 4],
      ["m", "hardlink", "a", 4],
      ["z", "directory", undefined, 0],
      ["z/one", "hardlink", "a", 4],
    ]);
    expect(Buffer.from(context.readSync?.(await entryAt(context, "z/one")) ?? []).toString()).toBe("same");
  });

  test("a hard link to something left out is a file", async () => {
    writeFileSync(at("a"), "same");
    linkSync(at("a"), at("b"));
    expect(await paths(folderContext(root, { ignore: ignoring(["a"]) }))).toEqual(["file b"]);
  });

  test("fifos are entries and do not hold anything up; sockets are left out", async () => {
    execFileSync("mkfifo", [at("pipe")]);
    const server = createServer().listen(at("socket"));
    await new Promise((listening) => server.once("listening", listening));
    const context = folderContext(root);
    expect(await paths(context)).toEqual(["fifo pipe"]);
    await expect(collect(context.open(await entryAt(context, "pipe")))).rejects.toMatchObject({ code: "context-changed" });
    server.close();
  });

  test("odd names are carried", async () => {
    for (const name of ["new\nline", " blank ", "-rf", "…", "\u{1F6A2}", "a\\b", "\uFFFD", "%2e%2e"]) writeFileSync(at(name), name);
    const context = folderContext(root);
    const entries = await context.entries();
    expect(entries).toHaveLength(8);
    for (const entry of entries) expect(Buffer.from(await collect(context.open(entry))).toString()).toBe(entry.path);
  });

  test("a name that is not UTF-8 is told, and can be left out with its folder", async () => {
    mkdirSync(at("d"));
    writeFileSync(Buffer.concat([Buffer.from(at("d/x")), Buffer.from([0xff, 0x0a])]), "");
    await expect(folderContext(root).entries()).rejects.toMatchObject({ code: "context-unreadable", message: expect.stringContaining('"d/x\\xff\\x0a"') });
    expect(await paths(folderContext(root, { ignore: ignoring(["d"]) }))).toEqual([]);
  });

  test("a folder that is not there, or no folder, is told", async () => {
    writeFileSync(at("f"), "");
    await expect(folderContext(at("none"), { name: "none" }).entries()).rejects.toMatchObject({
      code: "context-unreadable",
      message: 'the context "none" does not exist',
    });
    await expect(folderContext(at("f"), { name: "f" }).entries()).rejects.toMatchObject({
      code: "context-unreadable",
      message: 'the context "f" is no folder',
    });
  });
});

describe("what is left out", () => {
  test("an ignored folder is not looked into", async () => {
    mkdirSync(at("node_modules/a"), { recursive: true });
    writeFileSync(at("kept"), "");
    expect(await paths(folderContext(root, { ignore: ignoring(["node_modules"]) }))).toEqual(["file kept"]);
  });

  test("a folder comes in with what is let in below it, once", async () => {
    for (const path of ["out/a/keep", "out/a/drop", "out/b/keep", "out/c/drop"]) {
      mkdirSync(join(at(path), ".."), { recursive: true });
      writeFileSync(at(path), "");
    }
    const ignore = ignoring(["out"], ["out/a/keep", "out/b/keep", "out/c/none"]);
    expect(await paths(folderContext(root, { ignore }))).toEqual(["directory out", "directory out/a", "file out/a/keep", "directory out/b", "file out/b/keep"]);
  });
});

describe("a folder that is swapped during the walk", () => {
  // The walk asks for a name before it looks at it, so that a test can act between two looks.
  const whenAsked = (path: string, act: () => void): IgnoreMatcher => {
    let acted = false;
    return {
      ignored(asked) {
        if (asked === path && !acted) {
          acted = true;
          act();
        }
        return false;
      },
      mayHoldIncluded: () => true,
    };
  };
  beforeEach(() => {
    mkdirSync(at("a"));
    writeFileSync(at("a/f"), "inside");
    writeFileSync(at("z"), "");
    writeFileSync(join(outside, "f"), "outside");
  });

  test("for a link is refused", async () => {
    const swap = (): void => {
      renameSync(at("a"), at("moved"));
      symlinkSync(outside, at("a"));
    };
    await expect(folderContext(root, { ignore: whenAsked("z", swap) }).entries()).rejects.toMatchObject({ code: "context-changed" });
  });

  test("for another folder is refused", async () => {
    const swap = (): void => {
      renameSync(at("a"), at("moved"));
      renameSync(outside, at("a"));
    };
    await expect(folderContext(root, { ignore: whenAsked("z", swap) }).entries()).rejects.toMatchObject({ code: "context-changed" });
  });

  test.runIf(process.platform === "linux")("while it is listed does not lead the walk elsewhere", async () => {
    const swap = (): void => {
      renameSync(at("a"), join(outside, "taken"));
      symlinkSync(outside, at("a"));
    };
    const context = folderContext(root, { ignore: whenAsked("a/f", swap) });
    expect(await entryAt(context, "a/f")).toMatchObject({ size: "inside".length });
    await expect(collect(context.open(await entryAt(context, "a/f")))).rejects.toMatchObject({ code: "context-changed" });
  });

  test("and gone is refused", async () => {
    await expect(folderContext(root, { ignore: whenAsked("z", () => rmSync(at("a"), { recursive: true })) }).entries()).rejects.toMatchObject({
      code: "context-changed",
    });
  });

  test("a file that goes between the listing and the look was never there", async () => {
    expect(await paths(folderContext(root, { ignore: whenAsked("z", () => rmSync(at("z"))) }))).toEqual(["directory a", "file a/f"]);
  });
});

describe("a file that changes after the walk is refused, whichever way it is read", () => {
  const changes: Record<string, (path: string) => void> = {
    "it grew": (path) => appendFileSync(path, "more"),
    "it is another file of the same size and time": (path) => {
      writeFileSync(join(outside, "twin"), "data");
      utimesSync(join(outside, "twin"), 1000, 1000);
      renameSync(join(outside, "twin"), path);
    },
    "its content was replaced in place and its time set back": (path) => {
      writeFileSync(path, "DATA");
      utimesSync(path, 1000, 1000);
    },
    "it became a link to a file outside": (path) => {
      writeFileSync(join(outside, "secret"), "data");
      rmSync(path);
      symlinkSync(join(outside, "secret"), path);
    },
    "its folder became a link to a folder outside": (path) => {
      writeFileSync(join(outside, "file"), "data");
      renameSync(join(path, ".."), at("moved"));
      symlinkSync(outside, join(path, ".."));
    },
    "it became a folder": (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    "it became a fifo": (path) => {
      rmSync(path);
      execFileSync("mkfifo", [path]);
    },
    "it went": (path) => rmSync(path),
  };
  for (const [name, change] of Object.entries(changes))
    test(name, async () => {
      mkdirSync(at("folder"));
      writeFileSync(at("folder/file"), "data");
      utimesSync(at("folder/file"), 1000, 1000);
      const context = folderContext(root);
      const entry = await entryAt(context, "folder/file");
      change(at("folder/file"));
      await expect(collect(context.open(entry))).rejects.toMatchObject({ code: "context-changed" });
      expect(() => context.readSync?.(entry)).toThrow(expect.objectContaining({ code: "context-changed" }));
    });

  test("it changes while it is read", async () => {
    writeFileSync(at("file"), Buffer.alloc(1024 * 1024));
    const context = folderContext(root);
    const entry = await entryAt(context, "file");
    const read = async (): Promise<void> => {
      let chunks = 0;
      for await (const _ of context.open(entry)) if (chunks++ === 0) appendFileSync(at("file"), "more");
    };
    await expect(read()).rejects.toMatchObject({ code: "context-changed" });
  });

  test("an untouched file is read, and its stamp stays", async () => {
    writeFileSync(at("file"), "data");
    const [first, second] = [folderContext(root), folderContext(root)];
    const entry = await entryAt(first, "file");
    expect(Buffer.from(await collect(first.open(entry))).toString()).toBe("data");
    expect((await entryAt(second, "file")).stamp).toBe(entry.stamp);
    expect(entry.stamp).toBeDefined();
  });
});

test("a checkout's modes do not depend on the umask it was made under", async () => {
  mkdirSync(at("d"), { mode: 0o700 });
  writeFileSync(at("d/program"), "", { mode: 0o711 });
  writeFileSync(at("d/text"), "", { mode: 0o600 });
  const entries = await folderContext(root, { checkoutModes: true, mtime: 7 }).entries();
  expect(entries.map((e) => [e.path, e.mode, e.mtime])).toEqual([
    ["d", 0o755, 7],
    ["d/program", 0o755, 7],
    ["d/text", 0o644, 7],
  ]);
});
