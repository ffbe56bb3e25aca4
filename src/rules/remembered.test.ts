import { expect, test } from "vitest";
import { remembered } from "./remembered.ts";

test("is asked once for each key, and remembers that there was nothing", () => {
  let asked = 0;
  const [a, b] = [{}, {}];
  const find = remembered(
    (key: object, _: number) => key,
    (key, n) => {
      asked++;
      return key === a ? n : undefined;
    },
  );
  expect([find(a, 1), find(a, 2), find(b, 3), find(b, 4)]).toEqual([1, 1, undefined, undefined]);
  expect(asked).toBe(2);
});
