import { describe, expect, test } from "vitest";
import { READ_FILES, readLimit } from "./read-files.ts";

describe("files that rules read", () => {
  for (const path of [
    "etc/os-release",
    "var/lib/dpkg/status",
    "var/lib/dpkg/status.d/libc6",
    "etc/ld.so.conf.d/x86_64-linux-gnu.conf",
    "etc/ld-musl-aarch64.path",
  ]) {
    test(`${path} is one`, () => expect(readLimit(path)).toBeGreaterThan(0));
  }
  const none = [
    "etc/shadow",
    "root/.npmrc",
    "etc/os-release/x",
    "var/lib/dpkg/status.d/",
    "var/lib/dpkg/status.d/a/b",
    "etc/ld.so.conf.d/.conf",
    "etc/ld.so.conf.d/a.txt",
    "x/etc/passwd",
    "",
  ];
  for (const path of none) test(`"${path}" is none`, () => expect(readLimit(path)).toBeUndefined());

  test("each pattern has its limit", () => {
    for (const [pattern, limit] of Object.entries(READ_FILES)) expect(readLimit(pattern.replace("*", "any")), pattern).toBe(limit);
  });
});
