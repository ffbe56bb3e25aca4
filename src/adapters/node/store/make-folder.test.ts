import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";

/** Does what mkdirSync does, unless told otherwise for once. */
const make = vi.fn(mkdirSync);
let makeFolder: typeof import("./make-folder.ts").makeFolder;
beforeAll(async () => {
  vi.doMock("node:fs", async (original) => ({ ...(await original<typeof import("node:fs")>()), mkdirSync: make }));
  // Other tests may have loaded it with the real one.
  vi.resetModules();
  ({ makeFolder } = await import("./make-folder.ts"));
});
afterAll(() => {
  vi.doUnmock("node:fs");
  vi.resetModules();
});

let room: string;
beforeEach(() => {
  make.mockClear();
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
  make.mockImplementationOnce(() => {
    mkdirSync(dirname(path));
    throw missing();
  });
  makeFolder(path);
  expect(make.mock.calls.map(([made]) => made)).toEqual([path, path]);
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
