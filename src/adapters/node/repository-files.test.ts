import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findRepository, openRepository } from "./repository-files.ts";

const top = mkdtempSync(join(tmpdir(), "multihull-files-"));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const root = join(top, "repo");
mkdirSync(join(root, ".github/workflows"), { recursive: true });
mkdirSync(join(root, "app"));
const put = (path: string, content: string | Uint8Array): void => writeFileSync(join(root, path), content);
put(".github/workflows/b.yml", "on: push\n");
put(".github/workflows/a.yml", "on: push\n");
put("app/action.yml", "runs:\n");
put("mark.txt", "\ufeffa\r\n");
put("latin1.txt", Uint8Array.of(0x61, 0xe9, 0x62));
put("utf16.txt", Uint8Array.of(0xff, 0xfe, 0x61, 0));
put("binary", Uint8Array.of(0x7f, 0x45, 0, 1));
put("large", Buffer.alloc(10 * 1024 * 1024 + 1, "a"));
put("just-fits", Buffer.alloc(10 * 1024 * 1024, "a"));
writeFileSync(join(top, "secret"), "outside");
symlinkSync("../secret", join(root, "out"));
symlinkSync("app/action.yml", join(root, "within"));
symlinkSync("loop", join(root, "loop"));
symlinkSync("..", join(root, "up"));
execFileSync("mkfifo", [join(root, "fifo")]);

const files = openRepository(root);

describe("a file", () => {
  const cases: Record<string, { path: string; is: object }> = {
    "as text": { path: "app/action.yml", is: { kind: "text", file: { name: "app/action.yml", text: "runs:\n" } } },
    "named another way, under its own name": { path: "./app//action.yml", is: { kind: "text", file: { name: "app/action.yml" } } },
    "without its byte-order mark, with its line ends": { path: "mark.txt", is: { kind: "text", file: { text: "a\r\n" } } },
    "with what is no UTF-8 replaced": { path: "latin1.txt", is: { kind: "text", file: { text: "a\ufffdb" } } },
    "through a link within": { path: "within", is: { kind: "text", file: { name: "within", text: "runs:\n" } } },
    "not through a link that leads out": { path: "out", is: { kind: "missing" } },
    "not below a folder that leads out": { path: "up/secret", is: { kind: "missing" } },
    "not above the root": { path: "../secret", is: { kind: "missing" } },
    "not through a link to itself": { path: "loop", is: { kind: "missing" } },
    "not a folder": { path: "app", is: { kind: "missing" } },
    "not one that is not there": { path: "app/nothing", is: { kind: "missing" } },
    "not below a file": { path: "mark.txt/a", is: { kind: "missing" } },
    "not with a zero in its name": { path: "a\0b", is: { kind: "missing" } },
    "not UTF-16": { path: "utf16.txt", is: { kind: "refused", reason: "it is UTF-16, and UTF-8 is wanted" } },
    "not a binary": { path: "binary", is: { kind: "refused", reason: "it is binary, and a text is wanted" } },
    "not a fifo": { path: "fifo", is: { kind: "refused", reason: "it is no regular file" } },
    "not above the limit": { path: "large", is: { kind: "refused", reason: "it has more than the 10 MB that we read of a file" } },
    "at the limit": { path: "just-fits", is: { kind: "text" } },
  };
  for (const [name, { path, is }] of Object.entries(cases)) test(name, () => expect(files.read(path)).toMatchObject(is));
  test("is the same object each time", () => expect(files.read("./within")).toBe(files.read("within")));
});

describe("a folder", () => {
  test("lists its files, sorted, with links that lead to some", () =>
    expect(files.list("")).toEqual(["binary", "just-fits", "large", "latin1.txt", "mark.txt", "utf16.txt", "within"]));
  test("of workflows", () => expect(files.list(".github/workflows/")).toEqual(["a.yml", "b.yml"]));
  test("that is not there is empty", () => expect(files.list("nowhere")).toEqual([]));
  test("above the root is empty", () => expect(files.list("..")).toEqual([]));
});

describe("the repository of a path", () => {
  const cases: Record<string, { path: string; root: string; of: string | undefined }> = {
    "a folder is one": { path: root, root, of: undefined },
    "its .github is in it": { path: join(root, ".github/workflows"), root, of: undefined },
    "a workflow is in the folder above .github": { path: join(root, ".github/workflows/a.yml"), root, of: ".github/workflows/a.yml" },
    "any other file is in the nearest with a .github": { path: join(root, "app/action.yml"), root, of: "app/action.yml" },
  };
  for (const [name, { path, root: is, of }] of Object.entries(cases)) test(name, () => expect(findRepository(path)).toMatchObject({ root: is, path: of }));
  test("nothing has none", () => expect(findRepository(join(root, "nowhere"))).toBeUndefined());
});
