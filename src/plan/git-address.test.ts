import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "../core/problem.ts";
import { type GitAddress, parseGitAddress, withoutSecrets } from "./git-address.ts";

test.each([
  ["https://h.example/o/r.git", { remote: "https://h.example/o/r.git" }],
  ["http://h.example/r.git#main", { remote: "http://h.example/r.git", ref: "main" }],
  ["https://h.example/r.git#:docs", { remote: "https://h.example/r.git", subdirectory: "docs" }],
  ["https://h.example/r.git#v1:/a/../b//c/", { remote: "https://h.example/r.git", ref: "v1", subdirectory: "b/c" }],
  ["git://h.example/anything", { remote: "git://h.example/anything" }],
  ["ssh://git@h.example:22/r", { remote: "ssh://git@h.example:22/r" }],
  ["git@h.example:o/r#v1", { remote: "git@h.example:o/r", ref: "v1" }],
  ["git@h.example:o/r.git?ref=v1&subdir=x", { remote: "git@h.example:o/r.git", ref: "v1", subdirectory: "x" }],
  ["https://h.example/r.git?tag=v1", { remote: "https://h.example/r.git", ref: "refs/tags/v1" }],
  ["https://h.example/r.git?branch=refs/heads/b", { remote: "https://h.example/r.git", ref: "refs/heads/b" }],
  ["https://h.example/r.git?commit=abc&keep-git-dir", { remote: "https://h.example/r.git", checksum: "abc", keepGitDir: true }],
  ["https://h.example/r.git?keep-git-dir=0&submodules=F", { remote: "https://h.example/r.git", keepGitDir: false, submodules: false }],
  ["https://h.example/r.git?ref=v1#v1", { remote: "https://h.example/r.git", ref: "v1" }],
] satisfies [string, GitAddress][])("%s is an address", (text, wanted) => {
  expect(parseGitAddress(text)).toEqual(wanted);
});

test.each([
  "r.git",
  "./r.git",
  "../git@h:x",
  "https://h.example/r",
  "https://h.example/r.git/",
  "ftp://h.example/r.git",
  "github.com/o/r",
  "a:b",
  "https://",
  "",
])("%j is none", (text) => {
  expect(parseGitAddress(text)).toBeUndefined();
});

test.each([
  ["?ref=a#b", 'two values for ref: "b" and "a"'],
  ["?tag=a&branch=b", "a tag and a branch"],
  ["?ref=a&ref=b", '"ref" more than once'],
  ["?ref=", 'no value for "ref"'],
  ["?submodules=maybe", "neither true nor false"],
  ["?mtime=commit", 'only "checkout" is supported'],
  ["?reff=a", 'unknown word "reff"'],
])("%s contradicts itself", (rest, why) => {
  expect(() => parseGitAddress(`https://me:pw@h.example/r.git${rest}`)).toThrow(why);
  expect(() => parseGitAddress(`https://me:pw@h.example/r.git${rest}`)).not.toThrow("pw");
});

describe("any text", () => {
  test("is an address, none, or a problem", () => {
    const text = fc.oneof(
      fc.string(),
      fc.webUrl({ withFragments: true, withQueryParameters: true }).map((url) => url.replace(/(?=[?#]|$)/, ".git")),
    );
    fc.assert(
      fc.property(text, (one) => {
        try {
          const found = parseGitAddress(one);
          return found === undefined || (!found.remote.includes("#") && !found.remote.includes("?"));
        } catch (error) {
          return isProblem(error, "dockerfile-semantics");
        }
      }),
    );
  });
});

test.each([
  ["ADD https://me:pw@h.example/f /d", "ADD https://h.example/f /d"],
  ["https://token@h/a ssh://git@h/b", "https://h/a ssh://h/b"],
  ["COPY a@b /x", "COPY a@b /x"],
])("secrets are taken out of %s", (text, wanted) => {
  expect(withoutSecrets(text)).toBe(wanted);
});
