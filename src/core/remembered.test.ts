import { expect, test } from "vitest";
import { remembered } from "./remembered.ts";

test("is asked once for each key, and remembers that there was nothing", () => {
  let asked = 0;
  const [a, b] = [{}, {}];
  const find = remembered((key: object, n: number) => {
    asked++;
    return key === a ? n : undefined;
  });
  expect([find(a, 1), find(a, 2), find(b, 3), find(b, 4)]).toEqual([1, 1, undefined, undefined]);
  expect(asked).toBe(2);
});

test("goes by another key where one is named", () => {
  const find = remembered(
    (_: { readonly of: object }, n: number) => n,
    ({ of }) => of,
  );
  const of = {};
  expect([find({ of }, 1), find({ of }, 2), find({ of: {} }, 3)]).toEqual([1, 1, 3]);
});
