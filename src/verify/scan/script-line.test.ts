import { describe, expect, test } from "vitest";
import { scriptReader } from "./script-line.ts";

/** What the reader tells of files that come one after another, in chunks of so many bytes. */
function linesOf(files: readonly (string | Buffer)[], step = Number.MAX_SAFE_INTEGER): (string | undefined)[] {
  const reader = scriptReader();
  return files.map((file) => {
    const bytes = Buffer.from(file);
    reader.begin();
    for (let at = 0; at < bytes.length; at += step) reader.write(bytes.subarray(at, at + step));
    return reader.end();
  });
}

describe("the first line of a script", () => {
  const cases: Readonly<Record<string, readonly [file: string | Buffer, line: string | undefined]>> = {
    "an interpreter": ["#!/bin/sh\nexit\n", "/bin/sh"],
    "an interpreter and its argument, blanks kept": ["#! /usr/bin/env  node \nx", " /usr/bin/env  node "],
    "a carriage return, which Linux takes for a part of the name": ["#!/bin/sh\r\nexit\r\n", "/bin/sh\r"],
    "no line end": ["#!/bin/sh", "/bin/sh"],
    "nothing behind it": ["#!\n", ""],
    "bytes that are not UTF-8": [Buffer.from("#!/\xff\n", "latin1"), "/\udcff"],
    "a line longer than Linux reads": [`#!/${"a".repeat(400)}\n`, `/${"a".repeat(253)}`],
    "a comment": ["# !/bin/sh\n", undefined],
    "a hash alone": ["#", undefined],
    "a program": ["\x7fELF", undefined],
    nothing: ["", undefined],
  };
  for (const [name, [file, line]] of Object.entries(cases)) {
    test(name, () => {
      for (const step of [1, 7, 1000]) expect(linesOf([file], step)).toEqual([line]);
    });
  }

  test("one file leaves nothing for the next", () =>
    expect(linesOf(["#!/bin/a\n", "x", "#", "!/bin/b\n", "#!/bin/c"])).toEqual(["/bin/a", undefined, undefined, undefined, "/bin/c"]));
});
