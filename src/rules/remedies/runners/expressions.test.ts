import { describe, expect, test } from "vitest";
import { allOf, asksStatus, asSwitch, isForJobs, splitOutside, withoutExpressions } from "./expressions.ts";

test("a list is parted where no expression stands", () => {
  expect(splitOutside(`a,b, \${{ contains('x,y', z) && 'c,d' || '' }} ,\ne`, /[\n,]/)).toEqual(["a", "b", `\${{ contains('x,y', z) && 'c,d' || '' }}`, "e"]);
  expect(splitOutside("", /,/)).toEqual([]);
});

test("an expression is as long as what stands for it", () => {
  const text = `r/\${{ github.repository }}:\${{ a }}`;
  expect(withoutExpressions(text)).toHaveLength(text.length);
  expect(withoutExpressions(text).replaceAll("\u0001", "")).toBe("r/:");
});

describe("a switch as a condition", () => {
  test.each([
    ["github.event_name != 'pull_request'", "github.event_name != 'pull_request'"],
    ["startsWith(github.ref, 'refs/tags/')", "startsWith(github.ref, 'refs/tags/')"],
    ["true", "true"],
    // The text 'false' is true for a condition.
    ["inputs.push", "format('{0}', inputs.push) == 'true'"],
    ["github.ref_type == 'tag' && 'true' || 'false'", "format('{0}', github.ref_type == 'tag' && 'true' || 'false') == 'true'"],
  ])("%s", (given, wanted) => expect(asSwitch(given)).toBe(wanted));
});

test("conditions that must all hold", () => {
  expect(allOf(undefined, undefined)).toBeUndefined();
  expect(allOf("a", undefined, "a")).toBe("a");
  expect(allOf("a || b", "c")).toBe("(a || b) && c");
  expect(allOf("(a || b)", "c")).toBe("(a || b) && c");
  expect(allOf("(a) || (b)", "c")).toBe("((a) || (b)) && c");
});

test("what the condition of a job may name", () => {
  for (const fit of ["github.event_name == 'push'", "needs.a.outputs.b", "inputs.push", "vars.X"]) expect(isForJobs(fit)).toBe(true);
  for (const unfit of ["steps.a.outputs.b", "env.X == '1'", "matrix.os", "secrets.A", "hashFiles('x')"]) expect(isForJobs(unfit)).toBe(false);
});

test("what goes on after a failure", () => {
  for (const asks of ["always()", "!cancelled()", "failure() && x"]) expect(asksStatus(asks)).toBe(true);
  expect(asksStatus("github.ref == 'always'")).toBe(false);
});
