import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bareFolders, IMAGE_RULE_ROOT, RULE_ROOT, ruleFolders, sectionsOf } from "../../scripts/rule-folders.ts";
import { type ExpectedCase, imageCasesOf, imageFindingsIn, readExpectedCases, writeExpectedCases } from "../../test/harness/image-rule-cases.ts";
import { updates } from "../../test/harness/rule-cases.ts";
import { byCodeUnit } from "../core/order.ts";
import { IMAGE_RULES } from "./registry.ts";

const root = join(import.meta.dirname, "../..");
const folders = ruleFolders(root, IMAGE_RULE_ROOT);
const SECTIONS = ["What it finds", "Why it matters", "Before", "After", "When to ignore it"];

describe("disk, registry and pages agree", () => {
  test("every rule on disk is registered, in the order of groups and names", () => {
    expect(IMAGE_RULES.map((rule) => rule.meta.id)).toEqual(folders.map(({ id }) => id));
  });
  test("ids are told apart, also from those of doctor, and are words joined by dashes", () => {
    const ids = [...folders, ...ruleFolders(root, RULE_ROOT)].map(({ id }) => id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    expect(ids.filter((id) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id))).toEqual([]);
  });
  test("rules about starting say so by their name, for reports of tests have the start itself in their place", () => {
    expect(folders.filter(({ group, id }) => (group === "smoke") !== id.startsWith("smoke-")).map(({ id }) => id)).toEqual([]);
  });
  test("no folder of a group is without a rule", () => {
    expect(bareFolders(root, IMAGE_RULE_ROOT)).toEqual([]);
  });
});

for (const folder of folders) {
  const rule = IMAGE_RULES.find(({ meta }) => meta.id === folder.id);
  describe(`${folder.group}/${folder.id}`, () => {
    const cases = imageCasesOf(folder.folder);
    const expected = readExpectedCases(folder.folder);

    test("its page has the sections", () => {
      const sections = sectionsOf(folder);
      expect([...sections].map(([name, text]) => (text === "" ? `${name} is empty` : name))).toEqual(SECTIONS);
      expect(rule?.meta.summary).toMatch(/^(?![A-Z][a-z]).*[^.]$/);
    });

    test.skipIf(updates())("it has a case that fires and one that does not", () => {
      expect(Object.keys(expected).sort(byCodeUnit)).toEqual(cases.map(({ name }) => name));
      const fires = cases.map(({ name }) => (expected[name]?.findings.length ?? 0) > 0);
      expect([fires.includes(true), fires.includes(false)]).toEqual([true, true]);
    });

    const found: Record<string, ExpectedCase> = {};
    test.for(cases.map((one) => [one.name, one] as const))("%s", async ([name, one]) => {
      if (rule === undefined) throw new Error(`${folder.id} is not registered: run npm run generate`);
      const got = await imageFindingsIn(one, rule, IMAGE_RULES);
      found[name] = got;
      if (!updates()) {
        expect.soft(got.findings).toEqual(expected[name]?.findings);
        expect.soft(got.others).toEqual(expected[name]?.others);
      } else if (Object.keys(found).length === cases.length) writeExpectedCases(folder.folder, found);
    });
  });
}
