import { describe, expect, test } from "vitest";
import { readScriptLine, SCRIPT_LINE_LIMIT } from "./script-line.ts";

describe("readScriptLine", () => {
  test.each([
    ["/bin/sh", "/bin/sh"],
    [" \t/bin/sh  -e -x ", "/bin/sh|-e -x"],
    ["/bin/sh\r", "/bin/sh\r CR"],
    ["/bin/sh -e\r", "/bin/sh|-e\r CR"],
    ["/usr/bin/env -S a b", "/usr/bin/env|-S a b"],
    ["", "none"],
    ["  \t", "none"],
    [`/${"x".repeat(SCRIPT_LINE_LIMIT)}`, "none"],
    [`/bin/sh ${"x".repeat(SCRIPT_LINE_LIMIT)}`.slice(0, SCRIPT_LINE_LIMIT), `/bin/sh|${"x".repeat(SCRIPT_LINE_LIMIT - 8)}`],
  ])("%j", (line, said) => {
    const read = readScriptLine(line);
    const text =
      read.kind === "none" ? "none" : `${read.interpreter}${read.argument === undefined ? "" : `|${read.argument}`}${read.carriageReturn ? " CR" : ""}`;
    expect(text).toBe(said);
  });
});
