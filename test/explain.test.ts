import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compare } from "./harness/documents.ts";
import { githubLog } from "./harness/github-log.ts";
import { multihull, temporaryFolder } from "./harness/multihull.ts";

const WORKFLOW = `on: push
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-docker-action@v4
      - uses: docker/build-push-action@v6
        with:
          platforms: linux/amd64,linux/arm64
          push: true
          tags: registry.test/app:1
`;
const LOG = githubLog([
  { run: "docker/setup-docker-action@v4", with: {}, prints: "##[warning]Node.js 20 actions are deprecated." },
  {
    run: "docker/build-push-action@v6",
    with: { platforms: "linux/amd64,linux/arm64", push: "true", tags: "registry.test/app:1" },
    prints: `#0 building with "setup-docker-action" instance using docker driver
ERROR: failed to build: Multi-platform build is not supported for the docker driver.
Switch to a different driver, or turn on the containerd image store, and try again.
Learn more at https://docs.docker.com/go/build-multi-platform/
##[error]buildx failed with: Learn more at https://docs.docker.com/go/build-multi-platform/`,
  },
]);

function repository(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, ".github/workflows"), { recursive: true });
  writeFileSync(join(folder, ".github/workflows/release.yaml"), WORKFLOW);
  writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nCOPY . /\n");
  return folder;
}

test("a log from standard input, in the repository that it is of", async () => {
  const { status, stdout } = await multihull(["explain"], { cwd: repository(), input: LOG });
  expect(status).toBe(0);
  expect(stdout).toContain("[setup-docker-resets-builder, likely]");
  expect(stdout).toContain("in the repository: .github/workflows/release.yaml:7 (job image)");
  expect(stdout).toContain("Multi-platform build is not supported for the docker driver.");
  expect(stdout).toContain("help: ");
  // The files tell which cause it is.
  expect(stdout.indexOf("doctor finds:")).toBeLessThan(stdout.indexOf("\n  cause: "));
  expect(stdout).not.toContain("it may also be:");
});

test("runners are taken as they were on the day that the log tells, unless another is given", async () => {
  const cwd = repository();
  const finds = async (input: string, flags: readonly string[] = []): Promise<boolean> =>
    (await multihull(["explain", ...flags], { cwd, input })).stdout.includes("doctor finds:");
  const later = LOG.replaceAll("2025-05-09T", "2026-08-20T");
  expect([await finds(LOG), await finds(later), await finds(later, ["--as-of", "2025-05-09"])]).toEqual([true, false, true]);
  expect(await multihull(["explain"], { cwd, input: LOG.replaceAll("2025-05-09T", "2025-02-31T") })).toMatchObject({ status: 0 });
  expect(await multihull(["explain", "--as-of", "2025-02-31"], { cwd, input: LOG })).toMatchObject({ status: 2 });
});

test("a log from a file, of another repository or none", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "build.log"), LOG);
  const alone = await multihull(["explain", "build.log"], { cwd: folder });
  expect(alone).toMatchObject({ status: 0 });
  expect(alone.stdout).not.toContain("in the repository");
  expect(alone.stdout).toContain("it may also be:");
  expect((await multihull(["explain", "build.log", "--path", repository()], { cwd: folder })).stdout).toContain(
    "in the repository: .github/workflows/release.yaml:7",
  );
  expect(await multihull(["explain", "build.log", "--path", "."], { cwd: folder })).toMatchObject({ status: 2, stdout: "" });
});

test("the exit status tells an unknown log and an unreadable one", async () => {
  const folder = temporaryFolder();
  const unknown = await multihull(["explain", "-"], { cwd: folder, input: "all is well\n\u001b]0;title\u0007but\u0008not this\n" });
  expect(unknown.status).toBe(1);
  expect(unknown.stdout).toContain("no failure that we know is in this log");
  expect(unknown.stdout).not.toMatch(/[\u001b\u0007\u0008]/);
  expect(await multihull(["explain", "nowhere.log"], { cwd: folder })).toMatchObject({ status: 2, stdout: "" });
  expect(await multihull(["explain", "."], { cwd: folder })).toMatchObject({ status: 2, stdout: "" });
});

test("documents have the keys that docs/json.md tells", async () => {
  const cwd = repository();
  const json = async (input: string): Promise<unknown> => JSON.parse((await multihull(["explain", "--format", "json"], { cwd, input })).stdout);
  const documents = [await json(LOG), await json("ERROR: the moon is full\n"), await json("fine\n")];
  expect(documents.map((document) => (document as { verdict: string }).verdict)).toEqual(["explained", "unknown", "unknown"]);
  compare("multihull explain --format json", documents);
});
