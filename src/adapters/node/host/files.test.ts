import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hostFiles } from "./files.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "host-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

test("a file, and one that is not there", () => {
  writeFileSync(at("a"), "text");
  expect(hostFiles().read(at("a"), false)).toEqual({ kind: "text", text: "text" });
  expect(hostFiles().read(at("b"), true)).toEqual({ kind: "absent" });
  expect(hostFiles().read(at("a/b"), true)).toEqual({ kind: "absent" });
});

test("a link is told as one, or read through", () => {
  mkdirSync(at("deep"));
  writeFileSync(at("deep/a"), "text");
  symlinkSync("deep/a", at("link"));
  symlinkSync("/nowhere", at("dangling"));
  expect(hostFiles().read(at("link"), false)).toEqual({ kind: "symlink", linkTo: at("deep/a") });
  expect(hostFiles().read(at("link"), true)).toEqual({ kind: "text", text: "text" });
  expect(hostFiles().read(at("dangling"), false)).toEqual({ kind: "symlink", linkTo: "/nowhere" });
  expect(hostFiles().read(at("dangling"), true)).toEqual({ kind: "absent" });
});

test("what is no file, or too long, is not read", () => {
  expect(hostFiles().read(folder, true)).toEqual({ kind: "unreadable", why: "it is no regular file" });
  writeFileSync(at("long"), "x".repeat(5 * 1024 * 1024));
  expect(hostFiles().read(at("long"), true)).toEqual({ kind: "unreadable", why: "it has more than 4194304 bytes" });
});

test.skipIf(process.platform === "win32")("a fifo that nobody writes to holds nobody up", () => {
  execFileSync("mkfifo", [at("fifo")]);
  expect(hostFiles().read(at("fifo"), true)).toEqual({ kind: "unreadable", why: "it is no regular file" });
});

test.skipIf(process.platform !== "linux")("files of /proc, which tell no size", () => {
  expect(hostFiles().read("/proc/self/cmdline", true)).toMatchObject({ kind: "text", text: expect.stringContaining("\0") });
});

test("names of a folder, in order", () => {
  writeFileSync(at("b"), "");
  writeFileSync(at("B"), "");
  writeFileSync(at("a"), "");
  expect(hostFiles().list(folder)).toEqual(["B", "a", "b"]);
  expect(hostFiles().list(at("none"))).toEqual([]);
});

test("what may be replaced", () => {
  expect(hostFiles().writable(at("new"))).toBe(true);
  expect(hostFiles().writable(at("none/new"))).toBe(false);
});

test.skipIf(process.getuid?.() === 0)("a file without the right to read it", () => {
  writeFileSync(at("a"), "text");
  chmodSync(at("a"), 0);
  expect(hostFiles().read(at("a"), true)).toEqual({ kind: "unreadable", why: "you have no right to read it" });
});
