import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, onTestFinished, test } from "vitest";
import { compare } from "./harness/documents.ts";
import { fakeDocker } from "./harness/fake-docker.ts";
import { multihull, projectRoot, temporaryFolder } from "./harness/multihull.ts";

/** Every machine gives an answer; which one is the machine's. */
const host = (...args: readonly string[]) => multihull(["doctor", "--host", ...args], { env: { MULTIHULL_STORE: temporaryFolder() } });
type Told = {
  readonly world: string;
  readonly platforms: readonly { readonly platform: string; readonly how: string; readonly why: string }[];
  readonly facts: { readonly cli: { readonly known: boolean; readonly why?: string } };
  readonly prediction: { readonly verdict: string; readonly log?: { readonly lines: readonly string[] } };
  readonly failed: boolean;
};

const INFO = {
  ServerVersion: "28.5.2",
  OSType: "linux",
  Architecture: "x86_64",
  Driver: "overlay2",
  DriverStatus: [["Backing Filesystem", "extfs"]],
  SecurityOptions: [],
  RegistryConfig: { IndexConfigs: {}, InsecureRegistryCIDRs: [], Mirrors: [] },
  Images: 0,
  ContainersRunning: 0,
  LiveRestoreEnabled: false,
  OperatingSystem: "Debian",
  Name: "x",
};

describe("multihull doctor --host", () => {
  test("prints a document as its schema and docs/json.md tell, and ends with the status that it tells", async () => {
    const { stdout, status } = await host("--format", "json");
    const told = JSON.parse(stdout) as Told;
    compare("multihull doctor --host --format json", [told]);
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(
      JSON.parse(readFileSync(join(projectRoot, "docs/schema/host.schema.json"), "utf8")),
    );
    expect(validate(told), JSON.stringify(validate.errors)).toBe(true);
    expect(told.platforms).toHaveLength(7);
    for (const { why } of told.platforms) expect(why).not.toBe("");
    expect(status).toBe(told.failed ? 1 : 0);
    expect(validate({ ...told, world: "heaven" })).toBe(false);
  });
  test("fails for a platform that is asked for and cannot run", async () => {
    const { stdout, status } = await host("--format", "json", "--platform", "windows/amd64");
    expect(JSON.parse(stdout)).toMatchObject({ failed: true, platforms: [{ platform: "windows/amd64", how: "impossible" }] });
    expect(status).toBe(1);
  });
  test("prints the same for people", async () => {
    const { stdout } = await host("--platform", "linux/mips64le");
    expect(stdout).toMatch(/^machine +\w+\/\w+$/m);
    expect(stdout).toMatch(/^sandbox +\S+: /m);
    expect(stdout).toMatch(/^platform +multihull/m);
    expect(stdout).toContain("docker buildx build --platform linux/mips64le .");
  });
  test("tells of a machine without Docker, and what helps", async () => {
    const { stdout } = await multihull(["doctor", "--host", "--format", "json"], { env: { MULTIHULL_STORE: temporaryFolder(), PATH: temporaryFolder() } });
    const { facts, prediction } = JSON.parse(stdout) as Told;
    expect(facts.cli).toMatchObject({ known: false, state: "absent" });
    expect(prediction).toMatchObject({ verdict: "refused", message: facts.cli.why });
  });
  test("predicts what Docker will say, and does not fail for it", async () => {
    const docker = fakeDocker([
      { when: /^(?:--version|version)/, stdout: "Docker version 28.5.2, build 1\n" },
      { when: /^buildx version/, stdout: "github.com/docker/buildx v0.29.1 1\n" },
      { when: /^context ls/, stdout: `${JSON.stringify({ Name: "default", DockerEndpoint: "unix:///nowhere.sock", Current: true })}\n` },
      { when: /^info/, stdout: JSON.stringify(INFO) },
    ]);
    onTestFinished(() => docker.remove());
    const { PATH = "" } = process.env;
    const env = { ...docker.env, MULTIHULL_STORE: temporaryFolder(), PATH: `${docker.folder}:${PATH}` };
    const { stdout } = await multihull(["doctor", "--host", "--format", "json"], { env });
    const { prediction } = JSON.parse(stdout) as Told;
    expect(prediction.verdict).toBe("refused");
    expect(prediction.log?.lines[0]).toBe("ERROR: failed to build: Multi-platform build is not supported for the docker driver.");
  });
  test.each([
    ["a repository", ["."]],
    ["a rule", ["--rule", "x"]],
    ["a severity", ["--fail-on", "error"]],
    ["another format", ["--format", "sarif"]],
    ["a registry's answer", ["--online"]],
  ])("does not go with %s", async (_name, args) => {
    const { status, stderr } = await host(...args);
    expect(stderr).toContain("--host looks at this machine");
    expect(status).toBe(2);
  });
});
