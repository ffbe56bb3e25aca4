import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseYaml } from "./parse.ts";
import { applyPatches, type YamlPatch } from "./patch.ts";
import type { PlainValue } from "./render.ts";
import { nodeAt, type Route } from "./route.ts";
import type { ScalarValue, YamlNode } from "./tree.ts";

type Tree = ScalarValue | Tree[] | { [key: string]: Tree };

const words = fc.constantFrom<ScalarValue>(
  "push",
  "a b",
  "it's",
  "x: y",
  "# no",
  "true",
  "",
  "one\ntwo\n",
  "one\n\n  two",
  true,
  5,
  null,
  "ö😀",
  "- z",
  "v1.2.3",
);
const keys = fc.constantFrom("on", "name", "uses", "with", "run", "8", "a b", "jobs");
const { node: trees } = fc.letrec<{ node: Tree; list: Tree[]; map: { [key: string]: Tree } }>((tie) => ({
  node: fc.oneof({ depthSize: "small", withCrossShrink: true }, words, tie("map"), tie("list")),
  list: fc.array(tie("node"), { minLength: 1, maxLength: 4 }),
  map: fc.dictionary(keys, tie("node"), { minKeys: 1, maxKeys: 4 }),
}));

/** Writes a tree as people do, in one of the many layouts that the choices ask for. */
function layOut(tree: Tree, choices: readonly number[]): string {
  let next = 0;
  let comments = 0;
  const pick = (n: number): number => (choices[next++ % choices.length] as number) % n;
  const [step, sequenceStep, gap, ownLine, isSpaced] = [[2, 4, 3][pick(3)] as number, pick(2) * 2, [1, 3][pick(2)] as number, pick(3) === 0, pick(3) === 0];
  const comment = (): string => (pick(4) === 0 ? ` # c${comments++}` : "");
  const flow = (value: Tree): string => JSON.stringify(value).replaceAll(",", pick(2) === 0 ? "," : ", ");
  const before = (isFirst: boolean, indent: string): string[] => [
    ...(!isFirst && (isSpaced || pick(9) === 0) ? [""] : []),
    ...(pick(6) === 0 ? [`${indent}# c${comments++}`] : []),
    ...(pick(9) === 0 ? [`${indent}# c${comments++}\tx`] : []),
  ];
  const scalar = (value: ScalarValue, indent: string): string[] => {
    if (typeof value !== "string") return [(value === null && pick(2) === 0 ? "" : String(value)) + comment()];
    if (/^[a-zö😀]+$/u.test(value) && value !== "true" && pick(2) === 0) return [value + comment()];
    if (/^[^\s][\s\S]*\n$/.test(value) && pick(3) > 0) {
      const body = value
        .slice(0, -1)
        .split("\n")
        .map((line) => (line === "" ? "" : indent + line));
      return [`|${comment()}`, ...body];
    }
    return [(value.includes("\n") || pick(2) === 0 ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`) + comment()];
  };
  const isFlow = (value: Tree): boolean => pick(5) === 0 || Object.keys(value as object).length === 0;
  const entry = (head: string, value: Tree, column: number): string[] => {
    if (typeof value !== "object" || value === null) {
      const [first, ...rest] = scalar(value, " ".repeat(column + step));
      return [`${head} ${first}`.replace(/ +$/, ""), ...rest];
    }
    if (isFlow(value)) return [`${head} ${flow(value)}${comment()}`];
    return [head + comment(), ...(Array.isArray(value) ? sequence(value, column + sequenceStep) : mapping(value, column + step, true))];
  };
  const mapping = (map: { [key: string]: Tree }, column: number, mayComment: boolean): string[] => {
    const indent = " ".repeat(column);
    return Object.entries(map).flatMap(([key, value], i) => [
      ...(i > 0 || mayComment ? before(i === 0, indent) : []),
      ...entry(`${indent}${key === "8" ? '"8"' : key}:`, value, column),
    ]);
  };
  const sequence = (items: readonly Tree[], column: number): string[] => {
    const indent = " ".repeat(column);
    return items.flatMap((item, i) => {
      const above = before(i === 0, indent);
      if (typeof item !== "object" || item === null) return [...above, ...entry(`${indent}-`, item, column)];
      if (Array.isArray(item) || isFlow(item)) return [...above, `${indent}- ${flow(item)}${comment()}`];
      if (ownLine) return [...above, `${indent}-`, ...mapping(item, column + 2, true)];
      const [first, ...rest] = mapping(item, column + 1 + gap, false);
      return [...above, `${indent}-${first?.slice(column + 1)}`, ...rest];
    });
  };
  const header = pick(3) === 0 ? [`# c${comments++}`] : [];
  const body = Array.isArray(tree) ? sequence(tree, 0) : mapping(tree as { [key: string]: Tree }, 0, true);
  const text = [...header, ...body].join(pick(4) === 0 ? "\r\n" : "\n");
  return (pick(6) === 0 ? "\ufeff" : "") + text + (pick(4) === 0 ? "" : text.includes("\r\n") ? "\r\n" : "\n");
}

const texts = fc
  .tuple(
    trees.filter((tree) => typeof tree === "object" && tree !== null),
    fc.array(fc.nat(1000), { minLength: 60, maxLength: 60 }),
  )
  .map(([tree, choices]) => layOut(tree, choices));

interface Found {
  readonly route: Route;
  readonly node: YamlNode;
}

function nodesOf(text: string): Found[] {
  const found: Found[] = [];
  const visit = (node: YamlNode, route: Route): void => {
    found.push({ route, node });
    if (node.kind === "mapping") for (const { key, value } of node.entries) visit(value, [...route, key.text]);
    if (node.kind === "sequence") for (const [i, item] of node.items.entries()) visit(item, [...route, i]);
  };
  const { root, complaints } = parseYaml({ name: "x", text });
  expect(complaints).toEqual([]);
  if (root !== undefined) visit(root, []);
  return found;
}

const apply = (text: string, ...patches: YamlPatch[]) => applyPatches({ name: "x", text }, patches);

function made(text: string, ...patches: YamlPatch[]): string {
  const patched = apply(text, ...patches);
  if ("refused" in patched) throw new Error(`refused: ${patched.refused}`);
  return patched.text;
}

/** Whether one text is the other with one stretch put in. */
function isOneInsertion(shorter: string, longer: string): boolean {
  let [start, end] = [0, 0];
  while (start < shorter.length && shorter[start] === longer[start]) start++;
  while (end < shorter.length && shorter.at(-1 - end) === longer.at(-1 - end)) end++;
  return longer.length >= shorter.length && start + end >= shorter.length;
}

/** A property over one node of a written file, among those that `wanted` picks. */
function forEachNode<T>(wanted: (found: Found) => boolean, more: fc.Arbitrary<T>, law: (text: string, found: Found, value: T) => void): void {
  fc.assert(
    fc.property(texts, fc.nat(), more, (text, choice, value) => {
      const nodes = nodesOf(text).filter(wanted);
      const found = nodes[choice % Math.max(1, nodes.length)];
      if (found !== undefined) law(text, found, value);
    }),
    { numRuns: 250 },
  );
}

const values = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  words,
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constantFrom("a\nb\n", "a\n", "\n", "yes", "0x10", "1e3", "12:30", "~", "a\r\nb"),
);
const given: fc.Arbitrary<PlainValue> = fc.oneof(values, fc.constant({ name: "x", with: { platforms: ["a", "b"], run: "c\nd\n" } }), fc.constant([["a"], {}]));

describe("the four laws, on files written in many ways", () => {
  test("set: reads back, touches nothing else, twice is once", () => {
    forEachNode(
      ({ node }) => node.kind === "scalar",
      values,
      (text, { route, node }, value) => {
        const patch: YamlPatch = { op: "set", at: route, value };
        const patched = apply(text, patch);
        if ("refused" in patched) {
          expect(patched.refused).toMatch(/block scalar/);
          return;
        }
        const now = nodeAt(parseYaml({ name: "x", text: patched.text }).root, route);
        expect(now?.kind === "scalar" && now.value === value).toBe(true);
        expect(patched.text.startsWith(text.slice(0, node.span.start))).toBe(true);
        expect(patched.text.endsWith(text.slice(node.span.end))).toBe(true);
        expect(made(patched.text, patch)).toBe(patched.text);
      },
    );
  });

  test("insert: one stretch is put in, and removing the item gives back every byte", () => {
    forEachNode(
      ({ node }) => node.kind === "sequence",
      fc.tuple(given, fc.nat(10)),
      (text, { route, node }, [value, place]) => {
        const index = node.kind === "sequence" ? place % (node.items.length + 1) : 0;
        const patched = made(text, { op: "insert", at: route, index, value });
        expect(isOneInsertion(text, patched)).toBe(true);
        expect(nodeAt(parseYaml({ name: "x", text: patched }).root, [...route, index])).toBeDefined();
        if (node.kind === "sequence" && node.items.length > 0) expect(made(patched, { op: "remove", at: [...route, index] })).toBe(text);
      },
    );
  });

  test("add: one stretch is put in, twice is once, and removing the entry gives back every byte", () => {
    forEachNode(
      ({ node }) => node.kind === "mapping",
      fc.tuple(given, fc.boolean()),
      (text, { route, node }, [value, isFirst]) => {
        const after = isFirst && node.kind === "mapping" ? node.entries[0]?.key.text : undefined;
        const patch: YamlPatch = { op: "add", at: route, key: "new", value, after };
        const patched = made(text, patch);
        expect(isOneInsertion(text, patched)).toBe(true);
        expect(made(patched, patch)).toBe(patched);
        expect(made(patched, { op: "remove", at: [...route, "new"] })).toBe(text);
      },
    );
  });

  test("remove: one stretch is cut out", () => {
    forEachNode(
      ({ route }) => route.length > 0,
      fc.constant(0),
      (text, { route }) => {
        const patched = apply(text, { op: "remove", at: route });
        if ("refused" in patched) expect(patched.refused).toMatch(/nothing would be left|does not begin its line/);
        else expect(isOneInsertion(patched.text, text)).toBe(true);
      },
    );
  });

  test("move: there and back gives back every byte", () => {
    forEachNode(
      // At a file's top, an item's comments would join those that begin the file.
      ({ node, route }) => route.length > 0 && node.kind === "sequence" && !node.flow,
      fc.tuple(fc.nat(), fc.nat()),
      (text, { route, node }, [a, b]) => {
        const count = node.kind === "sequence" ? node.items.length : 1;
        const [from, to] = [a % count, b % count];
        const moved = made(text, { op: "move", at: [...route, from], to });
        expect(made(moved, { op: "move", at: [...route, to], to: from })).toBe(text);
      },
    );
  });

  test("comment: says what it said, touches one line, twice is once", () => {
    forEachNode(
      () => true,
      fc.constantFrom("v4.1.0", "a # b", "ö\tx"),
      (text, { route }, comment) => {
        const patch: YamlPatch = { op: "comment", at: route, text: comment };
        const patched = apply(text, patch);
        if ("refused" in patched) {
          expect(patched.refused).toMatch(/goes on with something else/);
          return;
        }
        const [before, after] = [text.split("\n"), patched.text.split("\n")];
        expect(after).toHaveLength(before.length);
        expect(after.filter((line, i) => line !== before[i]).every((line) => line.includes(`# ${comment}`))).toBe(true);
        expect(made(patched.text, patch)).toBe(patched.text);
        const removed = made(patched.text, { op: "comment", at: route, text: undefined });
        if (!before.some((line, i) => line.includes("#") && line !== after[i])) expect(removed).toBe(text);
      },
    );
  });
});
