import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeInRoot } from "./root-path.ts";
import { noteStub, removeStubs, type Stub } from "./stubs.ts";

const koffi = ((): boolean => {
  try {
    createRequire(import.meta.url)("koffi");
    return process.platform === "linux";
  } catch {
    return false;
  }
})();

describe.skipIf(!koffi)(`mount stubs${koffi ? "" : " (koffi is not installed, or this is not Linux)"}`, () => {
  let base: string;
  let upper: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "multihull-stubs-"));
    upper = join(base, "upper");
    mkdirSync(join(upper, "etc"), { recursive: true });
    utimesSync(join(upper, "etc"), 1000, 1000.5);
    mkdirSync(join(base, "outside/sub"), { recursive: true });
    writeFileSync(join(base, "outside/empty"), "");
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const make = (path: string, kind: "folder" | "file"): Stub[] => {
    const stubs: Stub[] = [];
    makeInRoot(upper, path, kind, (made) => stubs.push(noteStub(upper, made, made === path ? kind : "folder")));
    return stubs;
  };

  test("go away, all of a path, and the folder keeps the time at which they were made, to the nanosecond", () => {
    const stubs = make("etc/a/b/c", "file");
    const after = lstatSync(join(upper, "etc"), { bigint: true }).mtimeNs;
    removeStubs(upper, stubs);
    expect(readdirSync(join(upper, "etc"))).toEqual([]);
    expect(lstatSync(join(upper, "etc"), { bigint: true }).mtimeNs).toBe(after);
  });

  test("the folder keeps its time when something else has changed it", () => {
    const stubs = make("etc/hosts", "file");
    writeFileSync(join(upper, "etc/new"), "");
    utimesSync(join(upper, "etc"), 2000, 2000);
    removeStubs(upper, stubs);
    expect(readdirSync(join(upper, "etc"))).toEqual(["new"]);
    expect(lstatSync(join(upper, "etc")).mtimeMs).toBe(2_000_000);
  });

  const kept: readonly [what: string, path: string, kind: "folder" | "file", change: () => void, left: () => boolean][] = [
    ["a file that has something in it now", "etc/f", "file", () => writeFileSync(join(upper, "etc/f"), "x"), () => existsSync(join(upper, "etc/f"))],
    ["a folder that has something in it now", "etc/d", "folder", () => writeFileSync(join(upper, "etc/d/x"), ""), () => existsSync(join(upper, "etc/d/x"))],
    ["a file with a second name", "etc/f", "file", () => linkSync(join(upper, "etc/f"), join(upper, "etc/g")), () => existsSync(join(upper, "etc/f"))],
    [
      "another file of that name",
      "etc/f",
      "file",
      () => {
        writeFileSync(join(upper, "etc/g"), "");
        renameSync(join(upper, "etc/g"), join(upper, "etc/f"));
      },
      () => existsSync(join(upper, "etc/f")),
    ],
    [
      "what a link leads to that has taken the folder's place (CVE-2024-23652)",
      "way/empty",
      "file",
      () => {
        rmSync(join(upper, "way"), { recursive: true });
        symlinkSync(join(base, "outside"), join(upper, "way"));
      },
      () => existsSync(join(base, "outside/empty")),
    ],
    [
      "what a link leads to that has taken the stub's place",
      "etc/sub",
      "folder",
      () => {
        rmdirSync(join(upper, "etc/sub"));
        symlinkSync(join(base, "outside/sub"), join(upper, "etc/sub"));
      },
      () => existsSync(join(base, "outside/sub")) && lstatSync(join(upper, "etc/sub")).isSymbolicLink(),
    ],
    [
      "the very same file, moved out and linked to",
      "way/f",
      "file",
      () => {
        renameSync(join(upper, "way"), join(base, "outside/way"));
        symlinkSync(join(base, "outside/way"), join(upper, "way"));
      },
      () => existsSync(join(base, "outside/way/f")),
    ],
  ];
  test.each(kept)("stays: %s", (_, path, kind, change, left) => {
    const stubs = make(path, kind);
    change();
    removeStubs(upper, stubs);
    expect(left()).toBe(true);
  });

  test("a stub that the program has removed is no matter", () => {
    const stubs = make("etc/a/b", "folder");
    rmSync(join(upper, "etc/a"), { recursive: true });
    removeStubs(upper, stubs);
    expect(readdirSync(join(upper, "etc"))).toEqual([]);
  });
});
