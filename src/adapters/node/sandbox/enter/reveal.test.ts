import { expect, test } from "vitest";
import { barrier } from "./reveal.ts";

const closed =
  (...paths: readonly string[]) =>
  (path: string): number =>
    paths.includes(path) ? 0o40700 : 0o40755;

test.each([
  ["nothing closed", closed(), undefined],
  ["a home", closed("/home/ann"), "/home/ann"],
  ["a closed folder in a closed home", closed("/home/ann", "/home/ann/lib"), "/home/ann"],
  ["the folder itself", closed("/home/ann/lib/node"), "/home/ann/lib/node"],
  ["a folder beside it", closed("/home/bob"), undefined],
])("what keeps others from a folder: %s", (_, modeOf, wanted) => {
  expect(barrier("/home/ann/lib/node", modeOf)).toBe(wanted);
});
