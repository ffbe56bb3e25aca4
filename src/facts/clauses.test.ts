import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import table from "../../data/clauses.json" with { type: "json" };
import { CLAUSE_IDS, clause } from "./clauses.ts";

/** As GitHub makes a heading's anchor. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, "")
    .replaceAll(" ", "-");

describe("clauses of specifications", () => {
  test.each(Object.entries(table.clauses))("%s leads to its section, in a version that stays", (_, { file, section, url }) => {
    expect(url.endsWith(`${file}#${anchorOf(section)}`)).toBe(true);
    expect(url).toMatch(/^https:\/\/github\.com\/[^/]+\/[^/]+\/blob\/v\d+\.\d+\.\d+\//);
  });

  test("a clause is named by document, file and section", () => {
    expect(clause("config").name).toBe('OCI image-spec v1.1.1, config.md, "Properties"');
  });

  test("each is named by a rule", () => {
    const rules = join(import.meta.dirname, "../verify/rules");
    const texts = readdirSync(rules, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => readFileSync(join(rules, path), "utf8"));
    expect(CLAUSE_IDS.filter((id) => !texts.some((text) => text.includes(`clause("${id}")`)))).toEqual([]);
  });
});
