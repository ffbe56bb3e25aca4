import { describe, expect, test } from "vitest";
import type { SourceFile } from "../core/span.ts";
import { readConfig } from "./config.ts";
import type { Finding } from "./finding.ts";
import { type Ignore, silence } from "./ignore.ts";
import { ignoreComments } from "./ignore-comments.ts";

const KNOWN = ["builder-lost", "wrong-platform"];

function findingAt(file: SourceFile, word: string, rule = "builder-lost"): Finding {
  const start = file.text.indexOf(word);
  if (start === -1) throw new Error(`no ${word}`);
  return {
    rule,
    severity: "error",
    confidence: "certain",
    message: "m",
    place: { file, span: { start, end: start + word.length } },
    facts: [],
    when: { always: true, scenarios: [], rows: [], condition: undefined },
    log: undefined,
    cause: "c",
    remedies: [],
  };
}

const told = (file: SourceFile, word: string, ignores: readonly Ignore[], rule?: string): readonly string[] => {
  const { findings, ignored } = silence([findingAt(file, word, rule)], ignores, KNOWN, () => true);
  return [...ignored.map(({ reason, by }) => `ignored by ${by}: ${reason ?? "-"}`), ...findings.map((one) => (one.message === "m" ? "told" : one.message))];
};

describe("a comment", () => {
  const cases: Record<string, { text: string; rule?: string; tells: string[] }> = {
    "on the line": { text: "a: HERE # multihull: ignore builder-lost -- it is ours\n", tells: ["ignored by a comment at f.yml:1: it is ours"] },
    "on the line above": { text: "# multihull: ignore builder-lost -- it is ours\na: HERE\n", tells: ["ignored by a comment at f.yml:1: it is ours"] },
    "above, at the beginning of a line": {
      text: "x: 1\n# multihull: ignore builder-lost -- it is ours\na: HERE\n",
      tells: ["ignored by a comment at f.yml:2: it is ours"],
    },
    "at the end of the file": {
      text: "a: HERE\n# multihull: ignore builder-lost -- why",
      tells: ["told", 'nothing is found here that ignoring "builder-lost" would silence'],
    },
    "above, with another comment between": {
      text: "  # multihull: ignore builder-lost -- why\n  # more\n  a: HERE\n",
      tells: ["ignored by a comment at f.yml:1: why"],
    },
    "with two slashes, as HCL has them": { text: "// multihull: ignore builder-lost -- why\na = HERE\n", tells: ["ignored by a comment at f.yml:1: why"] },
    "with lines that end in CRLF": { text: "# multihull: ignore builder-lost -- why\r\na: HERE\r\n", tells: ["ignored by a comment at f.yml:1: why"] },
    "of several rules": {
      text: "a: HERE # multihull: ignore wrong-platform, builder-lost -- why\n",
      tells: ["ignored by a comment at f.yml:1: why", 'nothing is found here that ignoring "wrong-platform" would silence'],
    },
    "two lines above does nothing": {
      text: "# multihull: ignore builder-lost -- why\na: 1\nb: HERE\n",
      tells: ["told", 'nothing is found here that ignoring "builder-lost" would silence'],
    },
    "at the end of the line above does nothing": {
      text: "a: 1 # multihull: ignore builder-lost -- why\nb: HERE\n",
      tells: ["told", 'nothing is found here that ignoring "builder-lost" would silence'],
    },
    "of another rule does nothing": {
      text: "b: HERE # multihull: ignore wrong-platform -- why\n",
      tells: ["told", 'nothing is found here that ignoring "wrong-platform" would silence'],
    },
    "without a reason ignores, and is told": {
      text: "b: HERE # multihull: ignore builder-lost\n",
      tells: ["ignored by a comment at f.yml:1: -", '"builder-lost" is ignored without a reason'],
    },
    "of a rule that does not exist": { text: "b: HERE # multihull: ignore bilder-lost -- why\n", tells: ["told", 'there is no rule "bilder-lost" to ignore'] },
    "that is a word of a text is none": { text: 'b: "HERE x#multihull: ignore builder-lost -- why"\n', tells: ["told"] },
  };
  for (const [name, { text, tells }] of Object.entries(cases)) {
    test(name, () => {
      const file = { name: "f.yml", text };
      expect(told(file, "HERE", ignoreComments(file))).toEqual(tells);
    });
  }
});

describe("multihull.yaml", () => {
  const config = (text: string): ReturnType<typeof readConfig> => readConfig({ name: "multihull.yaml", text });
  const paths: Record<string, { path: string; file: string; ignored: boolean }> = {
    "a file": { path: "docker/Dockerfile", file: "docker/Dockerfile", ignored: true },
    "a file elsewhere": { path: "Dockerfile", file: "docker/Dockerfile", ignored: false },
    "a folder": { path: "docker/", file: "docker/a/Dockerfile", ignored: true },
    "a folder's name is no beginning of a name": { path: "docker", file: "docker-2/Dockerfile", ignored: false },
    "a star within a name": { path: "docker/*.Dockerfile", file: "docker/a.Dockerfile", ignored: true },
    "a star does not reach into folders": { path: "docker/*.Dockerfile", file: "docker/x/a.Dockerfile", ignored: false },
    "two stars do": { path: "**/*.Dockerfile", file: "docker/x/a.Dockerfile", ignored: true },
    "two stars may be no folder": { path: "**/a.Dockerfile", file: "a.Dockerfile", ignored: true },
    "a question mark": { path: "a.?ml", file: "a.yml", ignored: true },
    "a path that begins with a dot": { path: "./a.yml", file: "a.yml", ignored: true },
  };
  for (const [name, { path, file, ignored }] of Object.entries(paths)) {
    test(`a path: ${name}`, () => {
      const { ignores, complaints } = config(`ignore:\n  - rule: builder-lost\n    path: ${JSON.stringify(path)}\n    reason: why\n`);
      expect(complaints).toEqual([]);
      expect(told({ name: file, text: "HERE" }, "HERE", ignores)[0]).toBe(ignored ? "ignored by multihull.yaml:2: why" : "told");
    });
  }
  test("without a path, everywhere", () => {
    expect(told({ name: "x", text: "HERE" }, "HERE", config("ignore:\n  - rule: builder-lost\n    reason: why\n").ignores)).toEqual([
      "ignored by multihull.yaml:2: why",
    ]);
  });
  test("fail-on", () => expect(config("fail-on: warning\n").failOn).toBe("warning"));
  test("an empty file says nothing", () => expect(config("# nothing\n")).toEqual({ ignores: [], failOn: undefined, complaints: [] }));

  const mistakes: Record<string, { text: string; says: string; hint: string }> = {
    "an unknown key": { text: "ignores: []\n", says: '"ignores" is no key of multihull.yaml here', hint: "did you mean ignore?" },
    "an unknown key of an entry": {
      text: "ignore:\n  - rule: a\n    reson: x\n",
      says: '"reson" is no key of multihull.yaml here',
      hint: "did you mean reason?",
    },
    "no list": { text: "ignore: builder-lost\n", says: '"ignore" is no list', hint: "write one entry a line: `- rule: ID`, with `path` and `reason` below it" },
    "an entry without a rule": { text: "ignore:\n  - path: a\n", says: 'an entry of "ignore" names no rule', hint: "add `rule: ID`" },
    "a severity that is none": { text: "fail-on: never\n", says: '"fail-on" is none of error, warning, info', hint: "write one of them" },
    "no mapping": { text: "- a\n", says: "the file is no mapping", hint: "write `key: value` lines" },
  };
  for (const [name, { text, says, hint }] of Object.entries(mistakes)) {
    test(`complains of ${name}`, () => {
      const [first] = config(text).complaints;
      expect([first?.message, first?.hint]).toEqual([says, hint]);
    });
  }
});
