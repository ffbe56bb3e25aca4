import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeFolder } from "./make-folder.ts";

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return { ...fs, mkdirSync: vi.fn(fs.mkdirSync) };
});

let room: string;
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), "multihull-folder-"));
});
afterEach(() => rmSync(room, { recursive: true, force: true }));

const missing = (): Error => Object.assign(new Error("ENOENT: no such file or directory"), { code: "ENOENT" });

test("makes the folders above", () => {
  makeFolder(join(room, "a", "b", "c"));
  expect(existsSync(join(room, "a", "b", "c"))).toBe(true);
});

test("is content when it is there", () => {
  makeFolder(room);
  expect(existsSync(room)).toBe(true);
});

test("is content when another process makes the folder above right after it was missed", () => {
  const path = join(room, "a", "b");
  vi.mocked(mkdirSync).mockImplementationOnce(() => {
    mkdirSync(dirname(path));
    throw missing();
  });
  makeFolder(path);
  expect(existsSync(path)).toBe(true);
});

test.each([
  ["a file is in the way", () => join(room, "file")],
  ["a file is above", () => join(room, "file", "a")],
  ["the file system takes no new folders", () => "/proc/multihull/a"],
])("fails when %s", (_, path) => {
  writeFileSync(join(room, "file"), "");
  expect(() => makeFolder(path())).toThrow(/^E(EXIST|NOTDIR|NOENT)/);
});
