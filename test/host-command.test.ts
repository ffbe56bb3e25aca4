import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { compare } from "./harness/documents.ts";
import { multihull, projectRoot, temporaryFolder } from "./harness/multihull.ts";

/** Every machine gives an answer; which one is the machine's. */
const host = (...args: readonly string[]) => multihull(["doctor", "--host", ...args], { env: { MULTIHULL_STORE: temporaryFolder() } });
type Told = {
  readonly world: string;
  readonly platforms: readonly { readonly platform: string; readonly how: string; readonly why: string }[];
  readonly failed: boolean;
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
    expect(stdout).toMatch(/^machine {2}\w+\/\w+\nsandbox {2}\S+: /);
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
