import { describe, expect, test } from "vitest";
import data from "../../data/inputs.json" with { type: "json" };
import { actionFacts } from "./actions.ts";
import { booleanInputs, renamedInput } from "./inputs.ts";
import { atLeast } from "./version.ts";

describe("the tables agree", () => {
  test("an input that is read as a boolean is one of the action, from that release on or before", () => {
    for (const [action, booleans] of Object.entries(data.booleans)) {
      for (const [name, since] of Object.entries(booleans)) {
        const input = actionFacts(action)?.inputs.find((one) => one.name === name);
        expect(input && atLeast(since, input.since), `${action} ${name}`).toBe(true);
      }
    }
  });
  test("what an input is called now is one of the newest release, and its old name is none", () => {
    for (const [action, names] of Object.entries(data.renamed)) {
      const now = actionFacts(action)
        ?.inputs.filter((one) => one.removed === undefined)
        .map((one) => one.name);
      for (const [old, name] of Object.entries(names)) expect([now?.includes(name), now?.includes(old)], `${action} ${old}`).toEqual([true, false]);
    }
  });
});

test("names that objects have by themselves are no inputs", () => {
  expect(renamedInput("constructor", "name")).toBeUndefined();
  expect(renamedInput("docker/build-push-action", "toString")).toBeUndefined();
  expect(booleanInputs("constructor")).toEqual({});
  expect(booleanInputs("docker/build-push-action")).toMatchObject({ push: "v2.6.0" });
});
