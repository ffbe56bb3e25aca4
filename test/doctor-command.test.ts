import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { multihull, projectRoot, type Ran, temporaryFolder } from "./harness/multihull.ts";

const STEPS = `jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - uses: docker/build-push-action@v7
        with:
          platforms: linux/amd64,linux/arm64
`;
const FAILS = `on: push\n${STEPS}`;
const SOUND = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo hello\n";
const RULE = "driver-without-multi-platform";
const MESSAGE = "Multi-platform build is not supported for the docker driver.";

function repository(workflow: string, files: Readonly<Record<string, string>> = {}): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries({ ".github/workflows/ci.yml": workflow, Dockerfile: "FROM scratch\nCOPY . /\n", ...files })) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
const doctor = (root: string, ...args: string[]): Promise<Ran> => multihull(["doctor", "--as-of", "2026-09-15", ...args], { cwd: root });

describe("each format goes to stdout alone, and the exit status says whether something is wrong", () => {
  const formats: Readonly<Record<string, { args: string[]; found: (stdout: string) => void; none: (stdout: string) => void }>> = {
    text: {
      args: [],
      found: (stdout) => {
        expect(stdout).toMatch(/^\.github\/workflows\/ci\.yml:7:15: error: .* \[driver-without-multi-platform, certain\]\n {2}7 \| {7}- uses: docker/);
        expect(stdout).toContain(`    | ERROR: failed to build: ${MESSAGE}\n`);
        expect(stdout).toContain(`    fix: multihull fix --rule ${RULE} --with buildx\n`);
        expect(stdout).toMatch(/\n\n1 error in 1 workflow, with runners as of 2026-09-15\n$/);
      },
      none: (stdout) => expect(stdout).toBe("nothing found in 1 workflow, with runners as of 2026-09-15\n"),
    },
    json: {
      args: ["--format", "json"],
      found: (stdout) => expect(JSON.parse(stdout)).toMatchObject({ version: 1, failed: true, findings: [{ rule: RULE, place: { line: 7 } }] }),
      none: (stdout) => expect(JSON.parse(stdout)).toMatchObject({ version: 1, failed: false, findings: [] }),
    },
    sarif: {
      args: ["--format", "sarif"],
      found: (stdout) => expect(JSON.parse(stdout)).toMatchObject({ version: "2.1.0", runs: [{ results: [{ ruleId: RULE, level: "error" }] }] }),
      none: (stdout) => expect(JSON.parse(stdout)).toMatchObject({ version: "2.1.0", runs: [{ results: [] }] }),
    },
    github: {
      args: ["--format", "github"],
      found: (stdout) => expect(stdout).toMatch(/^::error file=\.github\/workflows\/ci\.yml,line=7,[^\n]*\n$/),
      none: (stdout) => expect(stdout).toBe(""),
    },
    markdown: {
      args: ["--format", "markdown"],
      found: (stdout) => expect(stdout).toMatch(/^## multihull doctor\n\n1 error[\s\S]*<code>driver-without-multi-platform<\/code>/),
      none: (stdout) => expect(stdout).toMatch(/^## multihull doctor\n\nnothing found/),
    },
  };
  for (const [name, { args, found, none }] of Object.entries(formats)) {
    test(name, async () => {
      const bad = await doctor(repository(FAILS), "--rule", RULE, ...args);
      found(bad.stdout);
      expect([bad.status, bad.stderr]).toEqual([1, ""]);
      const good = await doctor(repository(SOUND), ...args);
      none(good.stdout);
      expect([good.status, good.stderr]).toEqual([0, ""]);
    });
  }
});

describe("the exit status follows", () => {
  const mild = `${FAILS}          plattforms: all\n`.replace("linux/amd64,linux/arm64", "linux/amd64");
  const cases: Readonly<Record<string, { files?: Readonly<Record<string, string>>; args?: string[]; status: number }>> = {
    "errors alone, as it comes": { status: 0 },
    "--fail-on": { args: ["--fail-on", "warning"], status: 1 },
    "multihull.yaml": { files: { "multihull.yaml": "fail-on: warning\n" }, status: 1 },
    "--fail-on before multihull.yaml": { files: { "multihull.yaml": "fail-on: warning\n" }, args: ["--fail-on", "error"], status: 0 },
    "what is not ignored": { files: { "multihull.yaml": "fail-on: warning\nignore:\n  - rule: unknown-input\n    reason: known\n" }, status: 0 },
  };
  for (const [name, { files, args = [], status }] of Object.entries(cases)) {
    test(name, async () => {
      const ran = await doctor(repository(mild, files), "--rule", "unknown-input", ...args);
      expect(ran.stderr).toBe("");
      expect(ran.status).toBe(status);
    });
  }
});

describe("wrong usage ends with status 2, one message on stderr, and nothing on stdout", () => {
  const cases: Readonly<Record<string, { args: (root: string) => string[]; stderr: RegExp }>> = {
    "a rule that does not exist": {
      args: (root) => ["doctor", "--rule", "driver-without-multi-platfrom", root],
      stderr: /^error\[usage\]: there is no rule "driver-without-multi-platfrom"\nhelp: did you mean driver-without-multi-platform\?\n$/,
    },
    "a rule like no other": {
      args: (root) => ["fix", "--rule", "x", root],
      stderr: /^error\[usage\]: there is no rule "x"\nhelp: docs\/rules\.md lists them\n$/,
    },
    "a day that is none": {
      args: (root) => ["doctor", "--as-of", "2026-02-31", root],
      stderr: /^error\[usage\]: "2026-02-31" is not a day\nhelp: .*YYYY-MM-DD/,
    },
    "a day of another form": { args: (root) => ["fix", "--as-of", "yesterday", root], stderr: /^error\[usage\]: "yesterday" is not a day\n/ },
    "a day of explain": { args: () => ["explain", "--as-of", "2026-2-1"], stderr: /^error\[usage\]: "2026-2-1" is not a day\n/ },
    "a path where nothing is": {
      args: () => ["doctor", "/no/such/folder"],
      stderr: /^error\[file-unreadable\]: there is nothing at "\/no\/such\/folder"\nhelp: /,
    },
    "a folder without workflows": { args: () => ["doctor", temporaryFolder()], stderr: /^error\[workflow-missing\]: .* has no workflow: .*\nhelp: / },
    "one to mend": { args: () => ["fix", temporaryFolder()], stderr: /^error\[workflow-missing\]: / },
    "two paths": { args: (root) => ["doctor", root, root], stderr: /too many arguments/ },
    "a format that is none": { args: () => ["doctor", "--format", "xml"], stderr: /"xml"[\s\S]*allowed choices are text, json, sarif, github, markdown/ },
    "a way that is none": { args: () => ["fix", "--with", "docker"], stderr: /"docker"[\s\S]*allowed choices are buildx, containerd/ },
    "a severity that is none": { args: () => ["doctor", "--fail-on", "warn"], stderr: /"warn"[\s\S]*allowed choices are error, warning, info/ },
    "a flag of another command": { args: () => ["doctor", "--write"], stderr: /^error\[usage\]: unknown option "--write"/ },
    "a log where nothing is": { args: () => ["explain", "/no/such/log"], stderr: /^error\[file-unreadable\]: .*"\/no\/such\/log"/ },
  };
  for (const [name, { args, stderr }] of Object.entries(cases)) {
    test(name, async () => {
      const ran = await multihull(args(repository(SOUND)));
      expect(ran.stderr).toMatch(stderr);
      expect(ran.stderr).not.toMatch(/\n\s+at /);
      expect([ran.status, ran.stdout]).toEqual([2, ""]);
    });
  }

  test("for programs it is a document", async () => {
    for (const command of ["doctor", "fix"]) {
      const ran = await multihull([command, "--format", "json", "/no/such/folder"]);
      expect(JSON.parse(ran.stdout)).toMatchObject({ version: 1, problem: { code: "file-unreadable" } });
      expect(ran.status).toBe(2);
    }
  });
});

describe("help tells flags, their values, and lines worth copying", () => {
  for (const [command, words] of [
    ["doctor", ["--format", "sarif", "--fail-on", "--as-of", "YYYY-MM-DD", "[PATH]"]],
    ["fix", ["--with", "containerd", "--write", "--unsafe", "[PATH]"]],
    ["explain", ["--path", "--format", "[LOG]", "gh run view"]],
  ] as const) {
    test(command, async () => {
      const { status, stdout, stderr } = await multihull([command, "--help"]);
      expect([status, stderr]).toEqual([0, ""]);
      for (const word of words) expect(stdout).toContain(word);
      expect(stdout).toContain("Examples:\n");
    });
  }
});

describe("surroundings", () => {
  const shell = (script: string, cwd: string): string =>
    execFileSync("bash", ["-c", `multihull() { '${process.execPath}' '${projectRoot}/bin/multihull' "$@"; }; exec 2>&1; ${script}`], {
      cwd,
      encoding: "utf8",
      env: { PATH: process.env.PATH, TERM: "xterm" },
    });
  test("a reader that has seen enough is no failure", () => {
    const root = repository(FAILS);
    for (const command of ["doctor", "doctor --format json", "fix", "fix --format json"])
      expect(shell(`multihull ${command} | head -c 1 >/dev/null; echo "ended: \${PIPESTATUS[0]}"`, root).trim().split("\n").at(-1)).toBe("ended: 1");
  });

  test("colours are for terminals", (context) => {
    const root = repository(FAILS);
    expect(shell("FORCE_COLOR=1 multihull doctor || true", root)).not.toContain("\u001b");
    const onTerminal = (variables: string): string =>
      shell(
        `command -v script >/dev/null || { echo none; exit; }; ${variables} script -qec "'${process.execPath}' '${projectRoot}/bin/multihull' doctor" /dev/null || true`,
        root,
      );
    const shown = onTerminal("");
    context.skip(shown === "none\n", "script is not installed");
    expect(shown).toContain("\u001b[31merror\u001b[39m");
    expect(onTerminal("NO_COLOR=1")).not.toContain("\u001b[31m");
  });

  test("names of files are those that lead there from where you stand", async () => {
    const root = repository(FAILS);
    const below = await multihull(["doctor"], { cwd: join(root, ".github") });
    expect(below.stdout).toMatch(/^\.\.\/\.github\/workflows\/ci\.yml:7:15: /);
    const one = await multihull(["doctor", "ci.yml"], { cwd: join(root, ".github/workflows") });
    expect(one.stdout).toMatch(/^\.\.\/\.\.\/\.github\/workflows\/ci\.yml:7:15: /);
  });
});
