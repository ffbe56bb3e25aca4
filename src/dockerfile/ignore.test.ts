import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "../core/problem.ts";
import { ignoreMatcher, parseIgnore } from "./ignore.ts";

test("a file's lines become clean patterns", () => {
  const text = "\ufeff# comment\n # not one\n\n  node_modules/  \r\n/dist\n./a/../b\n! /c/\n!\n/\n.\n**/*.tmp\n";
  expect(parseIgnore(text)).toEqual(["# not one", "node_modules", "dist", "b", "!c", "!", "/", ".", "**/*.tmp"]);
});

describe("ignoreMatcher", () => {
  const tree = ["a", "a/b", "a/b/c", "a/b/c.go", "a/x.go", "x.go", "b", "b/a", ".git", ".git/config", "docs", "docs/a.md", "docs/keep/b.md"];
  test.each([
    ["nothing", [], []],
    ["a file", ["x.go"], ["x.go"]],
    ["a folder and all below", ["a"], ["a", "a/b", "a/b/c", "a/b/c.go", "a/x.go"]],
    ["star stays in its folder", ["*.go"], ["x.go"]],
    ["star in a deeper folder", ["*/*.go"], ["a/x.go"]],
    ["** any depth", ["**/*.go"], ["a/b/c.go", "a/x.go", "x.go"]],
    ["** and a name", ["**/a"], ["a", "a/b", "a/b/c", "a/b/c.go", "a/x.go", "b/a"]],
    ["** at the end", ["a/**"], ["a/b", "a/b/c", "a/b/c.go", "a/x.go"]],
    ["** in the middle", ["a/**/c"], ["a/b/c"]],
    ["all", ["**"], tree],
    ["all but", ["*", "!b"], tree.filter((path) => path !== "b" && path !== "b/a")],
    ["exception below", ["docs", "!docs/keep"], ["docs", "docs/a.md"]],
    ["exception undone", ["docs", "!docs/keep", "docs/keep/*.md"], ["docs", "docs/a.md", "docs/keep/b.md"]],
    ["exception first does nothing", ["!a", "a"], ["a", "a/b", "a/b/c", "a/b/c.go", "a/x.go"]],
    ["question mark", ["?"], ["a", "a/b", "a/b/c", "a/b/c.go", "a/x.go", "b", "b/a"]],
    ["set", ["[b-c]"], ["b", "b/a"]],
    ["set of others", ["[^b]"], ["a", "a/b", "a/b/c", "a/b/c.go", "a/x.go"]],
    ["escaped star", ["\\*.go"], []],
    ["dot is no wildcard", ["xxgo", "x.go"], ["x.go"]],
    ["leading slash of --exclude is kept", ["/a"], []],
    ["white space around", ["  b  "], ["b", "b/a"]],
    ["cleaned", ["./a/../b/"], ["b", "b/a"]],
    ["a last backslash stands for a dollar", ["*b**\\"], []],
    ["backslash and letter is Go's word boundary", ["\\bx.go"], ["x.go"]],
  ])("%s", (_name, rules, ignored) => {
    const matcher = ignoreMatcher(rules);
    expect(tree.filter((path) => matcher.ignored(path))).toEqual(ignored);
  });

  test.each([
    [["a"], "a", false],
    [["a"], "b", true],
    [["a", "!a/b/c"], "a", true],
    [["a", "!a/b/c"], "a/b", true],
    [["a", "!a/b/c"], "a/x", false],
    [["*", "!docs/*.md"], "docs", true],
    [["*", "!docs/*.md"], "src", false],
    [["*", "!**/*.md"], "src/deep", true],
    [["*", "!src*/x"], "srcs", true],
    [["a", "!b"], "a", false],
    [[], "a", true],
  ])("%j: below %j may be something wanted: %s", (rules, folder, expected) => {
    expect(ignoreMatcher(rules).mayHoldIncluded(folder)).toBe(expected);
  });

  test.each([[["!"]], [["["]], [["a["]]])("%j is a problem at once", (rules) => {
    expect(() => ignoreMatcher(rules)).toThrow(expect.objectContaining({ code: "dockerfile-syntax" }));
  });

  test("a pattern that only the regular expression behind it refuses is a problem when it is asked", () => {
    const matcher = ignoreMatcher(["\\y"]);
    expect(() => matcher.ignored("a")).toThrow(expect.objectContaining({ code: "dockerfile-syntax" }));
  });

  test("too many patterns are refused", () => {
    expect(() => ignoreMatcher(Array.from({ length: 10_001 }, () => "a"))).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
  });

  test("hostile patterns take no exponential time", () => {
    const matcher = ignoreMatcher([`${"**/*a".repeat(20)}b`]);
    expect(matcher.ignored(`${"a/".repeat(60)}a`)).toBe(false);
  });

  test("what a walk skips holds nothing that is wanted", () => {
    const part = fc.constantFrom("a", "b", "*", "**", "?", "[a]", "c*");
    const rule = fc.tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 3 })).map(([not, parts]) => (not ? "!" : "") + parts.join("/"));
    const path = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 5 }), path, (rules, parts) => {
        const matcher = ignoreMatcher(rules);
        for (let i = 1; i < parts.length; i++) {
          if (!matcher.mayHoldIncluded(parts.slice(0, i).join("/"))) expect(matcher.ignored(parts.join("/"))).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("any lines answer or are a problem", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (text, path) => {
        try {
          ignoreMatcher(parseIgnore(text)).ignored(path);
        } catch (error) {
          if (!isProblem(error)) throw error;
        }
      }),
    );
  });
});
