import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { compare } from "../../../test/harness/documents.ts";
import { sarifValidator } from "../../../test/harness/sarif-schema.ts";
import { fails } from "../../findings/severity.ts";
import type { ImageFinding } from "../../verify/finding.ts";
import type { VerifyReport } from "../../verify/report.ts";
import { acrossPlatforms } from "./across-platforms.ts";
import { verifyGithub } from "./github.ts";
import { everything, hostileFinding, sound, wrongProgram } from "./hand-made.ts";
import { verifyJson } from "./json.ts";
import { verifyJunit } from "./junit.ts";
import { verifyMarkdown } from "./markdown.ts";
import { verifySarif } from "./sarif.ts";
import { lastLines, pathsText } from "./sentences.ts";
import { verifyText } from "./text.ts";

const OPTIONS = { version: "1.2.3", home: "https://example.org/multihull" };
const withFindings = (findings: readonly ImageFinding[]): VerifyReport => ({ ...sound, findings, rules: everything.rules });
const on = (finding: ImageFinding, platform: string, more: Partial<ImageFinding["at"]> = {}): ImageFinding => ({
  ...finding,
  at: { ...finding.at, platform, ...more },
});
/** Nothing that moves a terminal's cursor or changes its colours. */
const CONTROL = /[^\P{Cc}\n]/u;

describe("sentences", () => {
  test.for([
    ["no path", {}, undefined],
    ["all paths", { paths: ["/a", "/b"] }, "/a, /b"],
    ["as many as are counted", { paths: ["/a"], pathCount: 1 }, "/a"],
    ["more than are told", { paths: ["/a"], pathCount: 3 }, "/a and 2 more"],
  ] as const)("%s", ([, at, wanted]) => {
    expect(pathsText(at)).toBe(wanted);
  });

  test.for([
    ["error", "certain", "error", true],
    ["error", "likely", "error", true],
    ["error", "possible", "info", false],
    ["warning", "certain", "error", false],
    ["warning", "certain", "warning", true],
    ["info", "certain", "warning", false],
    ["info", "likely", "info", true],
  ] as const)("%s, %s, with --fail-on %s: %s", ([severity, confidence, failOn, wanted]) => {
    expect(fails({ ...wrongProgram, severity, confidence }, failOn)).toBe(wanted);
  });

  test.for([
    ["nothing", "", []],
    ["a line without its end", "a", ["a"]],
    ["the last of several", "a\r\nb\nc\n\n", ["b", "c"]],
  ] as const)("of what was printed: %s", ([, output, wanted]) => {
    expect(lastLines(output, 2)).toEqual(wanted);
  });
});

describe("what several platforms have alike", () => {
  const names = (findings: readonly ImageFinding[]): unknown => acrossPlatforms(findings).map(({ platforms }) => platforms);
  test("is told once, with all layers and documents", () => {
    const other = { number: 3, digest: `sha256:${"c".repeat(64)}`, createdBy: undefined };
    const told = acrossPlatforms([on(wrongProgram, "linux/arm64", { document: "a" }), on(wrongProgram, "linux/riscv64", { layer: other, document: "b" })]);
    expect(told).toMatchObject([{ platforms: ["linux/arm64", "linux/riscv64"], layers: [wrongProgram.at.layer, other], documents: ["a", "b"] }]);
  });
  test.for([
    ["other paths", on(wrongProgram, "linux/386", { paths: ["/other"] })],
    ["another message", { ...on(wrongProgram, "linux/386"), message: "other" }],
    ["another severity", { ...on(wrongProgram, "linux/386"), severity: "info" as const }],
    ["other facts", { ...on(wrongProgram, "linux/386"), facts: [] }],
  ])("%s are another finding", ([, other]) => {
    expect(names([wrongProgram, other as ImageFinding])).toEqual([["linux/arm64"], ["linux/386"]]);
  });
});

describe("text", () => {
  test("of all there is", async () => {
    await expect(verifyText(everything)).toMatchFileSnapshot("__golden__/everything.txt");
  });
  test("of a sound image", async () => {
    await expect(verifyText(sound)).toMatchFileSnapshot("__golden__/sound.txt");
  });
  test("of one rule alone tells remarks wholly", () => {
    const rules = everything.rules.slice(3, 4);
    expect(verifyText({ ...withFindings([hostileFinding]), rules })).toMatch(/because: .*\n.*breaks: /);
    expect(verifyText(withFindings([hostileFinding]))).not.toContain("because:");
  });
  test("a platform's name, however long, leaves room for the rest", () => {
    const [first] = sound.platforms as [VerifyReport["platforms"][number]];
    const table = verifyText({ ...sound, platforms: [{ ...first, name: `linux/amd64/${"x".repeat(500)}` }] });
    expect(Math.max(...table.split("\n").map((line) => line.length))).toBeLessThan(160);
  });
  test("identical images have nothing to tell of their platforms", () => {
    const against = { ...(everything.against as NonNullable<VerifyReport["against"]>), identical: true };
    expect(verifyText({ ...sound, against })).toMatch(/^against \S+ sha256:9{12}: identical\n\n/m);
  });
  test("a file of other content is told before those of another time alone", () => {
    const list = Array.from({ length: 60 }, (_, i) => ({ path: `/f${i}`, change: "changed" as const, what: i === 50 ? ["content"] : ["mtime"] }));
    const against = everything.against as NonNullable<VerifyReport["against"]>;
    const files = { added: 0, removed: 0, changed: 1, timesOnly: 59, uncompared: 0, list };
    const report = { ...everything, against: { ...against, platforms: against.platforms.slice(0, 1).map((one) => ({ ...one, files })) } };
    for (const text of [verifyText(report), verifyMarkdown(report)]) {
      expect(text).toContain("/f50 (content)");
      expect(text).toContain("/f18 (mtime)");
      expect(text).not.toContain("/f19 (mtime)");
    }
  });
  test("colours change nothing but colours", () => {
    expect(verifyText(everything, pc.createColors(true)).replace(/\u001b\[\d+m/g, "")).toBe(verifyText(everything));
  });
});

describe("JSON", () => {
  const validate = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(
    JSON.parse(readFileSync(new URL("../../../docs/schema/verify.schema.json", import.meta.url), "utf8")),
  );
  test.for([
    ["all there is", everything],
    ["a sound image", sound],
  ] as const)("of %s is as its schema and docs/json.md tell", ([, report]) => {
    const document = JSON.parse(JSON.stringify(verifyJson(report)));
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    compare("multihull verify --format json", [document]);
  });
  test("the schema refuses what is none", () => {
    expect(validate({ version: 2 })).toBe(false);
    expect(validate({ ...verifyJson(sound), findings: [{ rule: 1 }] })).toBe(false);
  });
  test("of all there is", async () => {
    await expect(`${JSON.stringify(verifyJson(everything), undefined, 2)}\n`).toMatchFileSnapshot("__golden__/everything.json");
  });
});

describe("SARIF", () => {
  test("of all there is", async () => {
    await expect(`${JSON.stringify(verifySarif(everything, OPTIONS), undefined, 2)}\n`).toMatchFileSnapshot("__golden__/everything.sarif");
  });
  const validate = sarifValidator();
  test.skipIf(validate === undefined).for([
    ["all there is", everything],
    ["a sound image", sound],
  ] as const)("of %s is valid by the schema of SARIF 2.1.0", ([, report]) => {
    for (const home of [OPTIONS.home, undefined]) expect(validate?.(verifySarif(report, { ...OPTIONS, home }))).toEqual([]);
  });
  test("a finding keeps its fingerprint in the next build, and equal ones differ", () => {
    const prints = (findings: readonly ImageFinding[]): unknown[] =>
      verifySarif(withFindings(findings), OPTIONS).runs[0]?.results?.map(({ partialFingerprints }) => partialFingerprints?.["multihull/v1"]) ?? [];
    const next = on(wrongProgram, "linux/arm64", { layer: { number: 5, digest: `sha256:${"d".repeat(64)}`, createdBy: "other" } });
    expect(prints([{ ...next, facts: ["of another size"] }])).toEqual(prints([wrongProgram]));
    expect(new Set(prints([wrongProgram, wrongProgram, on(wrongProgram, "linux/386")])).size).toBe(3);
  });
});

describe("Markdown", () => {
  test("of all there is", async () => {
    await expect(verifyMarkdown(everything)).toMatchFileSnapshot("__golden__/everything.md");
  });
  test("has room in a comment", () => {
    const text = verifyMarkdown(withFindings(Array.from({ length: 500 }, (_, i) => ({ ...wrongProgram, message: `message ${i}` }))));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/… and \d+ more/);
  });
});

describe("workflow commands", () => {
  test("of all there is", async () => {
    await expect(verifyGithub(everything)).toMatchFileSnapshot("__golden__/everything.github.txt");
  });
  test("of a sound image are none", () => {
    expect(verifyGithub(sound)).toBe("");
  });
});

describe("JUnit", () => {
  test("of all there is", async () => {
    await expect(`${verifyJunit(everything)}\n`).toMatchFileSnapshot("__golden__/everything.junit.xml");
  });
  test("counts what fails by --fail-on, and what is only possible never", () => {
    const failures = (report: VerifyReport): string | undefined => /failures="(\d+)"/.exec(verifyJunit(report))?.[1];
    expect(failures({ ...everything, smoke: undefined })).toBe("1");
    expect(failures({ ...everything, smoke: undefined, failOn: "warning" })).toBe("3");
    expect(failures(everything)).toBe("2");
  });
  test("what could not be started here is skipped, and counted as such", () => {
    expect(verifyJunit(everything)).toMatch(/<testsuite name="linux\/arm\/v7" tests="\d+" failures="0" errors="0" skipped="1">/);
  });
});

describe("whatever stands in an image", () => {
  const any = fc
    .string({
      unit: fc.oneof(
        fc.constantFrom(
          '"',
          "@octocat",
          "#1",
          "<b>",
          "</details>",
          "]]>",
          "&",
          "`",
          "**",
          "[a](b)",
          "\n",
          "\n# x",
          "https://x",
          "- ",
          "|",
          "::",
          "%0A",
          "\u001b[2J",
        ),
        fc.string({ unit: "binary", maxLength: 2 }),
        fc.constantFrom("\ud800", "\udfff", "\ufffe", "\u0000", "\u009b", "\r"),
      ),
      minLength: 1,
    })
    .filter((text) => text !== "");
  const reportWith = (text: string): VerifyReport => {
    const layer = { number: 1, digest: text, createdBy: text };
    const finding = {
      ...wrongProgram,
      message: text,
      cause: text,
      facts: [text],
      remedies: [text],
      at: { platform: text, document: text, layer, paths: [text] },
    };
    const [first, ...rest] = everything.platforms;
    const [start, ...starts] = everything.smoke ?? [];
    return {
      ...everything,
      name: text,
      platforms: [{ ...(first as NonNullable<typeof first>), name: text, starts: text }, ...rest],
      findings: [finding],
      smoke: [{ ...(start as NonNullable<typeof start>), platform: text, command: [text], why: text, output: `printed ${text}` }, ...starts],
      notes: [text],
    };
  };

  test("a terminal shows it, and obeys nothing of it", () => {
    fc.assert(
      fc.property(any, (text) => {
        expect(verifyText(reportWith(text))).not.toMatch(CONTROL);
      }),
    );
  });

  test("in Markdown it is no markup, link or mention", () => {
    const count = (whole: string, mark: RegExp): number => whole.match(mark)?.length ?? 0;
    const ours = verifyMarkdown({ ...reportWith("m"), smoke: undefined });
    fc.assert(
      fc.property(any, (text) => {
        const said = verifyMarkdown({ ...reportWith(text), smoke: undefined });
        for (const mark of [/<(?!\/?code>)/g, /`/g, /\*/g, /@/g, /\[/g, /\|/g, /https:/g, /^#/gm]) expect(count(said, mark)).toBe(count(ours, mark));
        expect(count(said, /<code>/g)).toBe(count(said, /<\/code>/g));
      }),
    );
  });

  test("in a workflow's log it is one command of ours a finding", () => {
    fc.assert(
      fc.property(any, (text) => {
        const lines = verifyGithub(reportWith(text)).split(/\r?\n|\r/);
        expect(lines.map((line) => line.slice(0, 8))).toEqual(["::error ", "::debug:"]);
      }),
    );
  });

  test("in XML it is text that a reader of XML 1.0 takes", () => {
    const tags = (said: string): string => said.replace(/"[^"<]*"/g, '""').replace(/>[^<]*</g, "><");
    fc.assert(
      fc.property(any, (text) => {
        const said = verifyJunit(reportWith(text));
        expect(said).not.toMatch(/[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
        expect(said).not.toMatch(/&(?!#\d+;)/);
        expect(tags(said)).toBe(tags(verifyJunit(reportWith("m"))));
      }),
    );
  });
});
