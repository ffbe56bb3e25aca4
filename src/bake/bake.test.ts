// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of HCL and of compose
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { corpusFolder } from "../../test/harness/corpus.ts";
import { BAKE_CASES } from "../../test/peers/bake-cases.ts";
import type { Place } from "../core/span.ts";
import type { BakeParts, BakeRequest, BakeResolution, BakeTarget, BakeTexts } from "./bake-file.ts";
import { readBakeFile } from "./read.ts";
import { resolveBake } from "./resolve.ts";

const shown = (parts: BakeParts | undefined): string | undefined => parts?.map((part) => (typeof part === "string" ? part : `<${part.source}>`)).join("");
const items = (texts: BakeTexts | undefined): string => `${texts?.items.map(({ parts }) => shown(parts)).join(" ")}${texts?.open ? " …" : ""}`;
const at = (place: Place | undefined): string | undefined => place?.file.text.slice(place.span.start, place.span.end);

function resolve(text: string, more: Partial<BakeRequest> = {}, name = "docker-bake.hcl"): BakeResolution {
  return resolveBake([readBakeFile({ name, text })], { targets: [], set: [], variables: new Map(), ...more });
}
const only = (resolution: BakeResolution): BakeTarget => resolution.targets[0] as BakeTarget;
const setOf = (...parts: BakeParts) => ({ parts, place: { file: { name: "w.yml", text: "the override" }, span: { start: 4, end: 12 } } });

describe("places", () => {
  const text = 'variable "P" {\n  default = ["linux/amd64"]\n}\ntarget "default" {\n  tags = ["a", "b${1}"]\n  platforms = P\n  args = { X = "1" }\n}\n';
  const target = only(resolve(text));

  test.for([
    ["the block", target.place, 'target "default"'],
    ["an attribute", target.tags.place, 'tags = ["a", "b${1}"]'],
    ["an item", target.tags.items[1]?.place, '"b${1}"'],
    ["a list", target.platforms.place, "platforms = P"],
    ["an item of a variable's default", target.platforms.items[0]?.place, '"linux/amd64"'],
    ["a value of an object", target.args.items[0]?.place, '"1"'],
  ] as const)("of %s", ([, place, written]) => {
    expect(at(place)).toBe(written);
  });

  test("of what an override brings", () => {
    const { platforms, tags } = only(resolve(text, { set: [setOf("*.platform=linux/arm64")] }));
    expect(at(platforms.place)).toBe("override");
    expect(at(platforms.items[0]?.place)).toBe("override");
    expect(at(tags.items[0]?.place)).toBe('"a"');
  });

  test("in JSON", () => {
    const { tags, place } = only(resolve('{"target": {"default": {"tags": ["x:${1 + 1}"]}}}', {}, "docker-bake.json"));
    expect([at(place), at(tags.place), at(tags.items[0]?.place), shown(tags.items[0]?.parts)]).toEqual([
      '"default"',
      '"tags": ["x:${1 + 1}"]',
      '"x:${1 + 1}"',
      "x:2",
    ]);
  });

  test("in compose", () => {
    const { tags, platforms } = only(
      resolve("services:\n  a:\n    image: i:${T}\n    build:\n      context: .\n      platforms: [linux/amd64]\n", {}, "compose.yml"),
    );
    expect([at(tags.items[0]?.place), at(platforms.place), at(platforms.items[0]?.place)]).toEqual(["i:${T}", "[linux/amd64]", "linux/amd64"]);
  });
});

describe("what is unknown", () => {
  const text =
    'variable "TAG" { default = "latest" }\nvariable "MULTI" { default = "" }\ntarget "default" {\n  tags = ["app:${TAG}", "app:${upper(TAG)}-x", "app:${timestamp()}"]\n  platforms = MULTI == "1" ? ["linux/amd64", "linux/arm64"] : ["linux/amd64"]\n  no-cache = equal(TAG, "x")\n  target = MULTI != "" ? "a" : "b"\n}';

  test("stays in the middle of texts", () => {
    const { tags } = only(resolve(text, { variables: new Map([["TAG", undefined]]) }));
    expect(items(tags)).toBe("app:<TAG> app:<upper(TAG)>-x app:<timestamp()>");
  });

  test("may be a part of a variable", () => {
    const { tags } = only(resolve(text, { variables: new Map([["TAG", ["v-", { source: "github.sha", atoms: ["github.sha"] }]]]) }));
    expect(items(tags)).toBe("app:v-<github.sha> app:V-<github.sha>-x app:<timestamp()>");
    expect(tags.items[0]?.parts[1]).toMatchObject({ atoms: ["github.sha"] });
  });

  test("decides nothing: both sides of a condition are kept in mind", () => {
    const { platforms, stage, noCache } = only(
      resolve(text, {
        variables: new Map([
          ["MULTI", undefined],
          ["TAG", undefined],
        ]),
      }),
    );
    expect(items(platforms)).toBe("linux/amd64 …");
    expect(stage?.parts).toMatchObject([{ choices: ["a", "b"] }]);
    expect(noCache.value).toBeUndefined();
  });

  test("a part that is known may decide", () => {
    const equalTo = (parts: BakeParts): boolean | undefined =>
      only(resolve('variable "V" {}\ntarget "default" {\n no-cache = V == "v1"\n}', { variables: new Map([["V", parts]]) })).noCache.value;
    const hole = { source: "x", atoms: [] };
    expect([equalTo(["w", hole]), equalTo(["v", hole]), equalTo([hole, "2"]), equalTo([hole])]).toEqual([false, undefined, false, undefined]);
  });

  test("an override that is unknown before its value may set anything", () => {
    const { platforms, tags } = only(resolve(text, { set: [setOf({ source: "inputs.set", atoms: [] })] }));
    expect([platforms.open, tags.open]).toEqual([true, true]);
  });

  test("a matrix over something unknown leaves the list of targets open", () => {
    const resolution = resolve('variable "V" {\n type = list(string)\n default = []\n}\ntarget "a" {\n name = "a-${v}"\n matrix = { v = V }\n}', {
      targets: ["a"],
      variables: new Map([["V", undefined]]),
    });
    expect([resolution.open, resolution.targets, resolution.complaints]).toEqual([true, [], []]);
  });
});

describe("mistakes", () => {
  const told = (resolution: BakeResolution): string[] =>
    resolution.complaints.map(({ message, place, hint }) => `${message} @ ${at(place)}${hint === undefined ? "" : ` (${hint})`}`);

  test.for([
    [
      "an attribute that Buildx passes over",
      'target "default" {\n platform = ["linux/arm64"]\n}',
      ['a target has no attribute "platform": Buildx passes over it @ platform (did you mean "platforms"?)'],
    ],
    ["an unknown function", 'target "default" {\n tags = [uper("x")]\n}', ['there is no function "uper" @ uper("x") (did you mean "upper"?)']],
    ["an unknown variable", 'target "default" {\n tags = ["x:${TAGS}"]\n}', ['there is no variable "TAGS" @ TAGS']],
    ["a broken text", 'target "default" {\n tags = ["x]\n}', ['a text is not closed with a quote in its line @ "']],
    ["a broken list", 'target "default" {\n tags = ["x" "y"]\n}', ['a "]" is wanted or a comma after an item of a list, and there is "\\"" @ "']],
    ["a parent that is not there", 'target "default" {\n inherits = ["base"]\n}', ['failed to find target base @ "base"']],
  ] as const)("%s", ([, text, messages]) => {
    expect(told(resolve(text))).toEqual(messages);
  });

  test("targets that are asked for and not there", () => {
    expect(resolve('target "a" {}', { targets: ["a", "b", "c*"] }).missing).toEqual(["c*", "b"]);
    expect(resolve('target "a" {}').missing).toEqual(["default"]);
  });
});

describe("bounds", () => {
  const doubled = Array.from({ length: 60 }, (_, i) => `variable "V${i + 1}" { default = "\${V${i}}\${V${i}}" }`).join("\n");

  test.for([
    ["texts that double", `variable "V0" { default = "xxxxxxxx" }\n${doubled}\ntarget "default" {\n tags = [V60]\n}`, false],
    [
      "a matrix of a million rows",
      `target "default" {\n matrix = {\n${"abcdef"
        .split("")
        .map((k) => `  ${k} = range(10)\n`)
        .join("")} }\n name = "x"\n}`,
      true,
    ],
    ["loops within loops", 'target "default" {\n tags = [for a in range(1000) : join("", [for b in range(1000) : "${a}${b}"])]\n}', true],
    ["brackets within brackets", `target "default" {\n tags = ${"[".repeat(5000)}${"]".repeat(5000)}\n}`, true],
    ["a long chain", `target "default" {\n args = { a = ${"1 + ".repeat(50_000)}1 }\n}`, true],
    ["10 MB", `# ${"x".repeat(10_000_000)}`, true],
    ["a pattern that would take for ever", 'target "default" {\n tags = [regex("^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")]\n}', false],
    [
      "groups in long lines",
      Array.from({ length: 3000 }, (_, i) => `group "g${i}" {\n targets = ["g${i + 1}"]\n}`)
        .join("\n")
        .replace('"g0"', '"default"'),
      false,
    ],
    [
      "inherits in a long line",
      Array.from({ length: 3000 }, (_, i) => `target "t${i}" {\n inherits = ["t${i + 1}"]\n}`)
        .join("\n")
        .replace('"t0"', '"default"'),
      false,
    ],
  ] as const)("%s", ([, text, complains]) => {
    const { complaints } = resolve(text);
    expect(complaints.some(({ severity }) => severity === "error")).toBe(complains);
  });
});

const WORDS = fc.constantFrom(
  'target "a" {\n',
  "}\n",
  'group "default" {',
  "tags = [",
  "]",
  "${",
  "}",
  '"',
  "%{ if true }",
  "<<EOT\n",
  "EOT\n",
  "matrix = {",
  "v = ",
  '["1", "2"]',
  "name = v",
  "inherits",
  ' = ["a"]',
  "\n",
  "a",
  "target.a.tags",
  "(",
  ")",
  "? ",
  ": ",
  "for x in ",
  "=> ",
  "...",
  "[*]",
  ".b",
  "/*",
  "# c\n",
  "!",
  "-",
  "1e9",
  "null",
  "\\",
  "\u{1F600}",
);

describe("nothing is thrown", () => {
  test.for(["docker-bake.hcl", "docker-bake.json", "compose.yaml", "bake"])("%s of any text", (name) => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(WORDS, { maxLength: 40 }).map((words) => words.join("")),
        ),
        (text) => {
          const resolution = resolve(text, { set: [setOf("*.platform=x")], variables: new Map([["a", undefined]]) }, name);
          for (const { place } of resolution.complaints) expect(place.span.end).toBeLessThanOrEqual(Math.max(text.length, place.file.text.length));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("a file cut anywhere", () => {
    const texts = BAKE_CASES.flatMap(({ files }) => Object.entries(files));
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(), fc.nat(), ([name, text], from, to) => {
        const [start, end] = [from % (text.length + 1), to % (text.length + 1)];
        resolve(text.slice(0, Math.min(start, end)) + text.slice(Math.max(start, end)), {}, name);
      }),
      { numRuns: 500 },
    );
  });
});

const CORPUS = corpusFolder("wild_context");

describe.skipIf(!existsSync(CORPUS))("the corpus", () => {
  test.for(existsSync(CORPUS) ? readdirSync(CORPUS).filter((name) => name.endsWith(".hcl")) : [])("%s is understood", (name) => {
    const file = readBakeFile({ name, text: readFileSync(join(CORPUS, name), "utf8") });
    const targets =
      file.content.form === "compose" ? [] : file.content.body.blocks.flatMap(({ type, labels }) => (type === "target" || type === "group" ? labels : []));
    const resolution = resolveBake([file], { targets, set: [], variables: new Map() });
    expect([resolution.complaints, resolution.missing, resolution.open]).toEqual([[], [], false]);
    expect(resolution.targets.length).toBeGreaterThan(0);
  });
});
