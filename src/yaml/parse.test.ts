import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { positionOf } from "../core/span.ts";
import { YAML_LIMITS } from "./limits.ts";
import { parseYaml, parseYamlDocuments } from "./parse.ts";
import { nodeAt } from "./route.ts";
import type { YamlNode } from "./tree.ts";

const parse = (text: string) => parseYaml({ name: "x.yml", text });
/** What a node's span holds, as it is written. */
const written = (text: string, node: YamlNode | undefined): string | undefined => node && text.slice(node.span.start, node.span.end);

describe("spans hold what is written", () => {
  const cases: readonly (readonly [name: string, text: string, route: readonly (string | number)[], written: string])[] = [
    ["plain", "a: b c # d\n", ["a"], "b c"],
    ["a plain scalar of two lines", "a: b\n  c\n", ["a"], "b\n  c"],
    ["single quotes", "a: 'it''s' \n", ["a"], "'it''s'"],
    ["double quotes", 'a: "\\u0041"\n', ["a"], '"\\u0041"'],
    ["behind an anchor and a tag", "a: &x !!str 1\n", ["a"], "1"],
    ["a literal without its last line break", "a: |  # c\n  b\n\n# e\nf: 1\n", ["a"], "|  # c\n  b"],
    ["a literal that keeps blank lines", "a: |+\n  b\n\n\nc: 1\n", ["a"], "|+\n  b\n\n"],
    ["a folded one in CRLF", "a: >-\r\n  b\r\n  c\r\nd: 1\r\n", ["a"], ">-\r\n  b\r\n  c"],
    ["no value", "a: # c\nb: 1\n", ["a"], ""],
    ["behind a byte order mark", "\ufeffa: b\n", ["a"], "b"],
    ["a sequence behind a byte order mark", "\ufeff- a\n- b\n", [1], "b"],
    ["behind characters of two units", "a: 😀😀\nb: c\n", ["b"], "c"],
    ["a block mapping", "a:\n  b: 1\n  c: 2 # d\n# e\n", ["a"], "b: 1\n  c: 2"],
    ["a block sequence", "a:\n- b\n- c\n\nd: 1\n", ["a"], "- b\n- c"],
    ["braces", "a: { b: 1 } # c\n", ["a"], "{ b: 1 }"],
    ["an item of brackets of two lines", "a: [b,\n  c ]\n", ["a", 1], "c"],
    ["an alias", "a: &x 1\nb: *x # c\n", ["b"], "*x"],
    ["the whole document", "---\na: 1\nb:\n  - c\n...\n", [], "a: 1\nb:\n  - c"],
  ];
  test.each(cases)("%s", (_, text, route, expected) => {
    const { root, complaints } = parse(text);
    expect(complaints).toEqual([]);
    expect(written(text, nodeAt(root, route))).toBe(expected);
  });
});

test("a scalar keeps its text beside its value and style", () => {
  const { root } = parse("version: 1.20\non: push\nrun: |\n  a\n  b\nempty:\nyes: 'no'\n");
  const at = (key: string) => {
    const node = nodeAt(root, [key]);
    return node?.kind === "scalar" ? [node.style, node.text, node.value] : node;
  };
  expect(at("version")).toEqual(["plain", "1.20", 1.2]);
  expect(at("on")).toEqual(["plain", "push", "push"]);
  expect(at("run")).toEqual(["literal", "a\nb\n", "a\nb\n"]);
  expect(at("empty")).toEqual(["plain", "", null]);
  expect(at("yes")).toEqual(["single", "no", "no"]);
});

test("keys, colons and dashes have their places, in the file's order", () => {
  const text = "b: 1\na:\n  - x\n  -\n    y: z\n? c\n";
  const { root } = parse(text);
  expect(root?.kind === "mapping" && root.entries.map((e) => [e.key.text, e.key.span.start, e.colon, e.explicit])).toEqual([
    ["b", 0, 1, false],
    ["a", 5, 6, false],
    ["c", 29, undefined, true],
  ]);
  const list = nodeAt(root, ["a"]);
  expect(list?.kind === "sequence" && list.dashes.map((at) => text[at])).toEqual(["-", "-"]);
});

test("an alias has its own place and leads to the anchored node itself", () => {
  const { root } = parse("a: &x\n  b: 1\nc: *x\n");
  const alias = nodeAt(root, ["c"]);
  expect(alias).toMatchObject({ kind: "alias", name: "x", span: { start: 16, end: 18 } });
  expect(alias?.kind === "alias" && alias.target).toBe(nodeAt(root, ["a"]));
  expect(nodeAt(root, ["c", "b"])).toMatchObject({ value: 1 });
});

test("every comment is there, and nothing that only looks like one", () => {
  const { comments } = parse("# one\na: b # two\nc: |  # three\n  # no\nd: '# no' #four\ne: [1, # five\n  2]\nf: x#no\n# six");
  expect(comments.map((c) => c.text)).toEqual(["# one", "# two", "# three", "#four", "# five", "# six"]);
});

test("tags of applications are kept and not complained about", () => {
  const { root, complaints } = parse("a: !reset null\nb: !!str 1\n");
  expect(complaints).toEqual([]);
  expect(nodeAt(root, ["a"])).toMatchObject({ tag: "!reset", value: "null" });
  expect(nodeAt(root, ["b"])).toMatchObject({ tag: "tag:yaml.org,2002:str", value: "1" });
});

describe("bad input is told with its place", () => {
  const cases: readonly (readonly [name: string, text: string, code: string, place: string, message: RegExp])[] = [
    ["a tab as indentation", "a:\n\t- x\n", "yaml-syntax", "2:1", /tabs are not allowed/],
    ["a bracket that is never closed", "a: [\n", "yaml-syntax", "2:1", /must be sufficiently indented and end with a \]/],
    ["a colon too many", "a: b: c\n", "yaml-syntax", "1:4", /nested mappings/],
    ["a key that stands twice", "a: 1\nb: 2\na: 3\n", "yaml-syntax", "3:1", /the key "a" stands twice/],
    ["a key that is a list", "[a]: 1\n", "yaml-syntax", "1:1", /a key is wanted that is a text/],
    ["an anchor that is not there", "a: *b\n", "yaml-syntax", "1:4", /the alias "\*b" names no anchor/],
    ["an anchor that comes later", "a: *b\nb: &b 1\n", "yaml-syntax", "1:4", /the alias "\*b" names no anchor/],
    ["an alias within its own anchor", "a: &a [*a]\n", "yaml-syntax", "1:8", /stands within what it names/],
    ["two documents", "a: 1\n---\nb: 2\n", "yaml-syntax", "2:1", /more than one document/],
    ["brackets within brackets without end", "[".repeat(100_000), "limit-exceeded", "1:102", /deeper than the 100 levels/],
    ["lists within lists without end", "- ".repeat(100_000), "limit-exceeded", "1:203", /deeper than the 100 levels/],
    ["keys within keys without end", "? ".repeat(100_000), "limit-exceeded", "1:203", /deeper than the 100 levels/],
    ["a text too long", "x".repeat(YAML_LIMITS.size + 1), "limit-exceeded", "1:1", /has 10485761 characters/],
  ];
  test.each(cases)("%s", (_, text, code, place, message) => {
    const { complaints } = parse(text);
    const told = complaints.find((c) => message.test(c.message));
    expect(told).toMatchObject({ code, severity: "error" });
    const { line, column } = positionOf({ name: "", text }, told?.place.span.start ?? -1);
    expect(`${line}:${column}`).toBe(place);
  });

  test("a key that is a number is read as text, with a note", () => {
    const { root, complaints } = parse("8080: x\n");
    expect(complaints.map((c) => c.severity)).toEqual(["note"]);
    expect(nodeAt(root, ["8080"])).toMatchObject({ value: "x" });
  });

  test("what is right beside it is read all the same", () => {
    const { root, complaints } = parse("a: 1\n[b]: 2\nc: *d\ne: 3\n");
    expect(complaints).toHaveLength(2);
    expect(nodeAt(root, ["e"])).toMatchObject({ value: 3 });
  });

  test("a bomb of aliases gives no tree", () => {
    const level = (i: number): string =>
      `k${i}: &k${i} [${Array(9)
        .fill(i === 0 ? "x" : `*k${i - 1}`)
        .join(", ")}]\n`;
    const { root, complaints } = parse(Array.from({ length: 12 }, (_, i) => level(i)).join(""));
    expect(root).toBeUndefined();
    expect(complaints.map((c) => c.code)).toEqual(["limit-exceeded"]);
  });

  test("a chain of aliases deeper than the limit gives no tree", () => {
    const text = Array.from({ length: 150 }, (_, i) => `k${i}: &k${i} [${i === 0 ? "x" : `*k${i - 1}`}]\n`).join("");
    expect(parse(text)).toMatchObject({ root: undefined, complaints: [{ code: "limit-exceeded" }] });
  });

  test("words without end are too many, and many complaints are cut short", () => {
    const limits = { ...YAML_LIMITS, tokens: 1000 };
    expect(parseYaml({ name: "x", text: "- x\n".repeat(1000) }, limits)).toMatchObject({ root: undefined, complaints: [{ code: "limit-exceeded" }] });
    expect(parse("a: 1\n".repeat(5000)).complaints).toHaveLength(101);
  });
});

test("nothing in a file is no tree and no mistake", () => {
  for (const text of ["", "\n\n", "# only\n", "---\n", "\ufeff"]) expect(parse(text)).toMatchObject({ root: undefined, complaints: [] });
});

test("many documents are read where they are wanted", () => {
  const { roots, complaints } = parseYamlDocuments({ name: "x", text: "a: &x 1\n---\nb: 2\n---\n---\nc: *x\n" });
  expect(roots.map((root) => root?.kind)).toEqual(["mapping", "mapping", undefined, "mapping"]);
  // An anchor ends with its document.
  expect(complaints.map((c) => c.message)).toEqual(['the alias "*x" names no anchor that stands before it']);
});

test("no text makes it throw, and every span lies within the text", () => {
  const piece = fc.constantFrom(
    "a",
    "b: ",
    "- ",
    "? ",
    ": ",
    "\n",
    "\n  ",
    "\n    ",
    "\r\n",
    "\t",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "&x ",
    "*x",
    "!t ",
    "|\n",
    ">-\n",
    "'",
    '"',
    "#",
    " # c\n",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "<<: ",
    "\ufeff",
    "\u0000",
    "\ud800",
    "😀",
    "\\",
    "@",
    "`",
    "~",
    "0x1",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("");
      const { roots, comments, complaints } = parseYamlDocuments({ name: "x", text });
      const within = ({ start, end }: { start: number; end: number }): boolean => 0 <= start && start <= end && end <= text.length;
      const visit = (node: YamlNode): void => {
        expect(within(node.span)).toBe(true);
        if (node.kind === "sequence") node.items.forEach(visit);
        if (node.kind === "mapping") for (const entry of node.entries) [entry.key, entry.value].forEach(visit);
      };
      for (const root of roots) if (root !== undefined) visit(root);
      for (const { span, text: comment } of comments) expect(text.slice(span.start, span.end)).toBe(comment);
      for (const { place } of complaints) expect(within(place.span)).toBe(true);
    }),
    { numRuns: 1500 },
  );
});
