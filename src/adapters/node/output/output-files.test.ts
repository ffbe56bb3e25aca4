import { spawnSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FolderWriter, OutputFiles } from "../../../engine/output/ports.ts";
import { type ByteStream, collect } from "../../../image/blob-store.ts";
import type { LayerEntry } from "../../../image/entry.ts";
import { outputFiles } from "./output-files.ts";

let root: string;
let files: OutputFiles;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "multihull-output-"));
  files = outputFiles({ stdout: new PassThrough(), cwd: root });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (path: string): string => join(root, path);
async function* bytes(...parts: string[]): ByteStream {
  for (const part of parts) yield Buffer.from(part);
}
async function* failing(): ByteStream {
  yield Buffer.from("half");
  throw new Error("broken");
}

describe("a file", () => {
  test("appears whole, its folders are made, an old one is replaced", async () => {
    await files.write("a/b/out.tar", bytes("one", "two"));
    await files.write("a/b/out.tar", bytes("new"));
    expect(readFileSync(at("a/b/out.tar"), "utf8")).toBe("new");
    expect(readdirSync(at("a/b"))).toEqual(["out.tar"]);
  });
  test("that fails midway leaves the old one and nothing else", async () => {
    writeFileSync(at("out"), "old");
    await expect(files.write("out", failing())).rejects.toThrow("broken");
    expect(readFileSync(at("out"), "utf8")).toBe("old");
    expect(readdirSync(root)).toEqual(["out"]);
  });
  test("is not put in a folder's place", async () => {
    mkdirSync(at("out"));
    await expect(files.write("out", bytes("x"))).rejects.toMatchObject({ code: "output-conflict" });
  });
  test("below a file cannot be written", async () => {
    writeFileSync(at("f"), "");
    await expect(files.write("f/out", bytes("x"))).rejects.toMatchObject({ code: "file-unwritable" });
  });
  test.runIf(lstatSync("/dev/full", { throwIfNoEntry: false }) !== undefined)("on a full disk is told, and a device stays a device", async () => {
    await expect(files.write("/dev/full", bytes("x"))).rejects.toMatchObject({ code: "disk-full" });
    expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
  });
});

describe("stdout", () => {
  test("gets the bytes, and is held up for", async () => {
    const got: string[] = [];
    const stdout = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _, done) {
        got.push(chunk.toString());
        setImmediate(done);
      },
    });
    await outputFiles({ stdout }).write("-", bytes("a", "b", "c"));
    expect(got.join("")).toBe("abc");
  });
  test("that is a terminal is refused", async () => {
    const stdout = Object.assign(new PassThrough(), { isTTY: true });
    await expect(outputFiles({ stdout }).write("-", bytes("x"))).rejects.toMatchObject({ code: "output-conflict" });
  });
  test("whose reader is gone is told", async () => {
    const stdout = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
      },
    });
    await expect(outputFiles({ stdout }).write("-", bytes("x", "y"))).rejects.toMatchObject({ code: "file-unwritable" });
  });
});

describe("a layout's folder", () => {
  test("is for one at a time", async () => {
    const order: string[] = [];
    const add = (name: string): Promise<void> =>
      files.layout("layout", async (folder) => {
        order.push(`${name} in`);
        const old = (await folder.stat("index.json")) === undefined ? "" : Buffer.from(await collect(folder.open("index.json"))).toString();
        await folder.write("index.json", Buffer.from(`${old}${name}`));
        order.push(`${name} out`);
      });
    await Promise.all([add("a"), add("b")]);
    expect(order.map((line) => line.split(" ")[1])).toEqual(["in", "out", "in", "out"]);
    expect(["ab", "ba"]).toContain(readFileSync(at("layout/index.json"), "utf8"));
    expect(readdirSync(at("layout"))).toEqual(["index.json"]);
  });
  test("is let go of after a failure", async () => {
    const fail = files.layout("layout", async () => {
      throw new Error("broken");
    });
    await expect(fail).rejects.toThrow("broken");
    await files.layout("layout", async () => {});
    expect(readdirSync(at("layout"))).toEqual([]);
  });
  test("whose holder was killed is taken over", async () => {
    const gone = spawnSync("true").pid;
    mkdirSync(at("layout"));
    writeFileSync(at("layout/index.json.multihull-lock"), `${gone} ${hostname()}`);
    let used = false;
    await files.layout("layout", async () => {
      used = true;
    });
    expect(used).toBe(true);
  });
  test("cannot be a file", async () => {
    writeFileSync(at("layout"), "");
    await expect(files.layout("layout", async () => {})).rejects.toMatchObject({ code: "output-conflict" });
  });
});

describe("a folder of files", () => {
  const entry = (path: string, more: Partial<LayerEntry> = {}): LayerEntry => ({
    path,
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 1000,
    size: 0,
    ...more,
  });
  const folder = (path: string, mode = 0o755): LayerEntry => entry(path, { type: "directory", mode });
  const link = (path: string, target: string): LayerEntry => entry(path, { type: "symlink", link: target, mode: 0o777 });
  const put = (writer: FolderWriter, path: string, content: string, more: Partial<LayerEntry> = {}): void => {
    const file = writer.file(entry(path, more));
    file.write(Buffer.from(content));
    file.end();
  };
  let outside: string;
  beforeEach(() => {
    outside = at("outside");
    mkdirSync(outside);
  });

  test("gets modes and times, of folders too, and hard links", async () => {
    const writer = await files.folder("out");
    writer.put(folder("shut", 0o555));
    put(writer, "shut/f", "content", { mode: 0o4711 });
    writer.put(link("l", "shut/f"));
    writer.put(entry("shut/hard", { type: "hardlink", link: "shut/f" }));
    put(writer, "old", "", { mtime: -5 });
    writer.close();
    expect(readFileSync(at("out/shut/hard"), "utf8")).toBe("content");
    expect(statSync(at("out/shut/hard")).ino).toBe(statSync(at("out/shut/f")).ino);
    expect((statSync(at("out/shut/f")).mode & 0o7777).toString(8)).toBe("4711");
    expect((statSync(at("out/shut")).mode & 0o777).toString(8)).toBe("555");
    expect([statSync(at("out/shut")), lstatSync(at("out/l")), statSync(at("out/shut/f")), statSync(at("out/old"))].map((s) => s.mtimeMs)).toEqual([
      1e6, 1e6, 1e6, -5000,
    ]);
    expect(readlinkSync(at("out/l"))).toBe("shut/f");
    chmodSync(at("out/shut"), 0o755);
  });

  test("is merged into: what is not in the image stays", async () => {
    mkdirSync(at("out/d"), { recursive: true });
    writeFileSync(at("out/d/kept"), "kept");
    writeFileSync(at("out/d/f"), "old");
    const writer = await files.folder("out");
    writer.put(folder("d"));
    put(writer, "d/f", "new");
    writer.close();
    expect(readdirSync(at("out/d")).map((name) => readFileSync(at(`out/d/${name}`), "utf8"))).toEqual(["new", "kept"]);
  });

  const escapes: Record<string, (writer: FolderWriter) => void> = {
    "a file through a link to a folder": (writer) => put(writer, "d/f", "evil"),
    "a folder in a link's place": (writer) => writer.put(folder("d")),
    "a file below a folder in a link's place": (writer) => {
      writer.put(folder("d"));
      put(writer, "d/f", "evil");
    },
    "a file in a link's place": (writer) => put(writer, "d", "evil"),
    "a hard link to something behind a link": (writer) => {
      try {
        writer.put(entry("stolen", { type: "hardlink", link: "d/secret" }));
      } catch (error) {
        expect(error).toMatchObject({ code: "file-unwritable" });
      }
    },
    "a file through a link that the image itself put": (writer) => {
      writer.put(link("own", outside));
      put(writer, "own/f", "evil");
    },
    "a file in the place of a link to a file": (writer) => put(writer, "to-secret", "evil"),
  };
  for (const [name, act] of Object.entries(escapes))
    test(`${name} stays inside`, async () => {
      writeFileSync(join(outside, "secret"), "secret");
      mkdirSync(at("out"));
      symlinkSync(outside, at("out/d"));
      symlinkSync(join(outside, "secret"), at("out/to-secret"));
      const writer = await files.folder("out");
      act(writer);
      writer.close();
      expect(readdirSync(outside)).toEqual(["secret"]);
      expect(readFileSync(join(outside, "secret"), "utf8")).toBe("secret");
      expect(statSync(join(outside, "secret")).nlink).toBe(1);
    });

  test("a path that is not clean is our own mistake", async () => {
    const writer = await files.folder("out");
    for (const path of ["../f", "/f", "a/../../f", "a//f", ""]) expect(() => put(writer, path, "evil")).toThrow("no clean path");
  });

  test("a folder that holds something is not removed for a file or link", async () => {
    mkdirSync(at("out/d/e"), { recursive: true });
    const writer = await files.folder("out");
    expect(() => put(writer, "d", "x")).toThrow(expect.objectContaining({ code: "output-conflict" }));
    expect(() => writer.put(link("d", "x"))).toThrow(expect.objectContaining({ code: "output-conflict" }));
    expect(readdirSync(at("out"))).toEqual(["d"]);
  });

  test("an empty folder makes room", async () => {
    mkdirSync(at("out/d"), { recursive: true });
    const writer = await files.folder("out");
    put(writer, "d", "x");
    expect(readFileSync(at("out/d"), "utf8")).toBe("x");
  });

  test("a file that is not ended leaves nothing", async () => {
    const writer = await files.folder("out");
    const file = writer.file(entry("f"));
    file.write(Buffer.from("half"));
    expect(readdirSync(at("out"))).toHaveLength(1);
    file.abort();
    file.abort();
    expect(readdirSync(at("out"))).toEqual([]);
  });

  test("a folder that may not be written to is opened for the while", async () => {
    mkdirSync(at("out/d"), { recursive: true });
    chmodSync(at("out/d"), 0o555);
    const writer = await files.folder("out");
    writer.put(folder("d", 0o500));
    put(writer, "d/f", "x");
    writer.close();
    expect((statSync(at("out/d")).mode & 0o777).toString(8)).toBe("500");
    chmodSync(at("out/d"), 0o755);
  });
});
