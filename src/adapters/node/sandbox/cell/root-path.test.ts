import { lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeInRoot, placeInRoot, type RootPathError } from "./root-path.ts";

let base: string;
let root: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "multihull-root-path-")));
  root = join(base, "root");
  mkdirSync(join(root, "etc"), { recursive: true });
  mkdirSync(join(root, "a/b"), { recursive: true });
  mkdirSync(join(base, "outside"));
  writeFileSync(join(base, "outside/secret"), "of the machine");
  writeFileSync(join(root, "etc/hosts"), "");
  for (const [at, to] of [
    ["up", "../../.."],
    ["abs", "/outside"],
    ["abs-out", join(base, "outside")],
    ["etc/resolv.conf", "../run/resolve/conf"],
    ["loop", "loop2"],
    ["loop2", "/loop"],
    ["a/in", "../etc"],
    ["dangling", "/not/there"],
    ["self", "."],
  ] as const)
    symlinkSync(to, join(root, at));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

describe("a path leads", () => {
  const cases: readonly [path: string, to: string, kind: string][] = [
    ["/", "", "folder"],
    ["", "", "folder"],
    ["/etc/hosts", "etc/hosts", "file"],
    ["//etc///./hosts/", "etc/hosts", "file"],
    ["/../../etc", "etc", "folder"],
    ["/a/../etc", "etc", "folder"],
    ["/up/etc", "etc", "folder"],
    ["/up/outside", "outside", "absent"],
    ["/abs/secret", "outside/secret", "absent"],
    ["/a/in/hosts", "etc/hosts", "file"],
    ["/etc/resolv.conf", "run/resolve/conf", "absent"],
    ["/dangling", "not/there", "absent"],
    ["/dangling/../x", "not/x", "absent"],
    ["/no/such/../../etc/hosts", "etc/hosts", "file"],
    ["/self/self/self/etc", "etc", "folder"],
  ];
  test.each(cases)("%s → %s (%s)", (path, to, kind) => {
    expect(placeInRoot(root, path)).toEqual({ path: to, kind });
  });

  test("to nowhere on the machine, also by a link that names it absolutely", () => {
    expect(placeInRoot(root, "/abs-out/secret").kind).toBe("absent");
  });

  test.each([
    ["/loop", "ELOOP"],
    ["/loop/x", "ELOOP"],
    ["/etc/hosts/x", "ENOTDIR"],
    ["/".concat("x/".repeat(5000)), "ENAMETOOLONG"],
  ])("not at all: %s", (path, code) => {
    expect(() => placeInRoot(root, path)).toThrow(expect.objectContaining({ name: "RootPathError", code }) as RootPathError);
  });

  test("to a link at its end, when that is to be kept", () => {
    expect(placeInRoot(root, "/a/in", "keep")).toEqual({ path: "a/in", kind: "file" });
    expect(placeInRoot(root, "/a/in/hosts", "keep")).toEqual({ path: "etc/hosts", kind: "file" });
  });
});

describe("what is missing is made", () => {
  test("inside the root, parents first, and told", () => {
    const made: string[] = [];
    expect(makeInRoot(root, "/abs/x/y", "file", (path) => made.push(path))).toEqual({ path: "outside/x/y", kind: "file" });
    expect(made).toEqual(["outside", "outside/x", "outside/x/y"]);
    expect(lstatSync(join(root, "outside/x/y")).size).toBe(0);
    expect(readdirSync(join(base, "outside"))).toEqual(["secret"]);
  });

  test("and nothing where it is there", () => {
    const made: string[] = [];
    expect(makeInRoot(root, "/a/in/hosts", "file", (path) => made.push(path)).path).toBe("etc/hosts");
    expect(made).toEqual([]);
  });
});
