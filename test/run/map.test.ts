import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { missingParts, readProjectFile, rowsOf } from "../harness/test-map.ts";

test("every test that the map names exists, every test file of this folder is in it, and the map has all cases", () => {
  const map = readProjectFile("test/run/README.md");
  const rows = rowsOf(map);
  expect(rows.flatMap((row) => missingParts(row, readProjectFile).map((part) => `${row.file}: ${part}`))).toEqual([]);
  const named = new Set(rows.map(({ file }) => file));
  const here = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts") && name !== "map.test.ts");
  expect(here.filter((name) => !named.has(`test/run/${name}`))).toEqual([]);
  const cases = new Set([...map.matchAll(/^\| (\d+) /gm)].map(([, number]) => Number(number)));
  expect([...cases].sort((a, b) => a - b)).toEqual(Array.from({ length: 15 }, (_, number) => number + 1));
});
