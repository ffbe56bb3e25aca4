import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Assumptions, conditionOf } from "./condition.ts";

/** `a !b` is: a is assumed true and b false. */
const walks = (...texts: string[]): Assumptions[] =>
  texts.map((text) =>
    text.split(" ").flatMap((word) => (word === "" ? [] : [{ atom: word.replace(/^!/, "").replaceAll("_", " "), value: !word.startsWith("!") }])),
  );

describe("what must hold", () => {
  const cases: Record<string, { told: string[]; others: string[]; is: string | undefined }> = {
    "nothing, where every walk is told": { told: ["a", "!a"], others: [], is: undefined },
    "nothing, where a told walk assumes nothing": { told: ["", "a"], others: ["!a"], is: undefined },
    "an atom that tells them apart": { told: ["a"], others: ["!a"], is: "a" },
    "an atom that is false": { told: ["!secrets.TOKEN"], others: ["secrets.TOKEN"], is: "!secrets.TOKEN" },
    "a comparison that is false is turned round": { told: ["!inputs.a_==_'x'"], others: ["inputs.a_==_'x'"], is: "inputs.a != 'x'" },
    "a longer one is put in brackets": { told: ["!a_>_b"], others: ["a_>_b"], is: "!(a > b)" },
    "what does not matter is left out": { told: ["a b", "a !b"], others: ["!a b", "!a !b"], is: "a" },
    "both, where both are needed": { told: ["a b"], others: ["a !b", "!a"], is: "a && b" },
    "one or the other": { told: ["a", "!a b"], others: ["!a !b"], is: "a || b" },
    "alternatives of several are put in brackets": { told: ["a b", "!a c"], others: ["a !b", "!a !c"], is: "(a && b) || (!a && c)" },
    "one of two values of the same text": { told: ["!x_==_'a' x_==_'b'"], others: ["x_==_'a'", "!x_==_'a' !x_==_'b'"], is: "x == 'b'" },
    "only what is shared, where there are many alternatives": {
      told: ["s a", "s !a b", "s !a !b c", "s !a !b !c d"],
      others: ["!s", "s !a !b !c !d"],
      is: "s",
    },
  };
  for (const [name, { told, others, is }] of Object.entries(cases)) test(name, () => expect(conditionOf(walks(...told), walks(...others))).toBe(is));
});

test("a condition without alternatives holds in every told walk and in no other", () => {
  const tree = fc.uniqueArray(fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), { selector: (walk) => walk.join() });
  const walk = ([a, b, c]: readonly boolean[]): Assumptions => [
    { atom: "a", value: a as boolean },
    { atom: "b", value: b as boolean },
    { atom: "c", value: c as boolean },
  ];
  const holds = (condition: string, one: Assumptions): boolean =>
    condition.split(" || ").some((alternative) =>
      alternative
        .replace(/[()]/g, "")
        .split(" && ")
        .every((literal) => one.some(({ atom, value }) => literal === (value ? atom : `!${atom}`))),
    );
  fc.assert(
    fc.property(tree, tree, (told, others) => {
      const untold = others.map(walk).filter((one) => !told.map(walk).some((each) => JSON.stringify(each) === JSON.stringify(one)));
      fc.pre(told.length > 0 && told.length <= 3 && untold.length > 0);
      const condition = conditionOf(told.map(walk), untold);
      expect(told.map(walk).every((one) => condition === undefined || holds(condition, one))).toBe(true);
      expect(condition !== undefined && untold.some((one) => holds(condition, one))).toBe(false);
    }),
  );
});
