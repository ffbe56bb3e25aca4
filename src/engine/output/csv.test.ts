import fc from "fast-check";
import { expect, test } from "vitest";
import { csvFields, csvLine } from "./csv.ts";

const cases: Record<string, { in: string; out: readonly string[] | undefined }> = {
  "nothing is one empty field": { in: "", out: [""] },
  "one field": { in: "type=local", out: ["type=local"] },
  "commas part fields": { in: "a,b,,c", out: ["a", "b", "", "c"] },
  "a comma at the end opens an empty field": { in: "a,", out: ["a", ""] },
  "a quoted field keeps its commas": { in: 'type=image,"name=a,b",push=true', out: ["type=image", "name=a,b", "push=true"] },
  "two quotes inside quotes are one": { in: '"a""b"', out: ['a"b'] },
  "blanks are kept": { in: " a , b", out: [" a ", " b"] },
  "a quote inside a bare field is refused": { in: 'a"b', out: undefined },
  "text after a closing quote is refused": { in: '"a"b,c', out: undefined },
  "a quote that never ends is refused": { in: '"a,b', out: undefined },
};
for (const [name, c] of Object.entries(cases)) test(name, () => expect(csvFields(c.in)).toEqual(c.out));

test("what is quoted is read back", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (fields) => {
      const line = fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(",");
      expect(csvFields(line)).toEqual(fields);
    }),
  );
});

test.each([
  ["plain fields", ["type=oci", "dest=-"], "type=oci,dest=-"],
  ["commas and quotes", ["name=a,b", 'say="hi"'], '"name=a,b","say=""hi"""'],
])("a line of %s", (_, fields, line) => {
  expect(csvLine(fields)).toBe(line);
});

test("what is written as a line is read as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (fields) => {
      expect(csvFields(csvLine(fields))).toEqual(fields);
    }),
  );
});
