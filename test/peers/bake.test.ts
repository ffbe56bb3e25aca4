// Needs: Buildx
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { memoryFiles } from "../../src/adapters/memory/repository-files.ts";
import { diagnose } from "../../src/api/diagnose.ts";
import { readBakeFile } from "../../src/bake/read.ts";
import { resolveBake } from "../../src/bake/resolve.ts";
import { peerEnvironment } from "../compare/places.ts";
import { BAKE_CASES, type BakeCase } from "./bake-cases.ts";
import { comparable, type Printed, printed } from "./bake-print.ts";
import { peerSuite } from "./peer-suite.ts";

const folder = mkdtempSync(join(tmpdir(), "mh-bake-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What Buildx makes of a case: its targets, or that it fails. */
function theirs({ files, targets = [], set = [], environment = {} }: BakeCase, at: string): Readonly<Record<string, Printed>> | "fails" {
  mkdirSync(at);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(at, name), text);
  const given = [...Object.keys(files).flatMap((name) => ["-f", name]), ...set.flatMap((one) => ["--set", one]), ...targets];
  const { status, stdout } = spawnSync("docker", ["buildx", "bake", "--print", ...given], { cwd: at, env: peerEnvironment(environment), encoding: "utf8" });
  if (status !== 0) return "fails";
  const { target } = JSON.parse(stdout) as { target: Record<string, Printed> };
  return Object.fromEntries(Object.entries(target).map(([name, one]) => [name, comparable(one)]));
}

function ours({ files, targets = [], set = [], environment = {} }: BakeCase): Readonly<Record<string, Printed>> | "fails" {
  const read = Object.entries(files).map(([name, text]) => readBakeFile({ name, text }));
  const commandLine = { name: "command line", text: "" };
  const resolution = resolveBake(read, {
    targets,
    set: set.map((text) => ({ parts: [text], place: { file: commandLine, span: { start: 0, end: 0 } } })),
    variables: new Map(Object.entries(environment)),
  });
  if (resolution.complaints.some(({ severity }) => severity === "error") || resolution.missing.length > 0) return "fails";
  expect(resolution.open).toBe(false);
  return Object.fromEntries(resolution.targets.map((target) => [target.name, printed(target)]));
}

const LINKED = `target "default" {
  contexts = { base = "target:b" }
  platforms = ["linux/amd64", "linux/arm64"]
}
target "b" {
  platforms = ["linux/amd64", "linux/s390x"]
}
`;
const BAKES = `on: push
jobs:
  bake:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - uses: docker/setup-buildx-action@v4
      - uses: docker/bake-action@v7
        with: { source: . }
`;

peerSuite("bake files are understood as Buildx understands them", ["buildx"], () => {
  test.for(BAKE_CASES.map((one, i) => ({ ...one, i })))("$name", (one) => {
    expect(ours(one)).toEqual(theirs(one, join(folder, String(one.i))));
  });

  test("a target that lacks platforms of what is made from it: doctor tells the line that Buildx prints", () => {
    const at = join(folder, "linked");
    mkdirSync(at);
    writeFileSync(join(at, "docker-bake.hcl"), LINKED);
    const { status, stderr } = spawnSync("docker", ["buildx", "bake", "--print"], { cwd: at, env: peerEnvironment(), encoding: "utf8" });
    const files = memoryFiles({ "docker-bake.hcl": LINKED, ".github/workflows/bake.yml": BAKES });
    const { findings } = diagnose(files, {}, { asOf: "2026-08-21", only: ["bake-link-lacks-platforms"] });
    expect(status).toBe(1);
    expect(findings.map(({ log }) => log?.lines[0])).toEqual([stderr.trimEnd().split("\n").at(-1)]);
  });
});
