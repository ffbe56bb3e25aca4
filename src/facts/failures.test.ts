import { expect, test } from "vitest";
import { FAILURE_GROUPS, failures } from "./failures.ts";

const all = [...failures().values()];

test("the catalogue has every known failure once, each in a group", () => {
  expect(all).toHaveLength(167);
  expect(failures().size).toBe(167);
  for (const { id, group, title, cause, remedies, sources } of all) {
    expect(Object.keys(FAILURE_GROUPS), id).toContain(group);
    expect(
      [id, title, cause].every((text) => text !== ""),
      id,
    ).toBe(true);
    expect(remedies.length, id).toBeGreaterThan(0);
    for (const source of sources) expect(source, id).toMatch(/^https:\/\//);
  }
});

test("signatures can be looked for", () => {
  for (const { id, signatures } of all)
    for (const { text, tool } of signatures) {
      expect(tool, id).not.toBe("");
      // Two holes side by side could not be told apart, and a text of holes alone fits everything.
      expect(text, id).not.toMatch(/\}\{|^\{\w+\}$/);
      expect(Math.max(...text.split(/\{\w+\}/).map((part) => part.trim().length)), `${id}: ${text}`).toBeGreaterThan(4);
    }
});

test("a reason why none can decide it is a sentence", () => {
  for (const { id, undecided } of all) if (undecided !== undefined) expect(undecided.why, id).toMatch(/^(?:[a-z]|GitLab).{20,}[^.]$/);
});
