import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { memoryFiles } from "../../src/adapters/memory/repository-files.ts";
import { diagnose } from "../../src/api/diagnose.ts";
import { type DoctorReport, doctor } from "../../src/api/doctor.ts";
import { fix } from "../../src/api/fix.ts";
import { loadGrammars } from "../../src/api/grammars.ts";
import { applyFix } from "../../src/fix/apply.ts";
import { findingsGithub } from "../../src/report/findings/github.ts";
import { findingsJson } from "../../src/report/findings/json.ts";
import { findingsMarkdown } from "../../src/report/findings/markdown.ts";
import { findingsSarif } from "../../src/report/findings/sarif.ts";
import { findingsText } from "../../src/report/findings/text.ts";
import { MOST_STEPS } from "../../src/simulate/walk-limits.ts";
import { temporaryFolder } from "../harness/multihull.ts";
import { someOf } from "../harness/some-of.ts";

/** A file's text or bytes, a link, or (null) a folder. */
type Content = string | Uint8Array | { readonly link: string } | null;
type Files = Readonly<Record<string, Content>>;

/** Machines with much else to do are slow; what never ends is found all the same. */
const LONG = 120_000;
const AS_OF = "2026-09-15";
const W = ".github/workflows";
const HEAD = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n";
const BUILD = `      - uses: docker/build-push-action@v7
        with:
          platforms: linux/amd64,linux/arm64
          push: true
          tags: someone/app
`;
const GOOD = HEAD + BUILD;
const REFUSED = "driver-without-multi-platform";

function repository(files: Files): string {
  const root = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    const at = join(root, path);
    mkdirSync(content === null ? at : dirname(at), { recursive: true });
    if (content === null) continue;
    if (typeof content === "object" && "link" in content) symlinkSync(content.link, at);
    else writeFileSync(at, content);
  }
  return root;
}

function inEveryFormat(report: DoctorReport): string {
  return [
    findingsText(report, pc.createColors(false)),
    JSON.stringify(findingsJson(report)),
    JSON.stringify(findingsSarif(report, { version: "0" })),
    findingsGithub(report),
    findingsMarkdown(report),
  ].join("\n");
}

/** What doctor tells of a repository; every format is written, and every place lies within its file. */
async function told(files: Files): Promise<readonly string[]> {
  const report = await doctor({ path: repository(files), asOf: AS_OF });
  inEveryFormat(report);
  return toldOf(report);
}

function toldOf({ findings, cut }: Pick<DoctorReport, "findings" | "cut">): readonly string[] {
  for (const { place, facts } of findings) {
    for (const { file, span } of [place, ...facts.flatMap((fact) => fact.place ?? [])]) {
      expect(span.start >= 0 && span.start <= span.end && span.end <= file.text.length).toBe(true);
    }
  }
  return [...findings.map(({ rule, message }) => `${rule}: ${message}`), ...cut.map(({ job }) => `cut: ${job}`)];
}

const oneFile = (text: Content): Files => ({ [`${W}/a.yml`]: text });
const bomb = (letters: string, first: string): string =>
  `${first}\n${letters
    .split("")
    .slice(1)
    .map((letter, i) => `${letter}: &${letter} [${Array(9).fill(`*${letters[i]}`).join(",")}]`)
    .join("\n")}\n`;
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

describe("files that are no workflow", () => {
  test.each<[string, Files]>([
    ["no file at all", {}],
    ["an empty folder of workflows", { [W]: null }],
    ["a file in the place of that folder", { [W]: "x" }],
    ["a link to itself in its place", { [W]: { link: "workflows" } }],
  ])("%s: said, and nothing else", async (_, files) => {
    await expect(doctor({ path: repository(files), asOf: AS_OF })).rejects.toMatchObject({ code: "workflow-missing", message: /has no workflow/ });
  });

  test.each<[string, Content, string]>([
    ["an empty file", "", "the file is empty"],
    ["only comments", "# nothing\n", "the file is empty"],
    ["a word", "hello", 'unexpected value "hello"'],
    ["a list", "- a\n", "a sequence was not expected"],
    ["broken YAML", "on: push\njobs: [a: {b: 'c\n  - x: : :\n", "not valid YAML"],
    ["tabs", GOOD.replaceAll("  ", "\t"), "tabs are not allowed as indentation"],
    ["line ends of the first Macintosh", GOOD.replaceAll("\n", "\r"), "not valid YAML"],
    ["a binary file", new Uint8Array([0, 1, 255, 254, 7]), "it is binary"],
    ["UTF-16", Buffer.from(`\ufeff${GOOD}`, "utf16le"), "it is UTF-16"],
    ["10 MB of comment", `${GOOD}# ${"x".repeat(9_500_000)}`, "characters, more than the"],
    ["more than 10 MB", `${GOOD}# ${"x".repeat(11_000_000)}`, "more than the 10 MB"],
    ["an alias bomb", bomb("abcdefghijkl", "a: &a [x,x,x,x,x,x,x,x,x]") + GOOD, "once its aliases are written out"],
    ["an alias bomb of steps", `on: push\n${bomb("abcdefgh", "a: &a {run: docker build .}")}jobs: {a: {runs-on: x, steps: *h}}\n`, "once its aliases"],
    ["an alias within itself", "on: push\njobs: &j\n  a: *j\n", "stands within what it names"],
    ["brackets that never close", `on: push\njobs: ${"[".repeat(20_000)}`, "nested deeper than"],
    ["mappings without end", `on: push\njobs: ${"{a: ".repeat(10_000)}x${"}".repeat(10_000)}`, "nested deeper than"],
  ])("%s: a clear message, and the other file is read", async (_, content, message) => {
    const lines = await told({ [`${W}/a.yml`]: content, [`${W}/b.yml`]: GOOD });
    expect(lines.find((line) => line.startsWith("syntax: "))).toContain(message);
    expect(lines.some((line) => line.startsWith(REFUSED))).toBe(true);
  });

  test.each<[string, Content]>([
    ["a byte-order mark and CRLF", `\ufeff${GOOD.replaceAll("\n", "\r\n")}`],
    ["bytes that are no UTF-8", Buffer.from(`name: caf\u00e9\n${GOOD}`, "latin1")],
  ])("%s: read as any other", async (_, content) => {
    const lines = await told(oneFile(content));
    expect(lines.filter((line) => line.startsWith("syntax"))).toEqual([]);
    expect(lines.some((line) => line.startsWith(REFUSED))).toBe(true);
  });

  test("a folder called x.yml, links in a circle, to a device and out of the repository: passed by", async () => {
    const links = { "b.yml": "c.yml", "c.yml": "b.yml", "d.yml": "/dev/zero", "e.yml": "/etc/passwd", "f.yml": "." };
    const lines = await told({
      [`${W}/a.yml`]: GOOD,
      [`${W}/x.yml`]: null,
      ...Object.fromEntries(Object.entries(links).map(([name, link]) => [`${W}/${name}`, { link }])),
    });
    expect(lines.filter((line) => line.startsWith("syntax"))).toEqual([]);
    expect(lines.some((line) => line.startsWith(REFUSED))).toBe(true);
  });

  test("names of prototypes are names", async () => {
    const text = `on: push
env: {__proto__: x, constructor: y}
jobs:
  constructor:
    strategy: {matrix: {__proto__: [1, 2], constructor: [linux/amd64, linux/arm64]}}
    runs-on: toString
    steps:
      - {uses: constructor/toString@__proto__, with: {__proto__: 1, constructor: 2}}
      - {uses: docker/build-push-action@v7, with: {platforms: '\${{ matrix.constructor }}', __proto__: x, hasOwnProperty: y}}
      - run: docker build --platform \${{ env.constructor }} .
`;
    await told(oneFile(text));
  });
});

describe("files that are much too large in some way", () => {
  const step = (more: string): string => `      - ${more}\n`;
  const large: readonly (readonly [string, Files, string | undefined])[] = [
    ["a job of thousands of steps", oneFile(HEAD + BUILD.repeat(MOST_STEPS + 200)), "cut: a"],
    [
      "hundreds of conditions that nobody knows",
      oneFile(
        HEAD +
          numbers(120)
            .map((i) => step(`if: secrets.A${i} != ''`) + BUILD.replace("- uses", "  uses"))
            .join(""),
      ),
      "cut: a",
    ],
    [
      "a matrix of 256 rows",
      oneFile(
        GOOD.replace("    runs-on", `    strategy: {matrix: {a: [${numbers(16).join()}], b: [${numbers(16).join()}]}}\n    runs-on`).replace(
          "app\n",
          `app\n${BUILD.repeat(9)}`,
        ),
      ),
      undefined,
    ],
    [
      "a matrix of a million rows",
      oneFile(GOOD.replace("    runs-on", `    strategy: {matrix: {${Array.from("abcdef", (key) => `${key}: [${numbers(10).join()}]`).join()}}}\n    runs-on`)),
      undefined,
    ],
    [
      "an expression of a thousand brackets",
      oneFile(HEAD + step(`if: \${{ ${"(".repeat(9000)}true${")".repeat(9000)} }}\n        run: docker build .`)),
      "syntax",
    ],
    [
      "an expression of a hundred thousand characters",
      oneFile(
        HEAD +
          step(
            `if: \${{ ${numbers(9000)
              .map((i) => `github.a${i}`)
              .join(" || ")} }}\n        run: docker build .`,
          ),
      ),
      "longer than the 21000 characters",
    ],
    [
      "an expression that doubles its text again and again",
      oneFile(HEAD + step(`run: \${{ ${"format('{0}{0}{0}{0}', ".repeat(18)}'xxxx'${")".repeat(18)} }}`)),
      undefined,
    ],
    ["a script of commands within commands", oneFile(HEAD + step(`run: ${"$(".repeat(3000)}docker build .${")".repeat(3000)}`)), "nested too deeply"],
    [
      "variables of a script that treble each other",
      oneFile(
        `${HEAD}      - run: |\n${numbers(40)
          .map((i) => `          A${i + 1}=$A${i}$A${i}$A${i}\n`)
          .join("")}          docker build --platform $A40 .\n`,
      ),
      undefined,
    ],
    [
      "variables that steps hand on, trebled",
      oneFile(
        HEAD +
          numbers(60)
            .map((i) => step(`run: echo "A${i + 1}=\${{ env.A${i} }}\${{ env.A${i} }}\${{ env.A${i} }}" >> $GITHUB_ENV\n        env: {A0: xxxxxxxxxx}`))
            .join(""),
      ),
      undefined,
    ],
    [
      "a Makefile that calls itself, with variables that treble each other",
      {
        ...oneFile(`${HEAD}      - run: make all\n`),
        Makefile: `A0=xxxxxxxxxx\n${numbers(40)
          .map((i) => `A${i + 1}=$(A${i})$(A${i})$(A${i})\n`)
          .join("")}all: b\n\tdocker build --platform $(A40) .\n\t$(MAKE) all\nb: all\n\tmake b\n`,
      },
      undefined,
    ],
    [
      "a bake file that inherits in a circle, with variables that double each other",
      {
        ...oneFile(`${HEAD}      - uses: docker/bake-action@v7\n        with: {source: .}\n`),
        "docker-bake.hcl": `variable "V0" { default = "xxxxxxxxxx" }\n${numbers(40)
          .map((i) => `variable "V${i + 1}" { default = "\${V${i}}\${V${i}}" }\n`)
          .join(
            "",
          )}target "default" {\n  inherits = ["b"]\n  platforms = ["\${V40}"]\n}\ntarget "b" { inherits = ["default"] }\ngroup "g" { targets = ["g"] }\n`,
      },
      undefined,
    ],
    [
      "a Dockerfile of thousands of stages, with arguments that treble each other",
      {
        ...oneFile(`${HEAD}      - uses: docker/setup-buildx-action@v4\n${BUILD.replace("push:", "context: .\n          push:")}`),
        Dockerfile: `ARG A0=xxxxxxxxxx\n${numbers(40)
          .map((i) => `ARG A${i + 1}=$A${i}$A${i}$A${i}\n`)
          .join("")}${numbers(2000)
          .map((i) => `FROM ${i === 0 ? "alpine:$A40" : `s${i - 1}`} AS s${i}\nRUN apk add curl\n`)
          .join("")}`,
      },
      undefined,
    ],
  ];
  test.each(someOf(large, 2))("%s: it ends, and says where it stopped", { timeout: LONG }, async (_, files, message) => {
    const lines = await told(files);
    if (message !== undefined) expect(lines.join("\n")).toContain(message);
  });

  test("hundreds of workflows", { timeout: LONG }, async () => {
    const lines = await told(Object.fromEntries(numbers(500).map((i) => [`${W}/w${i}.yml`, GOOD])));
    expect(lines.filter((line) => line.startsWith(REFUSED))).toHaveLength(500);
  });
});

describe("files that lead in a circle", () => {
  const calls = (...names: readonly string[]): string =>
    `on: [push, workflow_call]\njobs:\n${names.map((name, i) => `  j${i}: {uses: ./${W}/${name}.yml}\n`).join("")}`;
  test("a workflow that calls itself, and two that call each other", async () => {
    expect(await told({ [`${W}/a.yml`]: calls("a") })).toEqual([`syntax: the workflow "${W}/a.yml" calls itself`]);
    const lines = await told({ [`${W}/a.yml`]: calls("b", "b"), [`${W}/b.yml`]: calls("a", "a") });
    expect(lines.every((line) => line.endsWith("calls itself"))).toBe(true);
  });

  test("workflows that call eight others each, twelve deep", { timeout: LONG }, async () => {
    const files = Object.fromEntries(
      numbers(12).map((i) => [`${W}/w${i}.yml`, i === 11 ? GOOD.replace("push", "workflow_call") : calls(...Array(8).fill(`w${i + 1}`))]),
    );
    await told(files);
  });

  test("an action that uses itself, and actions that use eight others each", { timeout: LONG }, async () => {
    const uses = (path: string, times: number): string => `runs:\n  using: composite\n  steps:\n${`    - uses: ${path}\n`.repeat(times)}`;
    expect((await told({ ...oneFile(`${HEAD}      - uses: ./\n`), "action.yml": uses("./", 2) })).join("\n")).toContain("syntax");
    const actions = Object.fromEntries(numbers(12).map((i) => [`a${i}/action.yml`, uses(`./a${i + 1}`, 8)]));
    expect((await told({ ...oneFile(`${HEAD}      - uses: ./a0\n`), ...actions })).join("\n")).toContain("levels");
  });

  test("jobs that wait for each other", async () => {
    const lines = await told(
      oneFile("on: push\njobs:\n  a: {needs: b, runs-on: x, steps: [{run: docker build .}]}\n  b: {needs: a, runs-on: x, steps: [{run: docker build .}]}\n"),
    );
    expect(lines.filter((line) => line.includes("in a circle"))).toHaveLength(2);
  });
});

const BASE: Readonly<Record<string, string>> = {
  [`${W}/ci.yml`]: `on:
  push: { branches: [main], tags: ["v*"] }
  pull_request:
jobs:
  image:
    runs-on: \${{ matrix.runner }}
    strategy: { matrix: { runner: [ubuntu-24.04, ubuntu-24.04-arm], platform: [linux/amd64, linux/arm64] } }
    steps:
      - uses: actions/checkout@v4
      - uses: docker/setup-docker-action@v4
        with:
          daemon-config: '{"features": {"containerd-snapshotter": true}}'
      - uses: docker/setup-qemu-action@v3
        if: github.event_name == 'push'
      - uses: ./.github/actions/builder
      - uses: docker/login-action@v3
        if: secrets.TOKEN != ''
        with: { username: me, password: "\${{ secrets.TOKEN }}" }
      - uses: docker/build-push-action@v6
        with:
          context: .
          platforms: \${{ matrix.platform }}
          push: \${{ github.event_name != 'pull_request' }}
          cache-to: type=gha,mode=max
          tags: someone/app:\${{ github.sha }}
      - run: |
          docker run --platform linux/arm64 someone/app
          docker buildx bake --push
`,
  ".github/actions/builder/action.yml":
    "name: builder\ninputs: { driver: { default: docker } }\nruns:\n  using: composite\n  steps:\n    - uses: docker/setup-buildx-action@v3\n      with: { driver: '${{ inputs.driver }}' }\n",
  Dockerfile:
    "ARG BASE=alpine:3.22\nFROM --platform=$BUILDPLATFORM $BASE AS build\nARG TARGETARCH\nRUN apk add curl && curl -O https://example.test/app-$TARGETARCH\nFROM $BASE\nRUN apk add bash\nCOPY --from=build /app /app\n",
  "docker-bake.hcl": 'group "default" { targets = ["app"] }\ntarget "app" {\n  platforms = ["linux/amd64", "linux/arm64"]\n  tags = ["someone/app"]\n}\n',
  "multihull.yaml": "ignore:\n  - rule: log-in-missing\n    reason: it is logged in\n",
};

const edit = fc.record({
  file: fc.constantFrom(...Object.keys(BASE)),
  at: fc.nat(60),
  to: fc.nat(60),
  how: fc.constantFrom("drop", "double", "swap", "indent", "empty", "expression", "list", "cut", "null", "odd"),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function mutated(text: string, { at, to, how }: Edit): string {
  const lines = text.split("\n");
  const [i, j] = [at % lines.length, to % lines.length];
  const line = lines[i] as string;
  const forms: Readonly<Record<string, readonly string[]>> = {
    drop: [],
    double: [line, line],
    swap: [lines[j] as string],
    indent: [`  ${line}`],
    empty: [line.replace(/: .*/, ":")],
    expression: [line.replace(/: .*/, `: \${{ fromJSON(github.x).y[inputs.z] || matrix.platform }}`)],
    list: [line.replace(/: .*/, ": [a, {b: c}]")],
    cut: [line.slice(0, to % (line.length + 1))],
    null: [line.replace(/: .*/, ": ~")],
    odd: [line.replace(/[a-z]+/, "\u{1f433}\u0000\ud800\u202e'\"")],
  };
  return lines.toSpliced(i, 1, ...(forms[how] ?? [line])).join("\n");
}

describe("files that are damaged anywhere", () => {
  test("doctor never fails, every format is written, places lie in their files, and fixes only touch what is there", { timeout: LONG }, async () => {
    const grammars = await loadGrammars();
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
        const files = { ...BASE };
        for (const one of edits) files[one.file] = mutated(files[one.file] as string, one);
        const { findings, ignored } = diagnose(memoryFiles(files), grammars, { asOf: AS_OF, dockerfiles: ["Dockerfile"] });
        toldOf({ findings, cut: [] });
        inEveryFormat({ root: ".", asOf: AS_OF, workflows: [], findings, ignored, cut: [], unreached: [], failOn: "error", failed: false, rules: [] });
        for (const { remedies } of findings) {
          for (const remedy of remedies) {
            const made = remedy.fix === undefined ? undefined : applyFix(remedy.fix, (path) => files[path]);
            if (made !== undefined && "texts" in made) expect([...made.texts.keys()].filter((path) => files[path] === undefined)).toEqual([]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test("fix on such files: what it would write is read again without new mistakes", { timeout: LONG }, async () => {
    for (const how of ["drop", "indent", "list", "null", "cut"] as const) {
      const files = { ...BASE, [`${W}/ci.yml`]: mutated(BASE[`${W}/ci.yml`] as string, { file: `${W}/ci.yml`, at: 12, to: 9, how }) };
      const root = repository(files);
      const before = await doctor({ path: root, asOf: AS_OF });
      await fix({ path: root, asOf: AS_OF, write: true, unsafe: true });
      const after = await doctor({ path: root, asOf: AS_OF });
      const mistakes = ({ findings }: DoctorReport): number => findings.filter(({ rule }) => rule === "syntax").length;
      expect(mistakes(after)).toBeLessThanOrEqual(mistakes(before));
    }
  });
});
