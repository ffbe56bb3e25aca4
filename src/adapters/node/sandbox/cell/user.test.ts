import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CellRefusal } from "./refusal.ts";
import { userOf } from "./user.ts";

let root: string;
const PASSWD = `root:x:0:0:root:/root:/bin/sh
# a comment
app:x:1000:1001:App:/home/app:/bin/sh
twin:x:1000:7:Twin:/twin:/bin/sh
minus:x:-1:-1::/:
huge:x:4294967296:0::/:
short:x
homeless:x:3000:50:::
1234:x:55:56::/numbers:
`;
const GROUP = `root:x:0:root
bin:x:1:root,daemon
app:x:1001:
docker:x:999:app,other
more:x:1001:app
staff:x:50:app
bad:x:-1:app
`;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "multihull-user-"));
  mkdirSync(join(root, "etc"));
  writeFileSync(join(root, "etc/passwd"), PASSWD);
  writeFileSync(join(root, "etc/group"), GROUP);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const refusal = (spec: string): string => {
  try {
    return `no refusal: ${JSON.stringify(userOf(root, spec))}`;
  } catch (error) {
    if (!(error instanceof CellRefusal)) throw error;
    expect(error.refusal.code).toBe("run-failed");
    return error.message;
  }
};

describe("USER", () => {
  test.each([
    ["", { uid: 0, gid: 0, groups: [0, 1], home: "/root" }],
    ["root", { uid: 0, gid: 0, groups: [0, 1], home: "/root" }],
    ["app", { uid: 1000, gid: 1001, groups: [1001, 999, 50], home: "/home/app" }],
    ["1000", { uid: 1000, gid: 1001, groups: [1001, 999, 50], home: "/home/app" }],
    ["twin", { uid: 1000, gid: 7, groups: [7], home: "/home/app" }],
    ["app:staff", { uid: 1000, gid: 50, groups: [50], home: "/home/app" }],
    ["app:50", { uid: 1000, gid: 50, groups: [50], home: "/home/app" }],
    ["app:4711", { uid: 1000, gid: 4711, groups: [4711], home: "/home/app" }],
    ["1000:50", { uid: 1000, gid: 50, groups: [50], home: "/home/app" }],
    ["2000", { uid: 2000, gid: 0, groups: [0], home: "/" }],
    ["2000:staff", { uid: 2000, gid: 50, groups: [50], home: "/" }],
    ["1234", { uid: 1234, gid: 0, groups: [0], home: "/" }],
    ["root:root", { uid: 0, gid: 0, groups: [0], home: "/root" }],
    ["root:50", { uid: 0, gid: 50, groups: [50], home: "/root" }],
    [":staff", { uid: 0, gid: 50, groups: [50], home: "/root" }],
    ["homeless", { uid: 3000, gid: 50, groups: [50], home: "" }],
    ["3000:0", { uid: 3000, gid: 0, groups: [0], home: "" }],
  ])("%s", (spec, user) => {
    expect(userOf(root, spec)).toEqual(user);
  });

  test.each([
    ["nobody", 'there is no user "nobody" in /etc/passwd of the stage'],
    ["app:nogroup", 'there is no group "nogroup" in /etc/group of the stage'],
    ["minus", 'there is no user "minus" in /etc/passwd of the stage'],
    ["huge", 'there is no user "huge" in /etc/passwd of the stage'],
    ["short", 'there is no user "short" in /etc/passwd of the stage'],
    ["app:bad", 'there is no group "bad" in /etc/group of the stage'],
    ["-1", 'user "-1" cannot be: numbers go from 0 to 2147483647'],
    ["4294967295", 'user "4294967295" cannot be: numbers go from 0 to 2147483647'],
    ["0:4294967295", 'user "0:4294967295" cannot be: numbers go from 0 to 2147483647'],
  ])("%s is refused", (spec, message) => {
    expect(refusal(spec)).toBe(message);
  });
});

describe("a hostile passwd", () => {
  const replace = (put: (path: string) => void): void => {
    rmSync(join(root, "etc/passwd"));
    put(join(root, "etc/passwd"));
  };
  test("that is a link to the machine's is not read", () => {
    const outside = mkdtempSync(join(tmpdir(), "multihull-outside-"));
    try {
      writeFileSync(join(outside, "passwd"), "app:x:0:0::/:\n");
      replace((path) => symlinkSync(join(outside, "passwd"), path));
      expect(refusal("app")).toBe('there is no user "app" in /etc/passwd of the stage');
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  test("that is missing: numbers and root:root need none", () => {
    replace(() => {});
    rmSync(join(root, "etc/group"));
    expect(userOf(root, "root:root")).toEqual({ uid: 0, gid: 0, groups: [0], home: "/" });
    expect(userOf(root, "7:root")).toEqual({ uid: 7, gid: 0, groups: [0], home: "/" });
    expect(refusal("root")).toBe('there is no user "root" in /etc/passwd of the stage');
  });

  test("that is a fifo does not block", () => {
    replace((path) => execFileSync("mkfifo", [path]));
    expect(refusal("app")).toBe('there is no user "app" in /etc/passwd of the stage');
    expect(userOf(root, "").uid).toBe(0);
  });

  test("that is a folder counts as missing", () => {
    replace((path) => mkdirSync(path));
    expect(userOf(root, "7:8")).toEqual({ uid: 7, gid: 8, groups: [8], home: "/" });
  });

  test("of a gigabyte is not read", () => {
    truncateSync(join(root, "etc/passwd"), 2 ** 30);
    expect(refusal("app")).toBe("/etc/passwd of the stage has 1073741824 bytes, more than the 10485760 that are read to find a user");
    expect(userOf(root, "")).toMatchObject({ uid: 0, gid: 0 });
  });
});
