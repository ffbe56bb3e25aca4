// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflow expressions
import fc from "fast-check";
import { expect, test } from "vitest";
import { maskExpressions } from "./expressions.ts";

test.each<readonly [text: string, masked: string, expressions: readonly string[]]>([
  ["a ${{ b }} c", "a ________ c", ["b"]],
  ["${{a}}${{ b }}", "______________", ["a", "b"]],
  ["${{ f('}}', 'it''s') }}x", `${"_".repeat(23)}x`, ["f('}}', 'it''s')"]],
  ["${{ a\n|| b }}", "_____________", ["a\n|| b"]],
  ["${{ open", "${{ open", []],
  ["${{ 'open }}", "${{ 'open }}", []],
  ["${a} {{ b }}", "${a} {{ b }}", []],
])("%j", (text, masked, expressions) => {
  const found = maskExpressions(text);
  expect(found.masked).toBe(masked);
  expect(found.expressions.map((one) => one.text)).toEqual(expressions);
});

test("the length stays, and everything outside expressions", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("${{", "}}", "'", "a", "\n", "$"), { maxLength: 20 }), (parts) => {
      const text = parts.join("");
      const { masked, expressions } = maskExpressions(text);
      expect(masked.length).toBe(text.length);
      let at = 0;
      for (const { span } of expressions) {
        expect(masked.slice(at, span.start)).toBe(text.slice(at, span.start));
        at = span.end;
      }
      expect(masked.slice(at)).toBe(text.slice(at));
    }),
  );
});
