import { expect, test } from "vitest";
import { matched } from "./match.ts";

const CASES: readonly [subject: string, pattern: string, wanted: readonly (string | undefined)[] | null | undefined][] = [
  ["v1.2.3", "v(\\d+.\\d+)", ["v1.2", "1.2"]],
  ["v1.2.3", "^v(\\d+)\\.(\\d+)\\.(\\d+)(-rc)?$", ["v1.2.3", "1", "2", "3", undefined]],
  ["v1.2.3", "\\d{8}", null],
  ["app(1)", "\\((\\d)\\)+", ["(1)", "1"]],
  ["v1", "(", undefined],
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "(a+)+$", undefined],
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "(a|a){2,40}$", undefined],
  ["a".repeat(41), "a", undefined],
  ["ab", "(a)\\1", undefined],
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", ".*.*.*.*.*.*.*x", undefined],
];

test.each(CASES)("%s by %s", (subject, pattern, wanted) => {
  const found = matched(subject, pattern);
  expect(found === undefined || found === null ? found : [...found]).toEqual(wanted);
});
