import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { multihull, temporaryFolder } from "./harness/multihull.ts";

const workflow = `on:
  push:
    branches: [main]
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: docker/login-action@v4
        with:
          registry: ghcr.io
          username: \${{ github.actor }}
          password: \${{ secrets.GITHUB_TOKEN }}
      - uses: docker/build-push-action@v7
        with:
          context: .
          platforms: linux/amd64,linux/arm64
          push: true
          tags: ghcr.io/org/app:latest
`;
const mended = workflow.replace(
  "      - uses: docker/build-push-action",
  "      - uses: docker/setup-buildx-action@v4\n      - uses: docker/build-push-action",
);
const path = ".github/workflows/ci.yml";

function repository(): string {
  const root = temporaryFolder();
  mkdirSync(join(root, ".github/workflows"), { recursive: true });
  writeFileSync(join(root, path), workflow);
  writeFileSync(join(root, "Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
  return root;
}
const fix = (root: string, ...args: string[]) => multihull(["fix", "--rule", "driver-without-multi-platform", "--as-of", "2026-08-21", ...args, root]);

test("the diff alone goes to stdout, and git takes it", async (context) => {
  const root = repository();
  const { status, stdout, stderr } = await fix(root, "--with", "buildx");
  expect(status).toBe(1);
  expect(stderr).toMatch(/set up a Buildx builder before this step\n.*\n.*\n\n1 fix in 1 file; nothing was written/);
  expect(readFileSync(join(root, path), "utf8")).toBe(workflow);
  const applied = spawnSync("git", ["apply", "-"], { cwd: root, input: stdout });
  context.skip(applied.error !== undefined, "git is not installed");
  expect(readFileSync(join(root, path), "utf8")).toBe(mended);
});

test("--write writes, and there is nothing to do after it", async () => {
  const root = repository();
  const first = await fix(root, "--with", "buildx", "--write");
  expect([first.status, first.stderr]).toEqual([0, ""]);
  expect(first.stdout).toMatch(/\n\nwrote 1 fix in 1 file\n$/);
  expect(readFileSync(join(root, path), "utf8")).toBe(mended);
  expect(await fix(root, "--with", "buildx", "--write")).toEqual({ status: 0, stdout: "", stderr: "nothing to mend\n" });
});

test("one document for programs", async () => {
  const { status, stdout } = await fix(repository(), "--with", "containerd", "--format", "json");
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ version: 1, written: false, failed: true, applied: [{ remedy: { with: "containerd" } }], files: [{ path }] });
});

test("what is no repository, and no rule, is wrong usage", async () => {
  expect((await multihull(["fix", "/nowhere"])).status).toBe(2);
  expect((await multihull(["fix", "--rule", "driver-without-multi-platfrom", repository()])).stderr).toMatch(/did you mean driver-without-multi-platform/);
});
