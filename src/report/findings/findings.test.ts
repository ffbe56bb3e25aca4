import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { compare } from "../../../test/harness/documents.ts";
import { sarifValidator } from "../../../test/harness/sarif-schema.ts";
import type { SourceFile } from "../../core/span.ts";
import type { Finding } from "../../findings/finding.ts";
import { findingsGithub } from "./github.ts";
import { hardCoded, hostile, missingBuilder, reportOf } from "./hand-made.ts";
import { findingsJson } from "./json.ts";
import { findingsMarkdown } from "./markdown.ts";
import { lineText, regionOf } from "./region.ts";
import { findingsSarif } from "./sarif.ts";
import { findingsText } from "./text.ts";

const ALL = reportOf([missingBuilder, hardCoded, hostile], {
  ignored: [
    { finding: hardCoded, reason: "known", by: "Dockerfile:1" },
    { finding: missingBuilder, reason: undefined, by: "multihull.yaml" },
  ],
  cut: [{ file: "a.yml", job: "b" }],
  unreached: [{ image: "docker.io/a/b:1", why: "there was no answer within 20 s" }],
});
const NONE = reportOf([]);

describe("regions", () => {
  const file: SourceFile = { name: "f", text: "a\tb\r\n\u{1F600}c\n\nlast" };
  test.for([
    ["the beginning", 0, 1, [1, 1, 1, 2]],
    ["behind a tab", 2, 3, [1, 3, 1, 4]],
    ["behind an astral character", 7, 8, [2, 3, 2, 4]],
    ["over line ends", 2, 9, [1, 3, 3, 1]],
    ["an empty span", 9, 9, [3, 1, 3, 1]],
    ["the end", 14, 14, [4, 5, 4, 5]],
    ["past the end", 99, 120, [4, 5, 4, 5]],
  ] as const)("%s", ([, start, end, wanted]) => {
    const { line, column, endLine, endColumn } = regionOf({ file, span: { start, end } });
    expect([line, column, endLine, endColumn]).toEqual(wanted);
  });

  test("lines are without their ends", () => {
    expect([1, 2, 3, 4, 5].map((line) => lineText(file, line))).toEqual(["a\tb", "\u{1F600}c", "", "last", ""]);
  });
});

describe("what there is nothing to say of", () => {
  const bare: Finding = { ...hardCoded, cause: "", remedies: [{ title: "take it out", price: "", fix: undefined }] };
  const report = reportOf([bare]);
  test.for([
    ["text", () => findingsText(report)],
    ["workflow commands", () => findingsGithub(report)],
    ["SARIF", () => JSON.stringify(findingsSarif(report, { version: "1" }))],
    ["Markdown", () => findingsMarkdown(report)],
  ] as const)("has no line in %s", ([, print]) => {
    expect(print()).toContain("take it out");
    expect(print()).not.toMatch(/\bcause:|costs:|\(\)|— $/im);
  });
});

describe("text", () => {
  test("of some findings", async () => {
    await expect(findingsText(ALL)).toMatchFileSnapshot("__golden__/findings.txt");
  });

  test("errors come first, remarks that say the same are one", () => {
    const remark = (start: number): Finding => ({
      ...hardCoded,
      rule: "old",
      severity: "info",
      message: "old",
      place: { ...hardCoded.place, span: { start, end: start + 1 } },
    });
    const said = findingsText(reportOf([remark(0), missingBuilder, hardCoded, remark(40)]));
    expect(said.indexOf(": error: ")).toBe(said.search(/: (?:error|warning|info): /));
    expect(said.match(/^ {2}old \[old, info, \w+\]$/gm)).toHaveLength(1);
    expect(said).toMatch(/^ {4}at \S+:1, :\d+$/m);
  });

  test.for([
    ["workflow commands", findingsGithub],
    ["Markdown", findingsMarkdown],
  ] as const)("what fails comes first in %s too", ([, print]) => {
    const remark: Finding = { ...hardCoded, severity: "info", message: "a mere remark" };
    const said = print(reportOf([remark, { ...missingBuilder, message: "this fails" }]));
    expect(said.indexOf("this fails")).toBeGreaterThan(-1);
    expect(said.indexOf("this fails")).toBeLessThan(said.indexOf("a mere remark"));
  });

  test("of one rule alone is whole", () => {
    expect(findingsText(reportOf([hostile]))).toContain("cause: ");
    expect(findingsText(reportOf([hostile]))).not.toContain("also:");
  });

  test("of nothing", () => {
    expect(findingsText(NONE)).toBe("nothing found in 1 workflow, with runners as of 2026-11-22");
  });

  test("counts workflows that could not be walked too", () => {
    expect(findingsText(reportOf([missingBuilder], { workflows: [] }))).toMatch(/\n1 error in 1 workflow, /);
  });

  test("names files from where you stand", () => {
    expect(findingsText(reportOf([missingBuilder], { root: "../app" }))).toContain("../app/.github/workflows/release a.yml:8:22: error:");
  });

  test("colours change nothing but colours", () => {
    expect(findingsText(ALL, pc.createColors(true)).replace(/\u001b\[\d+m/g, "")).toBe(findingsText(ALL));
  });

  test("a long line is cut around the place", () => {
    const file = { name: "f", text: `${"a".repeat(500)}HERE${"b".repeat(500)}` };
    const lines = findingsText(reportOf([{ ...hostile, place: { file, span: { start: 500, end: 504 } } }])).split("\n");
    expect((lines[1] as string).length).toBeLessThan(180);
    expect((lines[1] as string).indexOf("HERE")).toBe((lines[2] as string).indexOf("^^^^"));
  });
});

describe("JSON", () => {
  const validate = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(
    JSON.parse(readFileSync(new URL("../../../docs/schema/findings.schema.json", import.meta.url), "utf8")),
  );

  test.for([
    ["some findings", ALL],
    ["nothing", NONE],
  ] as const)("of %s is as its schema and docs/json.md tell", ([, report]) => {
    const document = JSON.parse(JSON.stringify(findingsJson(report)));
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    compare("multihull doctor --format json", [document]);
  });

  test("the schema refuses what is none", () => {
    expect(validate({ version: 2 })).toBe(false);
    expect(validate({ ...findingsJson(ALL), findings: [{ rule: 1 }] })).toBe(false);
  });

  test("of some findings", async () => {
    await expect(`${JSON.stringify(findingsJson(ALL), undefined, 2)}\n`).toMatchFileSnapshot("__golden__/findings.json");
  });
});

/** The runner's own unescaping (actions/runner, `ActionCommand.cs`). */
const unescaped = (text: string, marks: readonly (readonly [string, string])[]): string =>
  marks.reduce((whole, [mark, char]) => whole.replaceAll(mark, char), text);
const DATA = [
  ["%0D", "\r"],
  ["%0A", "\n"],
  ["%25", "%"],
] as const;
const PROPERTY = [
  ["%0D", "\r"],
  ["%0A", "\n"],
  ["%3A", ":"],
  ["%2C", ","],
  ["%25", "%"],
] as const;

describe("workflow commands", () => {
  test("of some findings", async () => {
    await expect(findingsGithub(ALL)).toMatchFileSnapshot("__golden__/findings.github.txt");
  });

  test("of nothing", () => {
    expect(findingsGithub(NONE)).toBe("");
  });

  test("whatever stands in names and messages, it is one command of ours a finding", () => {
    const any = fc.string({
      unit: fc.oneof(fc.constantFrom("::", "%", "%0A", "\r", "\n", ",", ":", "=", "error", "##["), fc.string({ unit: "grapheme", maxLength: 3 })),
    });
    fc.assert(
      fc.property(any, any, (name, message) => {
        const file = { name, text: "x" };
        const lines = findingsGithub(reportOf([{ ...hardCoded, message, place: { file, span: { start: 0, end: 1 } } }])).split(/\r?\n|\r/);
        expect(lines).toHaveLength(1);
        const [, properties = "", data = ""] = /^::warning ([\s\S]*?)::([\s\S]*)$/.exec(lines[0] as string) ?? [];
        const pairs = new Map(properties.split(",").map((pair) => [pair.slice(0, pair.indexOf("=")), unescaped(pair.slice(pair.indexOf("=") + 1), PROPERTY)]));
        expect([...pairs.keys()]).toEqual(["file", "line", "endLine", "col", "endColumn", "title"]);
        const plain = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, "");
        if (plain(name) === name) expect(pairs.get("file")).toBe(name);
        if (plain(message) === message) expect(unescaped(data, DATA).startsWith(`${message} (likely)\n`)).toBe(true);
      }),
    );
  });
});

describe("Markdown", () => {
  test("of some findings", async () => {
    await expect(findingsMarkdown(ALL)).toMatchFileSnapshot("__golden__/findings.md");
  });

  test("whatever stands in a message, it is no markup, link or mention", () => {
    const any = fc.string({
      unit: fc.oneof(
        fc.constantFrom('"', "@octocat", "#1", "<b>", "</details>", "`", "**", "[a](b)", "\n", "\n# x", "https://x", "&lt;", "- ", "|", "www.x.y"),
        fc.string({ maxLength: 3 }),
      ),
    });
    fc.assert(
      fc.property(any, (message) => {
        const text = findingsMarkdown(reportOf([{ ...hardCoded, message, cause: message || "m" }]));
        const ours = findingsMarkdown(reportOf([{ ...hardCoded, message: "m", cause: "m" }]));
        const count = (whole: string, mark: RegExp): number => whole.match(mark)?.length ?? 0;
        for (const mark of [/<(?!\/?code>)/g, /\n/g, /`/g, /\*/g, /@/g, /\[/g, /\|/g, /https:/g]) expect(count(text, mark)).toBe(count(ours, mark));
        expect(count(text, /<code>/g)).toBe(count(text, /<\/code>/g));
        expect(text).not.toMatch(/&#64;(?!&#8203;)[^<]*octocat(?![^<]*<\/code>)/);
      }),
    );
  });

  test("has room in a comment", () => {
    const text = findingsMarkdown(reportOf(Array.from({ length: 500 }, () => missingBuilder)));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/… and \d+ more/);
  });
});

describe("SARIF", () => {
  const options = { version: "1.2.3", home: "https://example.org/multihull" };

  test("of some findings", async () => {
    await expect(`${JSON.stringify(findingsSarif(ALL, options), undefined, 2)}\n`).toMatchFileSnapshot("__golden__/findings.sarif");
  });

  const validate = sarifValidator();
  test.skipIf(validate === undefined).for([
    ["some findings", ALL],
    ["nothing", NONE],
  ] as const)("of %s is valid by the schema of SARIF 2.1.0", ([, report]) => {
    for (const home of [options.home, undefined]) expect(validate?.(findingsSarif(report, { ...options, home }))).toEqual([]);
    expect(validate?.({ version: "2.1.0", runs: [{}] })).not.toEqual([]);
  });

  test("a finding keeps its fingerprint when lines come before it, and equal ones differ", () => {
    const prints = (finding: Finding): unknown[] =>
      findingsSarif(reportOf([finding, finding]), options).runs[0]?.results?.map(({ partialFingerprints }) => partialFingerprints?.["multihull/v1"]) ?? [];
    const { file, span } = missingBuilder.place;
    const lower = { file: { name: file.name, text: `# one more\n${file.text}` }, span: { start: span.start + 11, end: span.end + 11 } };
    expect(prints({ ...missingBuilder, place: lower })).toEqual(prints(missingBuilder));
    expect(new Set(prints(missingBuilder)).size).toBe(2);
  });

  test("an edit of text is told as a fix, one of YAML is not", () => {
    const results = findingsSarif(reportOf([hardCoded, missingBuilder]), options).runs[0]?.results ?? [];
    expect(results[0]?.fixes?.[0]?.artifactChanges[0]).toMatchObject({
      artifactLocation: { uri: "Dockerfile" },
      replacements: [{ deletedRegion: { startLine: 3, startColumn: 29, endColumn: 34 } }],
    });
    expect(results[1]?.fixes).toBeUndefined();
    expect(results[1]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri).toBe(".github/workflows/release%20a.yml");
  });
});
