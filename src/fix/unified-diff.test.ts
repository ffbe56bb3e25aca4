import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unifiedDiff } from "./unified-diff.ts";

test("names and lines, without a time", () => {
  expect(unifiedDiff(".github/workflows/ci.yml", "a\nb\nc\nd\ne\nf\ng\nh\n", "a\nb\nc\nd\nE\nf\ng\nh\n")).toBe(
    "--- a/.github/workflows/ci.yml\n+++ b/.github/workflows/ci.yml\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n",
  );
});

test("nothing for the same text", () => expect(unifiedDiff("a", "x\n", "x\n")).toBe(""));

const hasGit = spawnSync("git", ["--version"]).status === 0;

describe.skipIf(!hasGit)("git takes it (not run where there is no git)", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "multihull-diff-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function throughGit(path: string, before: string, after: string): string {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, before);
    const input = unifiedDiff(path, before, after);
    if (input !== "")
      execFileSync("git", ["-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"], { cwd: folder, input, stdio: ["pipe", "pipe", "pipe"] });
    return readFileSync(file, "utf8");
  }

  const cases: readonly (readonly [name: string, path: string, before: string, after: string])[] = [
    ["lines of CRLF", "a.yml", "a\r\nb\r\nc\r\n", "a\r\nx\r\nb\r\nc\r\n"],
    ["no line break at the end, before and after", "a.yml", "a\nb", "a\nx\nb"],
    ["a line break at the end, gained", "a.yml", "a\nb", "a\nb\n"],
    ["a line break at the end, lost", "a.yml", "a\nb\n", "a\nb"],
    ["a byte order mark", "a.yml", "\ufeffa\nb\n", "\ufeffa\nx\nb\n"],
    ["the first line", "a.yml", "a\nb\n", "x\na\nb\n"],
    ["an empty file filled", "a.yml", "", "a\n"],
    ["a folder, a space and an umlaut", ".github/my flows/prüfung.yml", "a\nb\n", "a\nc\n"],
    ["other separators within lines", "a.yml", "a\u2028b\fc\vd\u0085e\nx\n", "a\u2028b\fc\vd\u0085e\ny\n"],
    ["carriage returns within lines", "a.yml", "a\rb\nc\n", "a\rb\nd\n"],
  ];
  test.each(cases)("%s", (_, path, before, after) => expect(throughGit(path, before, after)).toBe(after));

  test("any lines", () => {
    const text = fc.array(fc.constantFrom("a\n", "b\n", "c\r\n", "  - d: e\n", "\n"), { maxLength: 14 }).map((lines) => lines.join(""));
    const end = fc.constantFrom("", "z");
    fc.assert(
      fc.property(text, end, text, end, (a, b, c, d) => {
        expect(throughGit("p.yml", a + b, c + d)).toBe(c + d);
      }),
      { numRuns: 25 },
    );
  });
});
