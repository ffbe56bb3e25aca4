import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compare } from "./harness/documents.ts";
import { multihull, temporaryFolder } from "./harness/multihull.ts";

const workflow = `on:
  push:
    branches: [main]
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: docker/setup-qemu-action@v4
      - uses: docker/setup-buildx-action@v4
      - uses: docker/login-action@v4
        with:
          username: \${{ vars.USER }}
          password: \${{ secrets.TOKEN }}
      - uses: docker/build-push-action@v7
        id: build
        with:
          platforms: linux/amd64,linux/arm64
          tags: example/app:latest
          push: true
`;
const path = ".github/workflows/ci.yml";

function repository(text = workflow): string {
  const root = temporaryFolder();
  mkdirSync(join(root, ".github/workflows"), { recursive: true });
  writeFileSync(join(root, path), text);
  return root;
}
const runners = (root: string, ...args: string[]) => multihull(["fix", "--as-of", "2026-08-21", ...args, root]);
const read = (root: string): string => readFileSync(join(root, path), "utf8");

test("a diff that git applies, and what changes on stderr; written, and back, the file is what it was", async () => {
  const root = repository();
  const shown = await runners(root, "--runners", "native");
  expect([shown.status, read(root)]).toEqual([0, workflow]);
  expect(shown.stderr).toMatch(
    /^\.github\/workflows\/ci\.yml: job "image" is spread: unsafe, for it may change what the workflow does\n {4}the job "image-platform" builds linux\/amd64/,
  );
  expect(shown.stderr).toMatch(/\n\n1 job in 1 file; nothing was written: add --write, or give the diff to "git apply"\n$/);
  const written = await runners(root, "--runners", "native", "--write", "--job", "image");
  expect(written.stdout).toMatch(/\nwrote 1 job in 1 file\n$/);
  const after = read(root);
  const applied = repository();
  spawnSync("git", ["init", "--quiet", applied]);
  const git = spawnSync("git", ["apply", "-"], { cwd: applied, input: shown.stdout, encoding: "utf8" });
  if (git.error === undefined) expect([git.stderr, read(applied)]).toEqual(["", after]);
  const back = await runners(root, "--runners", "one", "--write");
  expect([back.status, read(root)]).toEqual([0, workflow]);
});

test("a job that cannot be changed is told why, and fails when it was asked for", async () => {
  const root = repository(workflow.replace("ubuntu-24.04", "[self-hosted, linux]"));
  const told = await runners(root, "--runners", "native", "--job", "image");
  expect([told.status, told.stdout]).toEqual([1, ""]);
  expect(told.stderr).toBe(`${path}: job "image" is left as it is: its runner is not one label that is written out\n\nno job can be changed\n`);
  const none = await runners(root, "--runners", "one");
  expect([none.status, none.stderr]).toEqual([0, "no job builds an image in this way\n"]);
});

test("the JSON document has the keys that docs/json.md tells", async () => {
  const documents = await Promise.all(
    [repository(), repository(workflow.replace("ubuntu-24.04", "mine"))].map(
      async (root) => JSON.parse((await runners(root, "--runners", "native", "--format", "json")).stdout) as object,
    ),
  );
  expect(documents).toMatchObject([
    { runners: "native", failed: false, made: [{ file: path, job: "image", jobs: ["image-platform", "image"] }], refused: [] },
    { failed: true, made: [], refused: [{ file: path, job: "image", reason: '"mine" is no Linux runner of GitHub' }], files: [] },
  ]);
  compare("multihull fix --runners native --format json", documents);
});

test.each([
  ["a way that is none", ["--runners", "two"], /allowed choices are native, one/i],
  ["a job that is not there", ["--runners", "native", "--job", "nothing"], /there is no job "nothing"/],
  ["a job without a way", ["--job", "image"], /--job goes with --runners alone/],
  ["a rule", ["--runners", "native", "--rule", "unknown-input"], /--runners changes jobs/],
])("%s is refused", async (_, args, said) => {
  const { status, stderr } = await runners(repository(), ...args);
  expect(status).toBe(2);
  expect(stderr).toMatch(said);
});
