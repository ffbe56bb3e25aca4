import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exactText, replaceTexts, withMark } from "./edit-files.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "multihull-edit-"));
  mkdirSync(join(root, "repo"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const repo = (): string => join(root, "repo");
const put = (name: string, content: string | Uint8Array): void => writeFileSync(join(repo(), name), content);
const get = (name: string): string => readFileSync(join(repo(), name), "utf8");

describe("files are replaced", () => {
  test("with their modes, and nothing else is left", () => {
    put("a", "x\n");
    chmodSync(join(repo(), "a"), 0o754);
    replaceTexts(repo(), [{ path: "a", before: "x\n", after: "y\n" }]);
    expect(get("a")).toBe("y\n");
    expect(statSync(join(repo(), "a")).mode & 0o777).toBe(0o754);
    expect(readdirSync(repo())).toEqual(["a"]);
  });
  test("with their byte-order marks", () => {
    put("a", "\ufeffx\r\n");
    const exact = exactText(repo(), "a");
    expect(withMark(exact, "a", "y\r\n")).toEqual({ path: "a", before: "\ufeffx\r\n", after: "\ufeffy\r\n" });
    replaceTexts(repo(), [withMark(exact, "a", "y\r\n")]);
    expect(readFileSync(join(repo(), "a")).toString("hex")).toBe("efbbbf790d0a");
  });
  test("where a link leads to, and the link stays", () => {
    put("a", "x");
    symlinkSync("a", join(repo(), "link"));
    replaceTexts(repo(), [{ path: "link", before: "x", after: "y" }]);
    expect([get("a"), lstatSync(join(repo(), "link")).isSymbolicLink()]).toEqual(["y", true]);
  });
});

describe("nothing is written", () => {
  const refusal = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });
  const replace = (...paths: string[]) => {
    try {
      replaceTexts(
        repo(),
        paths.map((path) => ({ path, before: "x", after: "y" })),
      );
    } catch (error) {
      return error;
    }
    return undefined;
  };
  beforeEach(() => put("a", "x"));
  afterEach(() => {
    expect(get("a")).toBe("x");
    expect(readdirSync(repo()).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("through a link that leads out", () => {
    writeFileSync(join(root, "outside"), "x");
    symlinkSync("../outside", join(repo(), "b"));
    expect(replace("a", "b")).toEqual(refusal("file-unwritable", /^"b" leads out of the repository$/));
    expect(readFileSync(join(root, "outside"), "utf8")).toBe("x");
  });
  test("along a path that leads out", () => {
    writeFileSync(join(root, "outside"), "x");
    expect(replace("a", "../outside")).toEqual(refusal("file-unwritable", /leads out/));
  });
  test("when one of the files has changed", () => {
    put("b", "z");
    expect(replace("a", "b")).toEqual(refusal("file-unwritable", /^"b" was changed by someone else/));
  });
  test("when one of the files is gone", () => expect(replace("a", "b")).toEqual(refusal("file-unwritable", /^"b" cannot be written: ENOENT$/)));
  test("when one of the files is no UTF-8", () => {
    put("b", Uint8Array.of(0x78, 0xff));
    expect(replace("a", "b")).toEqual(refusal("file-unwritable", /^"b" is not written in UTF-8/));
    expect(() => exactText(repo(), "b")).toThrow(/not written in UTF-8/);
  });
});
