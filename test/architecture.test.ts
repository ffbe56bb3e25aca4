import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { expect, test } from "vitest";
import { breaches } from "./harness/architecture.ts";

const sources = join(import.meta.dirname, "../src");

test("rooms import downward only, and only adapters touch the machine", () => {
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".ts") && !f.endsWith(".test.ts"));
  expect(files.length).toBeGreaterThan(10);
  expect(breaches(new Map(files.map((f) => [f.split(sep).join("/"), readFileSync(join(sources, f), "utf8")])))).toEqual([]);
});

test("the checker sees each kind of breach", () => {
  expect(
    breaches(
      new Map([
        ["core/a.ts", 'import { x } from "../engine/b.ts";\nimport fs from "node:fs";'],
        ["engine/b.ts", 'const x = await import("undici"); const t = Date.now();'],
        ["image/c.ts", 'import type {\n  Y,\n} from "../registry/d.ts";'],
        ["attic/e.ts", "export const nothing = 1;"],
      ]),
    ),
  ).toEqual([
    "core/a.ts: core may not import engine",
    "core/a.ts: node:fs belongs in adapters/",
    "engine/b.ts: undici belongs in adapters/",
    "engine/b.ts: Date.now( belongs behind a port",
    "image/c.ts: image may not import registry",
    "attic/e.ts: attic is not a room",
  ]);
});
