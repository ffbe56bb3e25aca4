import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bareFolders, RULE_ROOT, ruleFolders, sectionsOf } from "../../scripts/rule-folders.ts";
import { casesOf, expectedOf, findingsIn, readExpected, updates, writeExpected, writeFixed } from "../../test/harness/rule-cases.ts";
import { byCodeUnit } from "../core/order.ts";
import { applyFix } from "../fix/apply.ts";
import { RULES } from "./registry.ts";

const root = join(import.meta.dirname, "../..");
const folders = ruleFolders(root);
const SECTIONS = ["What it finds", "Why it matters", "Before", "After", "When to ignore it", "Fix safety"];

describe("disk, registry, pages and cases agree", () => {
  test("every rule on disk is registered, in the order of groups and names", () => {
    expect(RULES.map((rule) => rule.meta.id)).toEqual(folders.map(({ id }) => id));
  });
  test("ids are told apart, and are words joined by dashes", () => {
    const ids = folders.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id))).toEqual([]);
  });
  test("no folder of a group is without a rule", () => {
    expect(bareFolders(root, RULE_ROOT)).toEqual([]);
  });
  test("what a rule says it covers is in the catalogue once each", () => {
    const twice = RULES.flatMap(({ meta }) => meta.covers.filter((one, i) => meta.covers.indexOf(one) !== i).map((one) => `${meta.id}: ${one}`));
    expect(twice).toEqual([]);
  });
});

for (const folder of folders) {
  const rule = RULES.find(({ meta }) => meta.id === folder.id);
  describe(`${folder.group}/${folder.id}`, () => {
    const cases = casesOf(folder.folder);
    const expected = readExpected(folder.folder);

    test("its page has the sections", () => {
      const sections = sectionsOf(folder);
      expect([...sections.keys()]).toEqual(SECTIONS.filter((name) => sections.has(name)));
      expect(SECTIONS.slice(0, 4).filter((name) => (sections.get(name) ?? "") === "")).toEqual([]);
      if (rule?.meta.fix !== "none") expect(sections.has("Fix safety")).toBe(true);
      expect(rule?.meta.summary).toMatch(/^[^A-Z].*[^.]$/);
    });

    test("it has a case that fires and one that does not", () => {
      expect(updates() || Object.keys(expected).sort(byCodeUnit)).toEqual(updates() || cases.map(({ name }) => name));
      expect(updates() || cases.some(({ name }) => (expected[name] ?? []).length > 0)).toBe(true);
      expect(updates() || cases.some(({ name }) => (expected[name] ?? []).length === 0)).toBe(true);
    });

    const found: Record<string, ReturnType<typeof expectedOf>[]> = {};
    for (const one of cases) {
      test(one.name, async () => {
        if (rule === undefined) throw new Error(`${folder.id} is not registered: run npm run generate`);
        const findings = await findingsIn(one, rule);
        const got = findings.map((finding) => expectedOf(finding, one));
        found[one.name] = got;
        if (updates()) {
          if (Object.keys(found).length === cases.length) writeExpected(folder.folder, found);
        } else expect(got).toEqual(expected[one.name]);
        if (one.fixed === undefined) return;
        const fix = findings[0]?.remedies.find((remedy) => remedy.fix?.safety === "safe")?.fix;
        if (fix === undefined) throw new Error(`${one.name} has a fixed form, and its first finding no safe fix`);
        const made = applyFix(fix, (path) => one.files[path]);
        if (!("texts" in made)) throw new Error(`the fix is refused: ${made.refused}`);
        if (updates()) writeFixed(one, Object.fromEntries(made.texts));
        else expect(Object.fromEntries(made.texts)).toEqual(one.fixed.files);
      });
    }
  });
}
