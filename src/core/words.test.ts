import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Complaint, ComplaintsError, complaintText, refuseErrors } from "./complaint.ts";
import { Digester, digestOf, isDigest, parseDigest } from "./digest.ts";
import { nearest } from "./nearest.ts";
import { byCodeUnit } from "./order.ts";
import { isProblem, PROBLEMS, ProblemError } from "./problem.ts";
import { positionOf } from "./span.ts";
import { stableJson } from "./stable-json.ts";

describe("parseDigest", () => {
  const hex = "a".repeat(64);
  const cases: Readonly<Record<string, { text: string; fails?: true }>> = {
    "a sha256 address": { text: `sha256:${hex}` },
    "a sha512 address": { text: `sha512:${hex}${hex}` },
    "upper-case hex is refused": { text: `sha256:${hex.toUpperCase()}`, fails: true },
    "a tag is not an address": { text: "latest", fails: true },
    "one digit short": { text: `sha256:${hex.slice(1)}`, fails: true },
    "sha512 with 64 digits": { text: `sha512:${hex}`, fails: true },
    "a line end behind it": { text: `sha256:${hex}\n`, fails: true },
    "md5 is no algorithm of ours": { text: `md5:${"a".repeat(32)}`, fails: true },
  };
  for (const [name, c] of Object.entries(cases)) {
    test(name, () => {
      if (c.fails) expect(() => parseDigest(c.text)).toThrow(expect.objectContaining({ code: "digest-malformed", hint: expect.any(String) }));
      else expect(parseDigest(c.text)).toBe(c.text);
    });
  }
});

test("a running digest is the digest of the whole, however it was cut", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), (chunks) => {
      const digester = new Digester();
      for (const chunk of chunks) digester.update(chunk);
      const whole = Buffer.concat(chunks);
      expect(digester.size).toBe(whole.byteLength);
      expect(digester.digest()).toBe(digestOf(whole));
    }),
  );
  expect(isDigest(digestOf("é"))).toBe(true);
  expect(new Digester("sha512").update(Buffer.from("x")).digest()).toMatch(/^sha512:[a-f0-9]{128}$/);
});

test("nearest: two edits at most, and never most of a short word", () => {
  expect(nearest("COPPY", ["COPY", "ADD"])).toBe("COPY");
  expect(nearest("--plaform", ["--platform", "--link"])).toBe("--platform");
  expect(nearest("windows", ["linux"])).toBeUndefined();
  expect(nearest("ab", ["cd"])).toBeUndefined();
  expect(nearest("x", [])).toBeUndefined();
});

test("order by code units does not depend on a locale", () => {
  expect(["ä", "z", "a", "Z"].sort(byCodeUnit)).toEqual(["Z", "a", "z", "ä"]);
});

test("stable json sorts keys, leaves absent fields out, and reads back", () => {
  expect(stableJson({ b: 1, a: { d: [1, { z: 1, y: 2 }], c: undefined } })).toBe('{"a":{"d":[1,{"y":2,"z":1}]},"b":1}');
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(stableJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

describe("positionOf", () => {
  const file = { name: "f", text: "one\r\ntwo\n\nfour" };
  const cases: Readonly<Record<string, { offset: number; line: number; column: number; lineText: string }>> = {
    "the first character": { offset: 0, line: 1, column: 1, lineText: "one" },
    "the start of a line": { offset: 5, line: 2, column: 1, lineText: "two" },
    "the line end belongs to its line": { offset: 8, line: 2, column: 4, lineText: "two" },
    "an empty line": { offset: 9, line: 3, column: 1, lineText: "" },
    "past the end is the end": { offset: 99, line: 4, column: 5, lineText: "four" },
  };
  for (const [name, c] of Object.entries(cases))
    test(name, () => expect(positionOf(file, c.offset)).toEqual({ line: c.line, column: c.column, lineText: c.lineText }));
});

describe("complaints", () => {
  const file = { name: "Dockerfile", text: "FROM scratch\n\tCOPPY a b\n" };
  const complaint: Complaint = {
    code: "dockerfile-syntax",
    severity: "error",
    message: 'unknown instruction "COPPY"',
    hint: "did you mean COPY?",
    place: { file, span: { start: 14, end: 19 } },
  };

  test("say place, source line and hint, with a caret under tabs too", () => {
    expect(complaintText(complaint)).toBe(
      ['Dockerfile:2:2: unknown instruction "COPPY"', "2 | \tCOPPY a b", "  | \t^^^^^", "  = help: did you mean COPY?"].join("\n"),
    );
  });

  test("are thrown all in one go", () => {
    const other = { ...complaint, message: "second" };
    const warning = { ...complaint, severity: "warning", message: "third" } as const;
    expect(() => refuseErrors([warning])).not.toThrow();
    try {
      refuseErrors([warning, complaint, other]);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ComplaintsError);
      expect((error as ComplaintsError).complaints).toEqual([complaint, other]);
      expect((error as ComplaintsError).facts).toEqual({ file: "Dockerfile", line: 2, column: 2, complaints: 2 });
    }
  });
});

test("problems are known by name and code, also across copies of the package", () => {
  const alien = Object.assign(new Error("x"), { name: "ProblemError", code: "usage" });
  expect(isProblem(alien, "usage")).toBe(true);
  expect(isProblem(new ProblemError("usage", { message: "x" }), "disk-full")).toBe(false);
  expect(isProblem(new Error("usage"))).toBe(false);
  for (const meaning of Object.values(PROBLEMS)) expect(meaning).toMatch(/[^.]$/);
});
