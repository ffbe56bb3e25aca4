import { describe, expect, test } from "vitest";
import { isSignal } from "./signals.ts";
import { isReadableTime, isTime } from "./times.ts";
import { listed, quoted } from "./words.ts";

describe("times", () => {
  test.each([
    ["2026-01-31T12:00:00Z", true, true],
    ["0001-01-01T00:00:00Z", true, true],
    ["2026-01-31T12:00:00.123456789+01:00", true, true],
    ["2026-01-31 12:00:00+00:00", false, true],
    ["2026-01-31t12:00:00z", false, true],
    ["2026-01-31T12:00:00", false, false],
    ["2026-13-01T00:00:00Z", false, false],
    ["1767225600", false, false],
    ["", false, false],
  ])("%s", (text, strict, readable) => {
    expect([isTime(text), isReadableTime(text)]).toEqual([strict, readable]);
  });
});

test.each([
  ["SIGTERM", true],
  ["term", true],
  ["15", true],
  ["SIGRTMIN+3", true],
  ["RTMAX-1", true],
  ["SIGUSR1", true],
  ["0", false],
  ["65", false],
  ["SIGTERM+1", false],
  ["SIGSTOPP", false],
  ["", false],
])("the signal %s: %s", (text, known) => {
  expect(isSignal(text)).toBe(known);
});

test("words", () => {
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listed)).toEqual(["", "a", "a and b", "a, b and c"]);
  expect(quoted('a"b')).toBe(String.raw`"a\"b"`);
  expect(quoted("x".repeat(500))).toHaveLength(103);
});
