import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compare } from "./harness/documents.ts";
import { multihull, projectRoot, startRegistry, temporaryFolder } from "./harness/multihull.ts";

test("documents have the keys that docs/json.md tells, and progress the fields of docs/progress.md", async () => {
  const [folder, store, out] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  mkdirSync(join(folder, "base"));
  writeFileSync(join(folder, "base/Dockerfile"), "FROM scratch\nCOPY Dockerfile /base\n");
  writeFileSync(join(folder, "Dockerfile"), "FROM base\nARG TARGETARCH\nWORKDIR /w\nCOPY Dockerfile f-$TARGETARCH\nLABEL a=b\n");
  const platforms = ["--platform", "linux/amd64,linux/arm64"];
  const json = async (args: readonly string[]): Promise<unknown> => JSON.parse((await multihull(args, { env: { MULTIHULL_STORE: store } })).stdout);
  const metadata = (name: string): unknown => JSON.parse(readFileSync(join(out, name), "utf8"));

  const base = ["-o", `type=oci,tar=false,dest=${out}/base`];
  const single = await json(["build", "--json", "--metadata-file", `${out}/one.json`, "-t", "app", "-o", `type=oci,dest=${out}/one.tar`, join(folder, "base")]);
  const several = await json(["build", "--json", "--metadata-file", `${out}/two.json`, ...platforms, ...base, join(folder, "base")]);
  compare("multihull build --json", [single, several]);
  compare("multihull build --metadata-file", [metadata("one.json"), metadata("two.json")]);

  const upon = [...platforms, "--build-context", `base=oci-layout://${out}/base`, folder];
  compare("multihull plan --json", [await json(["plan", "--json", ...upon])]);
  compare("multihull inspect --json", [
    await json(["inspect", "--json", `${out}/one.tar`]),
    await json(["inspect", "--json", "--files", "--platform", "linux/arm64", `${out}/base`]),
  ]);
  compare("A failure", [await json(["plan", "--json", "/nowhere"])]);

  const registry = await startRegistry(temporaryFolder());
  try {
    const lines: Record<string, unknown>[] = [];
    const build = ["build", "--progress", "json", "--push", "-t", `${registry.host}/a/b:1`, ...upon];
    for (const args of [build, build, [...build, "--secret", "id=unused,env=HOME"]])
      for (const line of (await multihull(args, { env: { MULTIHULL_STORE: store } })).stderr.trim().split("\n")) lines.push(JSON.parse(line));
    const told = new Map<string, readonly string[]>();
    for (const [, types = "", fields = ""] of readFileSync(join(projectRoot, "docs/progress.md"), "utf8").matchAll(
      /^\| (`[a-z-]+`(?:, `[a-z-]+`)*) +\| (.*?) +\|/gm,
    ))
      for (const [, type] of types.matchAll(/`([a-z-]+)`/g))
        told.set(
          type as string,
          [...fields.matchAll(/`([A-Za-z]+)`/g)].map(([, field]) => field as string),
        );
    for (const { type, ...fields } of lines) {
      expect([...told.keys()]).toContain(type);
      expect(["atMs", ...(told.get(type as string) ?? [])]).toEqual(expect.arrayContaining(Object.keys(fields)));
    }
    const seen = new Set(lines.map(({ type }) => type));
    for (const type of ["planned", "vertex-started", "vertex-cached", "vertex-done", "transfer", "transfer-saved", "step-started", "step-done", "warning"])
      expect(seen).toContain(type);
  } finally {
    await registry.stop();
  }
  compare("multihull prune --json", [await json(["prune", "--json", "--dry-run"])]);
});

test("what doctor, fix and explain print of a repository has the keys that docs/json.md tells", async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, ".github/workflows"), { recursive: true });
  const workflow = `on: [push, pull_request]
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        if: github.event_name == 'push'
        with:
          platforms: linux/amd64,linux/arm64
          plattforms: linux/amd64
`;
  writeFileSync(join(cwd, ".github/workflows/ci.yml"), workflow);
  writeFileSync(join(cwd, ".github/workflows/odd.yml"), "on: push\njobs: {a: {runs-on: ubuntu-24.04, stepz: []}}\n");
  writeFileSync(join(cwd, "multihull.yaml"), "ignore:\n  - rule: unknown-input\n    reason: on purpose\n");
  writeFileSync(join(cwd, "Dockerfile"), "FROM scratch\nCOPY . /\n");
  writeFileSync(join(cwd, "log"), "ERROR: Multi-platform build is not supported for the docker driver.\n");
  const json = async (...args: string[]): Promise<unknown> =>
    JSON.parse((await multihull([...args, "--format", "json", "--as-of", "2026-09-15"], { cwd })).stdout);
  const [told, mends, way, why] = [await json("doctor"), await json("fix"), await json("fix", "--with", "containerd"), await json("explain", "log")];
  expect(told).toMatchObject({ findings: expect.arrayContaining([expect.objectContaining({ rule: "syntax" })]), ignored: [{ reason: "on purpose" }] });
  expect(mends).toMatchObject({ applied: [{ remedy: { with: "buildx" } }], remaining: expect.arrayContaining([expect.objectContaining({ advice: [] })]) });
  expect(why).toMatchObject({ failures: [{ findings: expect.arrayContaining([expect.objectContaining({ rule: "driver-without-multi-platform" })]) }] });
  compare("multihull doctor --format json", [told]);
  compare("multihull fix --format json", [mends, way]);
  compare("multihull explain --format json", [why]);
});
