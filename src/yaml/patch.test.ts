import { describe, expect, test } from "vitest";
import { applyPatches, type YamlPatch } from "./patch.ts";
import type { PlainValue } from "./render.ts";

const apply = (text: string, ...patches: YamlPatch[]) => applyPatches({ name: "x.yml", text }, patches);
/** GitHub's own braces are no flow mapping. */
const expression = `\${{ x }}`;

type Case = readonly [name: string, before: string, patch: YamlPatch, after: string];
type Refused = readonly [name: string, text: string, patch: YamlPatch, reason: RegExp];

function tables(made: readonly Case[], refused: readonly Refused[]): void {
  test.each(made)("%s", (_, before, patch, after) => expect(apply(before, patch)).toEqual({ text: after }));
  test.each(refused)("refused: %s", (_, text, patch, reason) => expect(apply(text, patch)).toEqual({ refused: expect.stringMatching(reason) }));
}

describe("set", () => {
  const set = (value: string | number | boolean | null, ...at: (string | number)[]): YamlPatch => ({ op: "set", at, value });
  tables(
    [
      ["plain stays plain, before its comment", "a: b  # c\n", set("d", "a"), "a: d  # c\n"],
      ["quotes stay quotes", "a: 'b'\nc: \"d\"\n", set("it's", "a"), "a: 'it''s'\nc: \"d\"\n"],
      ["double quotes escape", 'a: "b"\n', set('x "y"\n', "a"), 'a: "x \\"y\\"\\n"\n'],
      ["quoted when it would be something else", "a: b\n", set("true", "a"), 'a: "true"\n'],
      ["quoted when others would take it for something else", "a: b\nc: 'd'\n", set("on", "a"), "a: 'on'\nc: 'd'\n"],
      ["a version is no number", "a: b\n", set("1.2.3", "a"), "a: 1.2.3\n"],
      ["a number that is a text is quoted", "a: b\n", set("1.20", "a"), 'a: "1.20"\n'],
      ["quoted when it holds a comment's mark", "a: b\n", set("x # y", "a"), 'a: "x # y"\n'],
      ["quoted within brackets", "a: [b, c]\n", set("x, y", "a", 0), 'a: ["x, y", c]\n'],
      ["an expression stays plain", "a: b\n", set(expression, "a"), `a: ${expression}\n`],
      ["a boolean", "a: 'b'\n", set(true, "a"), "a: true\n"],
      ["a key without a value, before its comment", "a: # c\nb: 1\n", set(2, "a"), "a: 2 # c\nb: 1\n"],
      ["an item without a value", "a:\n  -\n  - b\n", set("x", "a", 0), "a:\n  - x\n  - b\n"],
      ["the last line without its end", "a: 1\nb: 2", set(3, "b"), "a: 1\nb: 3"],
      ["behind a byte order mark, CRLF", "\ufeffa: 1 # é\r\nb: 2\r\n", set(3, "b"), "\ufeffa: 1 # é\r\nb: 3\r\n"],
      ["a literal", "run: | # why\n    a\n\n    b\n\n# c\nd: 1\n", set("x\n\n  y\n", "run"), "run: | # why\n    x\n\n      y\n\n# c\nd: 1\n"],
      ["a literal without its last line break", "run: |\r\n  a\r\nd: 1\r\n", set("x\ny", "run"), "run: |-\r\n  x\r\n  y\r\nd: 1\r\n"],
      ["a folded one", "a: >-\n  b\n  c\nd: 1\n", set("x\ny", "a"), "a: >-\n  x\n\n  y\nd: 1\n"],
      ["a folded one that folding would spoil", "a: >\n  b\nd: 1\n", set("x\n  y\n", "a"), "a: |\n  x\n    y\nd: 1\n"],
      ["a literal that becomes a number", "a: |\n  b\n  c\nd: 1\n", set(5, "a"), "a: 5\nd: 1\n"],
      ["text of several lines in place of plain", "a: b\n", set("x\ny", "a"), 'a: "x\\ny"\n'],
      ["a plain scalar of two lines", "a: b\n  c # d\ne: 1\n", set("x", "a"), "a: x # d\ne: 1\n"],
      ["what it is already", "a:   'b'\n", set("b", "a"), "a:   'b'\n"],
      ["an anchor that nobody uses stays", "a: &x b\n", set("c", "a"), "a: &x c\n"],
    ],
    [
      ["nothing there", "a: 1\n", set(2, "b", "c"), /^there is no b$/],
      ["a mapping", "a: {b: 1}\n", set(2, "a"), /^a is no scalar but a mapping$/],
      ["an alias", "a: &x 1\nb: *x\n", set(2, "b"), /^b is no scalar but an alias$/],
      ["what an alias repeats", "a: &x 1\nb: *x\n", set(2, "a"), /^a is repeated elsewhere/],
      ["within what an alias repeats", "a: &x\n  b: 1\nc: *x\n", set(2, "a", "b"), /^a is repeated elsewhere/],
      ["behind an alias", "a: &x\n  b: 1\nc: *x\n", set(2, "c", "b"), /^c is an alias/],
      ["a tag", "a: !!str 1\n", set("2", "a"), /has a tag/],
      ["blank lines that are kept", "a: |+\n  b\n\n", set("c\n", "a"), /more than its style/],
      ["a comment that would be lost", "a: | # c\n  b\n", set(" x\n", "a"), /has a comment/],
      ["a file with an error", "a: 1\na: 2\n", set(3, "a"), /the key "a" stands twice/],
      ["two documents", "a: 1\n---\nb: 1\n", set(3, "a"), /more than one document/],
      ["an empty file", "# c\n", set(3, "a"), /the file is empty/],
    ],
  );
});

describe("add", () => {
  const add = (at: (string | number)[], key: string, value: string | number | boolean, after?: string): YamlPatch => ({ op: "add", at, key, value, after });
  tables(
    [
      ["behind its siblings, before what follows", "a:\n    b: 1 # c\n\n# d\ne: 2\n", add(["a"], "x", "y"), "a:\n    b: 1 # c\n    x: y\n\n# d\ne: 2\n"],
      ["behind the one that is named", "a:\n  b: 1\n  c: 2\n", add(["a"], "x", 5, "b"), "a:\n  b: 1\n  x: 5\n  c: 2\n"],
      ["behind a literal", "- run: |\n    a\n\n- b\n", add([0], "x", "y"), "- run: |\n    a\n  x: y\n\n- b\n"],
      [
        "behind a nested list with a comment of its own",
        "s:\n  - a:\n      - 1\n      # own\n  - b: 1\n",
        add(["s", 0], "x", "y"),
        "s:\n  - a:\n      - 1\n      # own\n    x: y\n  - b: 1\n",
      ],
      ["before a comment of the same depth", "w:\n  a: 1\n  # b: 2\nc: 3\n", add(["w"], "x", "y"), "w:\n  a: 1\n  x: y\n  # b: 2\nc: 3\n"],
      ["at the end without a line break", "a:\n  b: 1", add(["a"], "x", "y"), "a:\n  b: 1\n  x: y"],
      ["in CRLF", "a:\r\n  b: 1\r\n", add(["a"], "x", "y"), "a:\r\n  b: 1\r\n  x: y\r\n"],
      ["into braces", "a: { b: 1 } # c\n", add(["a"], "x", "y, z"), 'a: { b: 1, x: "y, z" } # c\n'],
      ["into empty braces", "a: {}\n", add(["a"], "x", "y"), "a: {x: y}\n"],
      ["into braces with a comma at the end", "a: {b: 1,}\n", add(["a"], "x", "y"), "a: {b: 1, x: y,}\n"],
      ["into braces over several lines", "a: {\n  b: 1 # c\n}\n", add(["a"], "x", "y"), "a: {\n  b: 1, # c\n  x: y\n}\n"],
      ["into a key without a value", "on:\n  push: # c\n  # d\njobs: 1\n", add(["on", "push"], "x", "y"), "on:\n  push: # c\n    x: y\n  # d\njobs: 1\n"],
      ["a key that wants quotes", "a: 1\n", add([], "b: c", 1), 'a: 1\n"b: c": 1\n'],
      ["the key on", "a: 1\n", add([], "on", "push"), "a: 1\non: push\n"],
      ["several lines as a literal", "a: 1\n", add([], "run", "x\n y\n"), "a: 1\nrun: |\n  x\n   y\n"],
      [
        "a mapping with the file's habits",
        "jobs:\n    a:\n        steps:\n        - 'b'\n",
        { op: "add", at: ["jobs", "a"], key: "env", value: { x: "true", l: [1, { m: "n", o: [] }] } },
        "jobs:\n    a:\n        steps:\n        - 'b'\n        env:\n            x: 'true'\n            l:\n            - 1\n            - m: n\n              o: []\n",
      ],
      [
        "YAML with its comments",
        "a:\n  b: 1\n",
        { op: "add", at: ["a"], key: "c", yaml: "# why\nd: |\n  x\n\n  y\ne: 2 # f\n" },
        "a:\n  b: 1\n  c:\n    # why\n    d: |\n      x\n\n      y\n    e: 2 # f\n",
      ],
      ["what is there already", "a:\n  b: 1 # c\n", add(["a"], "b", 1), "a:\n  b: 1 # c\n"],
    ],
    [
      ["there with another value", "a:\n  b: 1\n", add(["a"], "b", 2), /^a\.b is there already$/],
      ["no mapping", "a: [1]\n", add(["a"], "b", 2), /^a is no mapping$/],
      ["behind what is not there", "a:\n  b: 1\n", add(["a"], "c", 2, "d"), /^there is no a\.d$/],
      ["keys with question marks", "? a\n: b\n", add([], "c", 2), /not laid out/],
      ["into what an alias repeats", "a: &x\n  b: 1\nc:\n  <<: *x\n", add(["a"], "d", 2), /repeated elsewhere/],
      ["broken YAML", "a: 1\n", { op: "add", at: [], key: "b", yaml: "c: [" }, /cannot be read/],
      ["several lines into braces", "a: {b: 1}\n", { op: "add", at: ["a"], key: "c", yaml: "d: 1\n" }, /only one line/],
    ],
  );
});

describe("insert", () => {
  const step = { name: "Set up QEMU", uses: "docker/setup-qemu-action@v3" };
  const insert = (index: number, value: PlainValue = step): YamlPatch => ({ op: "insert", at: ["steps"], index, value });
  tables(
    [
      [
        "before an item, above its comments",
        "steps:\n  - uses: a # x\n  # about b\n  - uses: b\n",
        insert(1),
        "steps:\n  - uses: a # x\n  - name: Set up QEMU\n    uses: docker/setup-qemu-action@v3\n  # about b\n  - uses: b\n",
      ],
      ["at the end, behind a literal", "steps:\n- run: |\n    a\n\njobs: 1\n", insert(1, "x"), "steps:\n- run: |\n    a\n- x\n\njobs: 1\n"],
      [
        "with the dash on a line of its own",
        "steps:\n  -\n    name: a\n    uses: b\n",
        insert(0),
        "steps:\n  -\n    name: Set up QEMU\n    uses: docker/setup-qemu-action@v3\n  -\n    name: a\n    uses: b\n",
      ],
      ["with wide dashes", "steps:\n-   uses: a\n", insert(1), "steps:\n-   uses: a\n-   name: Set up QEMU\n    uses: docker/setup-qemu-action@v3\n"],
      ["with blank lines between", "steps:\n  - a\n\n  # b\n  - b\n", insert(1, "x"), "steps:\n  - a\n\n  - x\n\n  # b\n  - b\n"],
      ["with blank lines, at the start", "steps:\n  - a\n\n  - b\n", insert(0, "x"), "steps:\n  - x\n\n  - a\n\n  - b\n"],
      ["with blank lines, at the end", "steps:\n  - a\n\n  - b\nc: 1\n", insert(2, "x"), "steps:\n  - a\n\n  - b\n\n  - x\nc: 1\n"],
      ["at the end without a line break, CRLF", "steps:\r\n  - a", insert(1, "x"), "steps:\r\n  - a\r\n  - x"],
      ["into brackets", "steps: [a, b]\n", insert(1, "x"), "steps: [a, x, b]\n"],
      ["at the end of brackets", "steps: [a, b] # c\n", insert(2, { d: "e" }), "steps: [a, b, {d: e}] # c\n"],
      ["into brackets over several lines", "steps: [\n  a, # c\n  b # d\n]\n", insert(1, "x"), "steps: [\n  a, # c\n  x,\n  b # d\n]\n"],
      ["into empty brackets", "steps: []\n", insert(0, "x"), "steps: [x]\n"],
      [
        "YAML with a comment, which goes above the dash",
        "steps:\n  - uses: a\n",
        { op: "insert", at: ["steps"], index: 0, yaml: "# emulators\nuses: q@v3 # pinned\nwith:\n  x: |\n    y\n" },
        "steps:\n  # emulators\n  - uses: q@v3 # pinned\n    with:\n      x: |\n        y\n  - uses: a\n",
      ],
      ["at the top, below the comments that begin the file", "# licence\n- a\n", { op: "insert", at: [], index: 0, value: "x" }, "# licence\n- x\n- a\n"],
      ["a comment in a tab's company", "steps:\n  - a\t# b\n", insert(1, "x"), "steps:\n  - a\t# b\n  - x\n"],
    ],
    [
      ["no such place", "steps:\n  - a\n", insert(3), /has 1 items, so there is no place 3/],
      ["no sequence", "steps: a\n", insert(0), /^steps is no sequence$/],
      ["a dash behind a dash", "steps:\n  - - a\n    - b\n", { op: "insert", at: ["steps", 0], index: 0, value: "x" }, /does not begin its line/],
      ["into what an alias repeats", "steps: &s\n  - a\nb: *s\n", insert(0), /repeated elsewhere/],
    ],
  );
});

describe("remove", () => {
  const remove = (...at: (string | number)[]): YamlPatch => ({ op: "remove", at });
  tables(
    [
      ["an entry with its comments", "a: 1\n# about b\n# more\nb: 2 # there\n# about c\nc: 3\n", remove("b"), "a: 1\n# about c\nc: 3\n"],
      ["an entry with all it holds", "a: 1\nb:\n  c: |\n    x\n\n    y\n  # last\nd: 2\n", remove("b"), "a: 1\nd: 2\n"],
      ["the first key of an item", "- a: 1 # x\n  b: 2\n", remove(0, "a"), "- b: 2\n"],
      ["the first key below a dash", "-\n  a: 1\n  b: 2\n", remove(0, "a"), "-\n  b: 2\n"],
      ["the last line without its end", "a: 1\r\nb: 2", remove("b"), "a: 1"],
      ["an item and the blank lines that set it off", "- a\n\n- b\n\n- c\n", remove(1), "- a\n\n- c\n"],
      ["the last item of spaced ones", "s:\n  - a\n\n  - b\nc: 1\n", remove("s", 1), "s:\n  - a\nc: 1\n"],
      ["a first key, not the comments that begin the file", "# licence\na: 1\nb: 2\n", remove("a"), "# licence\nb: 2\n"],
      ["from braces", "a: {b: 1, c: 2}\n", remove("a", "b"), "a: {c: 2}\n"],
      ["the last from brackets", "a: [b, c] # d\n", remove("a", 1), "a: [b] # d\n"],
      ["all from brackets", "a: [b]\n", remove("a", 0), "a: []\n"],
      ["an alias", "a: &x 1\nb: *x\nc: 2\n", remove("b"), "a: &x 1\nc: 2\n"],
    ],
    [
      ["the only entry", "a:\n  b: 1\n", remove("a", "b"), /nothing would be left in a: remove that/],
      ["the document", "a: 1\n", remove(), /document itself/],
      ["an anchor that is used", "a: &x 1\nb: *x\n", remove("a"), /repeated elsewhere/],
      ["an anchor within that is used", "a:\n  c: &x 1\nb: *x\n", remove("a"), /could not be read after it/],
      ["a comment among brackets", "a: [b, # c\n  d]\n", remove("a", 0), /a comment within/],
      ["a first key whose successor has comments", "- a: 1\n  # c\n  b: 2\n", remove(0, "a"), /does not begin its line/],
      ["a key with a question mark", "? a\n: 1\nb: 2\n", remove("a"), /not laid out/],
    ],
  );
});

describe("move", () => {
  const move = (to: number, ...at: (string | number)[]): YamlPatch => ({ op: "move", at, to });
  tables(
    [
      [
        "down, with comments, blank lines in place",
        "s:\n  # about a\n  - a # x\n\n  - b: |\n      y\n  - c\n",
        move(2, "s", 0),
        "s:\n  - b: |\n      y\n\n  - c\n  # about a\n  - a # x\n",
      ],
      ["up, the last without a line break", "- a\n- b\n- c", move(0, 2), "- c\n- a\n- b"],
      ["to where it is", "- a\n- b\n", move(1, 1), "- a\n- b\n"],
    ],
    [
      ["in brackets", "a: [b, c]\n", move(0, "a", 1), /in brackets/],
      ["an entry", "a: 1\nb: 2\n", move(0, "b"), /no item/],
      ["too far", "- a\n- b\n", move(2, 0), /no place 2/],
      ["an alias before its anchor", "- b: &x 1\n- *x\n", move(0, 1), /could not be read after it/],
    ],
  );
});

describe("comment", () => {
  const comment = (text: string | undefined, ...at: (string | number)[]): YamlPatch => ({ op: "comment", at, text });
  tables(
    [
      ["a new one", "a: b\nc: d\n", comment("v4.1.0", "a"), "a: b # v4.1.0\nc: d\n"],
      ["in place of another", "a: b   # v3\n", comment("v4", "a"), "a: b   # v4\n"],
      ["removed", "a: b   # v3\nc: d\n", comment(undefined, "a"), "a: b\nc: d\n"],
      ["of two, only the one on its line", "# above\na: b # x\n# below\n", comment("y", "a"), "# above\na: b # y\n# below\n"],
      ["without a line break at the end, CRLF", "a: 1\r\nb: c", comment("y", "b"), "a: 1\r\nb: c # y"],
      ["before CRLF", "a: 1\r\nb: c\r\n", comment("y", "a"), "a: 1 # y\r\nb: c\r\n"],
      ["with a tab", "a: b\t# x\ty\n", comment("z\tz", "a"), "a: b\t# z\tz\n"],
      ["on a literal's header", "a: |\n  b\n", comment("y", "a"), "a: | # y\n  b\n"],
      ["on the key of a block", "a:\n  - b\n", comment("y", "a"), "a: # y\n  - b\n"],
      ["behind brackets", "a: [b, c]\n", comment("y", "a", 1), "a: [b, c] # y\n"],
      ["an alias", "a: &x 1\nb: *x\n", comment("y", "b"), "a: &x 1\nb: *x # y\n"],
      ["what is there already", "a: b   # y\n", comment("y", "a"), "a: b   # y\n"],
    ],
    [
      ["within a line", "a: [b, c]\n", comment("y", "a", 0), /goes on with something else/],
      ["an item of several keys", "- a: 1\n  b: 2\n", comment("y", 0), /goes on with something else/],
      ["two lines", "a: b\n", comment("x\ny", "a"), /one line/],
    ],
  );
});

describe("replace", () => {
  const replace = (value: string): YamlPatch => ({ op: "replace", at: ["with", "platforms"], value });
  tables(
    [
      [
        "a block sequence",
        "with:\n  platforms: # all\n    - linux/amd64\n    - linux/arm64\n  push: true\n",
        replace("linux/amd64,linux/arm64"),
        "with:\n  platforms: linux/amd64,linux/arm64 # all\n  push: true\n",
      ],
      ["not indented, at the end", "with:\n  platforms:\n  - a\n  - b", replace("a,b"), "with:\n  platforms: a,b"],
      ["brackets", "with:\n  platforms: [a, b] # c\n", replace("a,b"), "with:\n  platforms: a,b # c\n"],
      ["by several lines", "with:\r\n  platforms:\r\n    - a\r\n    - b\r\n", replace("a\nb\n"), "with:\r\n  platforms: |\r\n    a\r\n    b\r\n"],
      ["what it is already", "with:\n  platforms: a,b\n", replace("a,b"), "with:\n  platforms: a,b\n"],
    ],
    [
      ["comments among the items", "with:\n  platforms:\n    - a # needed\n    - b\n", replace("a,b"), /comments within/],
      ["a scalar", "with:\n  platforms: a\n", replace("a,b"), /is no sequence/],
      ["an anchor", "with:\n  platforms: &x [a]\n", replace("a,b"), /an anchor/],
    ],
  );
});

test("patches are made in order, each on what the one before left, and all or none", () => {
  const text = "steps:\n  - uses: a@v1\n";
  const add: YamlPatch = { op: "insert", at: ["steps"], index: 0, value: { uses: "b@v1" } };
  expect(apply(text, add, { op: "set", at: ["steps", 0, "uses"], value: "b@0123" }, { op: "comment", at: ["steps", 0, "uses"], text: "v2" })).toEqual({
    text: "steps:\n  - uses: b@0123 # v2\n  - uses: a@v1\n",
  });
  expect(apply(text, add, { op: "remove", at: ["nothing"] })).toEqual({ refused: "there is no nothing" });
});
