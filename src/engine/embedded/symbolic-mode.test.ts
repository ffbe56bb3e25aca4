import { expect, test } from "vitest";
import { parseModeChange } from "./symbolic-mode.ts";

const cases: readonly [text: string, from: number, folder: boolean, to: number][] = [
  ["755", 0o600, false, 0o755],
  ["04755", 0o600, false, 0o4755],
  ["u=rwX,go=rX", 0o600, false, 0o644],
  ["u=rwX,go=rX", 0o700, false, 0o755],
  ["u=rwX,go=rX", 0o600, true, 0o755],
  ["+x", 0o644, false, 0o755],
  ["a+X", 0o644, false, 0o644],
  ["a-x", 0o755, true, 0o644],
  ["a-X", 0o755, false, 0o644],
  ["go=", 0o777, false, 0o700],
  ["go-w", 0o666, false, 0o644],
  ["g=u", 0o640, false, 0o660],
  ["o=u-w", 0o640, false, 0o644],
  ["u+s", 0o755, false, 0o4755],
  ["g+s", 0o755, true, 0o2755],
  ["o+s", 0o755, false, 0o755],
  ["+t", 0o777, true, 0o1777],
  ["u=rw", 0o4755, false, 0o655],
  ["=r", 0o6777, false, 0o444],
  ["u+r,g+w", 0o000, false, 0o420],
];
for (const [text, from, folder, to] of cases) {
  test(`${text} on ${folder ? "a folder" : "a file"} of ${from.toString(8)}`, () => {
    expect(parseModeChange(text)?.(from, folder).toString(8)).toBe(to.toString(8));
  });
}

test("what is no mode", () => {
  for (const text of ["", "8", "10000", "u", "z+r", "u+q", "u+r,", "u r"]) expect(parseModeChange(text), text).toBeUndefined();
});
