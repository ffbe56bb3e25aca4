import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listAdmits } from "./filter.ts";
import { compileFilterPattern, fitsPattern } from "./filter-pattern.ts";

const fits = (pattern: string, name: string): boolean => fitsPattern(compileFilterPattern(pattern), name);

const cases: Record<string, { yes: string[]; no: string[] }> = {
  main: { yes: ["main"], no: ["Main", "main2", "x/main", ""] },
  "*": { yes: ["main", "", "v1.2"], no: ["a/b"] },
  "**": { yes: ["main", "a/b/c", ""], no: [] },
  "feature/*": { yes: ["feature/x", "feature/"], no: ["feature/x/y", "feature"] },
  "feature/**": { yes: ["feature/x", "feature/x/y"], no: ["features/x"] },
  "*release*": { yes: ["release", "my-release-1"], no: ["a/release"] },
  "v[12].[0-9]+.[0-9]+": { yes: ["v1.10.1", "v2.0.0"], no: ["v3.0.0", "v1.10", "v1..1"] },
  "v*.*.*": { yes: ["v1.2.3", "v1.2.3-rc.1"], no: ["v1.2"] },
  "*.jsx?": { yes: ["a.js", "a.jsx"], no: ["a.jsxx", "b/a.js"] },
  "go+gle": { yes: ["gogle", "gooogle"], no: ["ggle"] },
  "**/README.md": { yes: ["README.md", "a/b/README.md"], no: ["xREADME.md"] },
  "**/docs/**": { yes: ["docs/a.md", "x/docs/a/b"], no: ["xdocs/a", "docs"] },
  "docs/**/*.md": { yes: ["docs/a.md", "docs/a/b.md"], no: ["docs/a.txt", "a/docs/b.md"] },
  "**.js": { yes: ["a.js", "a/b.js"], no: ["a.ts"] },
  "**/*src/**": { yes: ["a/src/app.js", "my-src/code/js/app.js"], no: ["src"] },
  "a\\*b": { yes: ["a*b"], no: ["axb"] },
  "[ab": { yes: ["[ab"], no: ["a"] },
  "v[a-]x": { yes: ["vax", "v-x"], no: ["vbx"] },
};
for (const [pattern, { yes, no }] of Object.entries(cases)) {
  test(pattern, () => {
    expect(yes.filter((name) => !fits(pattern, name))).toEqual([]);
    expect(no.filter((name) => fits(pattern, name))).toEqual([]);
  });
}

describe("a list", () => {
  const lists: Record<string, { patterns: string[]; name: string; admitted: boolean }> = {
    "the last that fits decides": { patterns: ["releases/**", "!releases/**-alpha"], name: "releases/1-alpha", admitted: false },
    "what is taken back may come again": { patterns: ["a*", "!ab*", "abc"], name: "abc", admitted: true },
    "only exclusions let nothing through": { patterns: ["!x"], name: "main", admitted: false },
    nothing: { patterns: [], name: "main", admitted: false },
  };
  for (const [name, c] of Object.entries(lists)) test(name, () => expect(listAdmits(c.patterns, c.name)).toBe(c.admitted));
});

test("a name without signs fits itself and nothing else", () => {
  const plain = fc.stringMatching(/^[a-z0-9/._-]{1,12}$/);
  fc.assert(fc.property(plain, fc.option(plain), (pattern, other) => fits(pattern, other ?? pattern) === (pattern === (other ?? pattern))));
});

test("no pattern is slow or throws", () => {
  expect(fits(`${"*a".repeat(200)}b`, "a".repeat(300))).toBe(false);
  expect(fits(`${"**/".repeat(200)}b`, "a/".repeat(200))).toBe(false);
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(..."*?+[]!\\-/ab".split("")) }),
      fc.string({ unit: fc.constantFrom(..."ab/-".split("")) }),
      (pattern, name) => typeof fits(pattern, name) === "boolean",
    ),
  );
});
