import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { corpusFolder } from "../../test/harness/corpus.ts";
import { someOf } from "../../test/harness/some-of.ts";
import { parseYaml } from "./parse.ts";
import { applyPatches, type YamlPatch } from "./patch.ts";
import { nodeAt, type Route, routeText } from "./route.ts";
import { entryOf, type YamlNode } from "./tree.ts";

/** Real workflows, which are not part of the project: see its README. */
const corpus = corpusFolder();

/** The first step of a file that uses an action, and how many its sequence has. */
function firstStep(root: YamlNode): { route: Route; count: number } | undefined {
  const search = (node: YamlNode, route: Route): { route: Route; count: number } | undefined => {
    if (node.kind === "sequence") {
      const at = node.items.findIndex((item) => item.kind === "mapping" && entryOf(item, "uses")?.value.kind === "scalar");
      if (at !== -1) return { route: [...route, at], count: node.items.length };
    }
    if (node.kind !== "mapping") return undefined;
    for (const { key, value } of node.entries) {
      const found = search(value, [...route, key.text]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(root, []);
}

function made(text: string, ...patches: YamlPatch[]): string {
  const patched = applyPatches({ name: "x", text }, patches);
  if ("refused" in patched) throw new Error(`${patches.map((p) => `${p.op} ${routeText(p.at)}`).join(", ")} refused: ${patched.refused}`);
  return patched.text;
}

const lines = (text: string): string[] => text.split("\n");
/** Lines of `after` that are not lines of `before`, in order. */
function newLines(before: string, after: string): string[] {
  const [old, now] = [lines(before), lines(after)];
  let start = 0;
  while (start < old.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  return now.slice(start, now.length - end);
}

test("real workflows: every one is read, and patched without touching another line", { timeout: 60_000 }, (context) => {
  context.skip(!existsSync(corpus), `there is no corpus at ${corpus}`);
  const files = someOf(
    readdirSync(corpus, { recursive: true, encoding: "utf8" }).filter((file) => /\.ya?ml$/.test(file)),
    4,
  );
  const failures: string[] = [];
  const seen = new Set<string>();
  let patched = 0;
  for (const name of files) {
    const text = readFileSync(join(corpus, name), "utf8");
    if (seen.has(text)) continue;
    seen.add(text);
    const { root, complaints } = parseYaml({ name, text });
    for (const complaint of complaints) if (complaint.severity === "error") failures.push(`${name}: ${complaint.message}`);
    const step = root && firstStep(root);
    if (step === undefined) continue;
    try {
      lawsHold(text, step.route, step.count, patched % 2 === 0);
      patched++;
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`);
    }
  }
  expect(failures).toEqual([]);
  expect(patched).toBeGreaterThan(seen.size / 2);
});

/** Every file is bumped and gets a step; by turns, one gets an input and the next a move (all on all would take twice as long). */
function lawsHold(text: string, step: Route, count: number, isEven: boolean): void {
  const index = step.at(-1) as number;
  const steps = step.slice(0, -1);
  const bump: YamlPatch[] = [
    { op: "set", at: [...step, "uses"], value: "docker/x-action@0123" },
    { op: "comment", at: [...step, "uses"], text: "v99" },
  ];
  const bumped = made(text, ...bump);
  expect(newLines(text, bumped)).toEqual([expect.stringContaining("docker/x-action@0123")]);
  expect(lines(bumped)).toHaveLength(lines(text).length);
  expect(made(bumped, ...bump)).toBe(bumped);

  const inserted = made(text, { op: "insert", at: steps, index, value: { name: "Set up QEMU", uses: "docker/setup-qemu-action@v3" } });
  expect(nodeAt(parseYaml({ name: "x", text: inserted }).root, [...step, "uses"])).toMatchObject({ value: "docker/setup-qemu-action@v3" });
  expect(made(inserted, { op: "remove", at: step })).toBe(text);

  if (isEven) {
    const added = made(text, { op: "add", at: step, key: "zz", value: { platforms: "a,b" } });
    expect(lines(added)).toHaveLength(lines(text).length + 2);
    expect(made(added, { op: "remove", at: [...step, "zz"] })).toBe(text);
  } else if (count > 1) {
    const moved = made(text, { op: "move", at: step, to: count - 1 });
    expect(made(moved, { op: "move", at: [...steps, count - 1], to: index })).toBe(text);
  }
}
