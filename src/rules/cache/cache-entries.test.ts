import { expect, test } from "vitest";
import type { Text } from "../../simulate/text.ts";
import { cacheAddress, cacheEntries, ignoresErrors } from "./cache-entries.ts";

const place = { file: { name: "x.yml", text: "" }, span: { start: 0, end: 0 } };
const hole = (source: string, choices?: readonly string[]): Text["parts"][number] => ({ source, atoms: [], choices });

const CASES: readonly [name: string, parts: Text["parts"], address: string | undefined, ignores: boolean | undefined][] = [
  ["GitHub's own scope", ["type=gha,mode=max"], 'gha scope "buildkit"', false],
  ["a scope", ["type=gha,scope=app,ignore-error=true"], 'gha scope "app"', true],
  ["an unknown scope", ["type=gha,scope=", hole("vars.X")], undefined, false],
  ["unknown fields may hold a scope", ["type=gha,", hole("vars.X")], undefined, undefined],
  ["a reference", ["type=registry,ref=a/b:cache"], '"a/b:cache"', false],
  ["a reference alone", ["a/b:cache"], '"a/b:cache"', false],
  ["inline has no address", ["type=inline"], undefined, false],
  ["one of two, of which the other is nothing", [hole("x", ["type=gha,scope=a", ""])], 'gha scope "a"', false],
];

test.each(CASES)("%s", (_name, parts, address, ignores) => {
  const [entry, ...others] = cacheEntries({ items: [{ parts, place }], open: false, place });
  expect(others).toEqual([]);
  expect(entry && cacheAddress(entry)).toBe(address);
  expect(entry && ignoresErrors(entry)).toBe(ignores);
});

test("of two kinds nobody knows which it is, and nothing is an entry of nothing known", () => {
  const items = [[hole("x", ["type=gha", "type=inline"])], [hole("vars.CACHE")], []].map((parts) => ({ parts, place }));
  expect(cacheEntries({ items, open: false, place })).toEqual([]);
});
