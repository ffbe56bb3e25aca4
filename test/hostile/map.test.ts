import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../harness/multihull.ts";

interface Row {
  readonly file: string;
  readonly test: string;
}

function rowsOf(markdown: string): Row[] {
  return markdown.split("\n").flatMap((line) => {
    const cells = line.split("|").map((cell) => cell.trim());
    return cells.length === 5 && cells[2]?.endsWith(".test.ts") === true ? [{ file: cells[2], test: cells[3] as string }] : [];
  });
}

/** Each part of a test's name stands in its file as the beginning of a text: titles may be keys of a table, or go on with a variable. */
function missingParts({ file, test: name }: Row, read: (file: string) => string): string[] {
  const text = read(file);
  return name.split(" > ").filter((part) => !['"', "`", "\n    ", "\n      "].some((before) => text.includes(`${before}${part}`)));
}

const readFile = (file: string): string => readFileSync(join(projectRoot, file), "utf8");

test("every test that the map names exists, and every test file of this folder is in it", () => {
  const rows = rowsOf(readFile("test/hostile/README.md"));
  expect(rows.length).toBeGreaterThan(40);
  expect(rows.flatMap((row) => missingParts(row, readFile).map((part) => `${row.file}: ${part}`))).toEqual([]);
  const named = new Set(rows.map(({ file }) => file));
  const here = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts") && name !== "map.test.ts");
  expect(here.filter((name) => !named.has(`test/hostile/${name}`))).toEqual([]);
});

test("the map's cases are whole: 1 to 9, 11, 14 and 15", () => {
  const cases = new Set([...readFile("test/hostile/README.md").matchAll(/^\| (\d+) /gm)].map(([, number]) => Number(number)));
  expect([...cases].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 15]);
});

test("a name that is not there is noticed", () => {
  expect(missingParts({ file: "x", test: "one > lost" }, () => 'describe("one", …)')).toEqual(["lost"]);
});
