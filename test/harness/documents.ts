import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { projectRoot } from "./multihull.ts";

interface Row {
  readonly key: string;
  readonly maybe: boolean;
}

/** The tables of a page by the heading above them. */
function tablesOf(page: string): ReadonlyMap<string, readonly Row[]> {
  const tables = new Map<string, Row[]>();
  for (const section of readFileSync(join(projectRoot, "docs", page), "utf8")
    .split("\n## ")
    .slice(1)) {
    const rows = [...section.matchAll(/^\| `([^`]+)` \| (maybe)? ?\|/gm)].map(([, key, maybe]) => ({ key: key as string, maybe: maybe !== undefined }));
    tables.set(section.split("\n", 1)[0] as string, rows);
  }
  return tables;
}

/** Where a document has values: `a.b`, `a[].b`. */
function keysOf(value: unknown, at = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, `${at}[]`));
  if (typeof value !== "object" || value === null) return [at];
  return Object.entries(value).flatMap(([key, inner]) => keysOf(inner, at === "" ? key : `${at}.${key}`));
}

/** Holds documents to the table of `docs/json.md` under a heading. */
export function compare(heading: string, documents: readonly unknown[]): void {
  const rows = tablesOf("json.md").get(heading) ?? [];
  expect(rows.length, heading).toBeGreaterThan(3);
  const matches = (row: Row, key: string): boolean => (row.key.endsWith(".*") ? key.startsWith(row.key.slice(0, -1)) : row.key === key);
  for (const document of documents) {
    const keys = [...new Set(keysOf(document))];
    expect(
      keys.filter((key) => !rows.some((row) => matches(row, key))),
      `${heading}: undocumented`,
    ).toEqual([]);
    expect(
      rows.filter((row) => !row.maybe && !keys.some((key) => matches(row, key))).map(({ key }) => key),
      `${heading}: not there`,
    ).toEqual([]);
  }
}
