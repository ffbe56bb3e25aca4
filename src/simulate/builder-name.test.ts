import { expect, test } from "vitest";
import { madeUpName, shownName } from "./builder-name.ts";

test("names that are made up differ by step, and are shown as what they are", () => {
  expect(madeUpName("builder", "a")).not.toBe(madeUpName("builder", "b"));
  expect([madeUpName("builder", "__1"), madeUpName("nsc", "set-up"), "mine"].map(shownName)).toEqual(['"builder-…"', '"nsc-…"', '"mine"']);
});
