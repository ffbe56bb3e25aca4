import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { DoctorReport } from "../findings/doctor-report.ts";
import { type DoctorRequest, doctor } from "./doctor.ts";

const top = mkdtempSync(join(tmpdir(), "multihull-doctor-"));
afterAll(() => rmSync(top, { recursive: true, force: true }));
let folders = 0;

function repository(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = join(top, String(folders++));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  mkdirSync(root, { recursive: true });
  return root;
}

const look = (files: Readonly<Record<string, string | Uint8Array>>, request: DoctorRequest = {}, below = ""): Promise<DoctorReport> =>
  doctor({ asOf: "2026-09-15", ...request, path: join(repository(files), below) });
const rulesOf = (report: DoctorReport): readonly string[] => report.findings.map(({ rule, severity }) => `${rule} ${severity}`);

const FAILS = `on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with:
          platforms: linux/amd64,linux/arm64
          push: true
          tags: localhost:5000/app
`;
const SOUND = "on: push\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo\n";
const CI = ".github/workflows/ci.yml";
const DRIVER = "driver-without-multi-platform";
/** One finding of one rule is looked for; others may come to be found here. */
const ONLY = { rules: [DRIVER, "syntax", "ignore"] };

describe("a repository", () => {
  test("with a build that will fail", async () => {
    const report = await look({ [CI]: FAILS }, ONLY);
    expect(rulesOf(report)).toEqual([`${DRIVER} error`]);
    expect(report).toMatchObject({ asOf: "2026-09-15", workflows: [CI], failOn: "error", failed: true, ignored: [], cut: [] });
    expect(report.findings[0]?.place.file.name).toBe(CI);
  });
  test("without one", async () => expect(await look({ [CI]: SOUND })).toMatchObject({ findings: [], failed: false }));
  test("is shown relative to where you stand", async () => {
    const root = repository({ [CI]: SOUND });
    expect((await doctor({ path: root })).root).toBe(relative("", root));
  });
  test("of all its workflows", async () =>
    expect((await look({ [CI]: SOUND, ".github/workflows/a.yaml": SOUND, ".github/workflows/README.md": "" })).workflows).toEqual([
      ".github/workflows/a.yaml",
      CI,
    ]));
});

describe("one file", () => {
  test("a workflow", async () => expect((await look({ [CI]: FAILS, ".github/workflows/other.yml": FAILS }, ONLY, CI)).workflows).toEqual([CI]));
  test("a workflow that is in no repository", async () => expect(rulesOf(await look({ "saved.yml": FAILS }, ONLY, "saved.yml"))).toEqual([`${DRIVER} error`]));
  test("an action", async () => {
    const action = "name: a\ndescription: b\nruns:\n  using: composite\n  steps:\n    - run: echo\n      shell: bash\n";
    expect((await look({ "set-up/action.yml": action, [CI]: SOUND }, {}, "set-up/action.yml")).workflows).toEqual(["set-up/action.yml"]);
  });
  test("a Dockerfile, whether or not a step builds it", async () => {
    expect(rulesOf(await look({ "app/Dockerfile": "FROM a\nCOPY x-$TARGETARCH /x\n" }, { rules: ["targetarch-not-declared"] }, "app/Dockerfile"))).toEqual([
      "targetarch-not-declared error",
    ]);
  });
});

describe("what cannot be looked at is said", () => {
  const cases: Record<
    string,
    { files: Readonly<Record<string, string | Uint8Array>>; below?: string; request?: DoctorRequest; code: string; message: RegExp }
  > = {
    "no workflow at all": {
      files: { "README.md": "" },
      code: "workflow-missing",
      message: /has no workflow: there is no \.yml or \.yaml file in \.github\/workflows$/,
    },
    "nothing there": { files: {}, below: "nowhere", code: "file-unreadable", message: /^there is nothing at ".*nowhere"$/ },
    "a binary file": {
      files: { "a.yml": Uint8Array.of(0, 1, 2) },
      below: "a.yml",
      code: "file-unreadable",
      message: /^"a.yml" is not read: it is binary, and a text is wanted$/,
    },
    "a rule that does not exist": {
      files: { [CI]: SOUND },
      request: { rules: ["driver-without-multiplatform"] },
      code: "usage",
      message: /^there is no rule "driver-without-multiplatform"$/,
    },
    "a day that is none": { files: { [CI]: SOUND }, request: { asOf: "2026-02-30" }, code: "usage", message: /^"2026-02-30" is not a day$/ },
  };
  for (const [name, { files, below, request, code, message }] of Object.entries(cases)) {
    test(name, async () => await expect(look(files, request, below)).rejects.toMatchObject({ code, message: expect.stringMatching(message) }));
  }
  test("a link that leads out of the repository", async () => {
    const root = repository({ [CI]: SOUND });
    writeFileSync(join(top, "outside.yml"), FAILS);
    symlinkSync("../../../outside.yml", join(root, ".github/workflows/link.yml"));
    await expect(doctor({ path: join(root, ".github/workflows/link.yml") })).rejects.toMatchObject({ code: "file-unreadable" });
    expect((await doctor({ path: root })).workflows).toEqual([CI]);
  });
});

describe("hostile and broken files are findings, never a crash", () => {
  const deep = (count: number): string => `a: ${"[".repeat(count)}${"]".repeat(count)}\n`;
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f", "g", "h", "i"].map((name, i) => `${name}: &${name} [${`*${"abcdefgh"[i]},`.repeat(9)}*${"abcdefgh"[i]}]`).join("\n")}\n`;
  const cases: Record<string, string | Uint8Array> = {
    "broken YAML": "on: [push\njobs:\n",
    "an empty file": "",
    "a list": "- a\n",
    "a bomb of aliases": bomb,
    "deep nesting": deep(100_000),
    tabs: "on:\n\tpush:\n",
    "no UTF-8": Uint8Array.of(0x6f, 0x6e, 0x3a, 0x20, 0xff, 0xfe, 0xc3, 0x28, 0x0a),
    "a binary": Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 0, 0),
    "more than 10 MB": `# ${"x".repeat(10 * 1024 * 1024)}\n`,
    "9 MB": `on: push\njobs: {}\n# ${"x".repeat(9 * 1024 * 1024)}\n`,
  };
  for (const [name, content] of Object.entries(cases)) {
    test(name, async () => {
      const report = await look({ ".github/workflows/bad.yml": content, [CI]: SOUND });
      expect(report.failed).toBe(true);
      expect(report.findings.map(({ rule, place }) => `${rule} ${place.file.name}`)).toContain("syntax .github/workflows/bad.yml");
      expect(report.findings.every(({ place }) => place.span.start <= place.file.text.length)).toBe(true);
    });
  }
  test("CRLF and a byte-order mark change nothing", async () => {
    const report = await look({ [CI]: `\ufeff${FAILS.replaceAll("\n", "\r\n")}` }, ONLY);
    expect(rulesOf(report)).toEqual([`${DRIVER} error`]);
  });
  test("reusable workflows that call each other", async () => {
    const calls = (other: string): string => `on: [push, workflow_call]\njobs:\n  a:\n    uses: ./.github/workflows/${other}.yml\n`;
    const { findings } = await look({ ".github/workflows/a.yml": calls("b"), ".github/workflows/b.yml": calls("a") });
    expect(findings.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      'error: the workflow ".github/workflows/b.yml" calls itself',
      'error: the workflow ".github/workflows/a.yml" calls itself',
    ]);
  });
});

test("who calls a reusable workflow is told, for it hands in the inputs", async () => {
  const called = FAILS.replace("on: push", "on:\n  workflow_call:\n    inputs:\n      platforms: {type: string}").replace(
    "linux/amd64,linux/arm64",
    `\${{ inputs.platforms }}`,
  );
  const call = (name: string, platforms: string): string => `  ${name}:\n    uses: ./.github/workflows/build.yml\n    with: {platforms: "${platforms}"}\n`;
  const caller = `on: push\njobs:\n${call("one", "linux/amd64")}${call("both", "linux/amd64,linux/arm64")}`;
  const { findings } = await look({ ".github/workflows/build.yml": called, [CI]: caller }, ONLY);
  expect(findings.map(({ place, facts: [first] }) => [place.file.name, first?.sentence, first?.place?.file.name])).toEqual([
    [".github/workflows/build.yml", 'job "both" calls the reusable workflow ".github/workflows/build.yml"', CI],
  ]);
});

test("a report tells the rules that were asked", async () => {
  expect((await look({ [CI]: SOUND }, { rules: [DRIVER] })).rules.map(({ id }) => id)).toEqual([DRIVER]);
  expect((await look({ [CI]: SOUND })).rules.length).toBeGreaterThan(2);
});

describe("what the repository ignores", () => {
  test("by a comment", async () => {
    const report = await look({ [CI]: FAILS.replace("@v7", `@v7 # multihull: ignore ${DRIVER} -- the runner is ours`) }, ONLY);
    expect(report).toMatchObject({ findings: [], failed: false });
    expect(report.ignored.map(({ finding, reason, by }) => [finding.rule, reason, by])).toEqual([[DRIVER, "the runner is ours", `a comment at ${CI}:6`]]);
  });
  test("by multihull.yaml, which also says what fails", async () => {
    const config = `ignore:\n  - rule: ${DRIVER}\n    path: .github/**\n    reason: why\nfail-on: info\n`;
    expect(await look({ [CI]: FAILS, "multihull.yaml": config }, ONLY)).toMatchObject({ findings: [], failed: false, failOn: "info" });
  });
  test("mistakes of multihull.yaml are told", async () => {
    const report = await look({ [CI]: SOUND, "multihull.yaml": "ignroe: []\n" });
    expect(report.findings.map(({ place, message }) => [place.file.name, message])).toEqual([["multihull.yaml", '"ignroe" is no key of multihull.yaml here']]);
  });
  test("what is asked for goes before what the file says", async () => {
    const files = { [CI]: `${SOUND}# multihull: ignore ${DRIVER} -- gone\n`, "multihull.yaml": "fail-on: info\n" };
    expect(await look(files)).toMatchObject({ failed: true });
    expect(await look(files, { failOn: "error" })).toMatchObject({ failed: false });
  });
});
