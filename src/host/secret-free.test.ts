import fc from "fast-check";
import { expect, test } from "vitest";
import { secretFree } from "./secret-free.ts";

test("a password is not shown, wherever its address stands", () => {
  const word = fc.stringMatching(/^[a-z0-9._-]{8,20}$/);
  fc.assert(
    fc.property(fc.string(), word, word, fc.string(), (before, user, password, after) => {
      fc.pre(!`${before}${user}${after}`.includes(password));
      expect(secretFree(`${before} tcp://${user}:${password}@box:1 ${after}`)).not.toContain(password);
    }),
  );
});

test.each([
  ["  several\n lines  ", "several lines"],
  ["ssh://me@box", "ssh://me@box"],
  ["unix:///run/d.sock", "unix:///run/d.sock"],
  ["x".repeat(1000), `${"x".repeat(400)}…`],
])("%j is shown as %j", (text, shown) => {
  expect(secretFree(text)).toBe(shown);
});
