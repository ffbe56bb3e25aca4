import { expect, test } from "vitest";
import { lastLines } from "./last-lines.ts";

test.each<readonly [name: string, output: string, limit: number, lines: readonly string[]]>([
  ["nothing", "", 3, []],
  ["the last of many", "a\nb\nc\nd\n", 2, ["c", "d"]],
  ["a line without an end", "a\nb", 3, ["a", "b"]],
  ["empty lines do not count", "a\n\n\r\n  \nb\n\n", 2, ["a", "b"]],
  ["lines that end as on Windows", "a\r\nb\r\n", 3, ["a", "b"]],
  ["a line that was written over", "10 %\r50 %\rdone\n", 3, ["done"]],
  ["colours, a title and a bell", "\u001b[1;31mbad\u001b[0m\u001b]0;title\u0007!\u0007\n", 3, ["bad!"]],
  ["an escape that is cut", "x\u001b\n", 3, ["x"]],
  ["other control characters", "a\u009b1mb\u0000\n", 3, ["a1mb"]],
  ["a tabulator stays", "a\tb", 3, ["a\tb"]],
  ["a long line", "y".repeat(400), 1, [`${"y".repeat(300)}…`]],
])("%s", (_, output, limit, lines) => {
  expect(lastLines(output, limit)).toEqual(lines);
});
