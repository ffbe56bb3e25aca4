import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "../core/problem.ts";
import { goMatch, hasWildcard } from "./go-match.ts";

describe("goMatch", () => {
  test.each([
    ["main.go", "main.go", true],
    ["main.go", "main_go", false],
    ["*.go", "main.go", true],
    ["*.go", "cmd/main.go", false],
    ["*/*.go", "cmd/main.go", true],
    ["cmd*", "cmd/main.go", false],
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["a*b*c", "aXbYbZc", true],
    ["a*b*c", "aXbYbZ", false],
    ["?", "é", true],
    ["?", "\u{1f600}", true],
    ["?", "/", false],
    ["a?b", "a/b", false],
    ["[a-c]x", "bx", true],
    ["[^a-c]x", "bx", false],
    ["[\\]a]", "]", true],
    ["[a\\-c]", "-", true],
    ["[*]", "*", true],
    ["[^x]", "/", true],
    ["*[^x]*b", "aa/b", false],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["**", "ab", true],
    ["**", "a/b", false],
  ])("%j against %j: %s", (pattern, name, expected) => expect(goMatch(pattern, name)).toBe(expected));

  test.each(["[", "[a", "[]", "[a-", "[-a]", "[a-]", "\\", "[\\", "a[^]"])("%j is malformed", (pattern) => {
    expect(() => goMatch(pattern, "a")).toThrow(expect.objectContaining({ code: "dockerfile-syntax" }));
  });

  test("does not look behind the part that fails, as Go", () => {
    expect(goMatch("b*[", "a")).toBe(false);
  });

  test("a pattern of text matches itself only, whatever the text", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, other) => {
        const pattern = text.replace(/[\\*?[]/g, "\\$&");
        expect([goMatch(pattern, text), goMatch(pattern, other)]).toEqual([true, other === text]);
      }),
    );
  });

  test("a hostile pattern ends, and any pattern answers or is a problem", () => {
    expect(goMatch("a*".repeat(200), "a".repeat(2000).concat("/"))).toBe(false);
    fc.assert(
      fc.property(fc.array(fc.constantFrom("*", "?", "[", "]", "^", "-", "\\", "a", "/")), fc.string(), (pieces, name) => {
        try {
          goMatch(pieces.join(""), name);
        } catch (error) {
          if (!isProblem(error, "dockerfile-syntax")) throw error;
        }
      }),
    );
  });
});

test.each([
  ["a/b.txt", false],
  ["a/*.txt", true],
  ["a\\*", false],
  ["a\\\\*", true],
  ["a?", true],
  ["[a]", true],
  ["a]", false],
])("hasWildcard(%j) is %s", (path, expected) => expect(hasWildcard(path)).toBe(expected));
