import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { readConfig } from "./config.ts";

const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(new URL("../../docs/schema/multihull.schema.json", import.meta.url), "utf8")),
);
const reads = (text: string): boolean => readConfig({ name: "multihull.yaml", text }).complaints.length === 0;

describe("the schema of multihull.yaml says what the reader says", () => {
  test.for([
    ["nothing", "", true],
    ["only a comment", "# nothing\n", true],
    ["all that there is", "ignore:\n  - rule: a\n    path: docker/**\n    reason: because\n  - rule: b\nfail-on: info\n", true],
    ["an empty list", "ignore: []\n", true],
    ["a list", "- rule: a\n", false],
    ["a text", "ignore\n", false],
    ["an unknown key", "ignores: []\n", false],
    ["an unknown key of an entry", "ignore:\n  - rule: a\n    file: b\n", false],
    ["an entry without a rule", "ignore:\n  - path: a\n", false],
    ["an entry that is a text", "ignore:\n  - a\n", false],
    ["no list", "ignore:\n  rule: a\n", false],
    ["a key without a value", "ignore:\n", false],
    ["an empty reason", 'ignore:\n  - rule: a\n    reason: ""\n', false],
    ["a path that is a list", "ignore:\n  - rule: a\n    path: [b]\n", false],
    ["a severity that is none", "fail-on: warn\n", false],
    ["too many entries", `ignore:\n${"  - rule: a\n".repeat(1001)}`, false],
  ] as const)("%s", ([, text, valid]) => {
    expect([reads(text), validate(parse(text))]).toEqual([valid, valid]);
  });

  test("whatever is written", () => {
    const word = fc.constantFrom("a", "b/**", "", "why not");
    const odd = fc.oneof({ weight: 9, arbitrary: word }, fc.constantFrom(["a"], { rule: "a" }));
    const entry = fc.oneof(
      { weight: 9, arbitrary: fc.record({ rule: odd, path: odd, reason: odd }, { requiredKeys: ["rule"] }) },
      fc.record({ path: odd, rules: odd }, { requiredKeys: [] }),
      odd,
    );
    const document = fc.record(
      { ignore: fc.oneof({ weight: 9, arbitrary: fc.array(entry, { maxLength: 3 }) }, odd), "fail-on": fc.constantFrom("error", "warning", "info", "note") },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(document, (value) => {
        expect(reads(stringify(value))).toBe(validate(value));
      }),
    );
  });
});
