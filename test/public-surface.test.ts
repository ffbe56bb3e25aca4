import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { byCodeUnit } from "../src/core/order.ts";

const index = join(import.meta.dirname, "../src/index.ts");

/** Where each name that a module hands on is declared. */
function declarations(module: string, wanted?: ReadonlySet<string>): ReadonlyMap<string, string> {
  const text = readFileSync(module, "utf8");
  const found = new Map<string, string>();
  for (const [, names = "", from = ""] of text.matchAll(/^export (?:type )?\{([^}]+)\} from "([^"]+)";/gm)) {
    const here = names
      .split(",")
      .map((name) => name.trim().replace(/^type /, ""))
      .filter((name) => wanted === undefined || wanted.has(name));
    for (const [name, file] of declarations(join(dirname(module), from), new Set(here))) found.set(name, file);
  }
  for (const name of wanted ?? []) if (!found.has(name)) found.set(name, module);
  return found;
}

test("the public surface is what we meant", async () => {
  const names = Object.keys(await import("../src/index.ts")).sort(byCodeUnit);
  expect(names).toEqual([
    "PROBLEMS",
    "ProblemError",
    "build",
    "doctor",
    "explain",
    "fix",
    "fixHost",
    "fixRunners",
    "hostReport",
    "inspect",
    "inspectRaw",
    "isProblem",
    "plan",
    "prune",
    "serveRegistry",
    "verify",
  ]);
});

test("everything public has a contract right above it", () => {
  const public_ = declarations(index);
  expect(public_.size).toBeGreaterThan(25);
  const bare = [...public_].filter(([name, file]) => {
    const declared = new RegExp(`^export (?:async )?(?:function|interface|type|const|class) ${name}\\b`, "m");
    const text = readFileSync(file, "utf8");
    const at = text.search(declared);
    expect(at, `${name} in ${file}`).toBeGreaterThan(-1);
    return !text.slice(0, at).trimEnd().endsWith("*/");
  });
  expect(bare.map(([name, file]) => `${file}: ${name}`)).toEqual([]);
});
