import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, onTestFinished, test } from "vitest";
import { compare } from "./harness/documents.ts";
import { fakeDocker } from "./harness/fake-docker.ts";
import { HAPPY } from "./harness/host-world.ts";
import { multihull, projectRoot, temporaryFolder } from "./harness/multihull.ts";

/** A machine whose Docker has the classic store, and keeps its configuration in a folder of the test's. */
function machine(): { readonly config: string; readonly run: (...args: readonly string[]) => ReturnType<typeof multihull> } {
  const docker = fakeDocker(HAPPY);
  onTestFinished(() => docker.remove());
  const folder = temporaryFolder();
  const config = join(folder, "daemon.json");
  writeFileSync(config, '{\n  "debug": true\n}\n');
  const run = (...args: readonly string[]) => multihull(["fix", "--host", ...args], { env: { ...docker.env, MULTIHULL_STORE: join(folder, "store") } });
  return { config, run };
}
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(
  JSON.parse(readFileSync(join(projectRoot, "docs/schema/host-fix.schema.json"), "utf8")),
);

describe("multihull fix --host", () => {
  test("shows, writes and undoes, in text", async () => {
    const { config, run } = machine();
    const before = readFileSync(config, "utf8");
    const there = ["--with", "containerd", "--daemon-config", config];
    const shown = await run(...there);
    expect([shown.status, shown.stderr]).toEqual([1, ""]);
    expect(shown.stdout).toContain('+  "features": {\n+    "containerd-snapshotter": true\n+  }');
    expect(shown.stdout).toMatch(/nothing was changed: add --write to do it\n$/);
    expect(readFileSync(config, "utf8")).toBe(before);
    const written = await run(...there, "--write");
    expect([written.status, written.stderr]).toEqual([1, `change "${config}" …\n`]);
    expect(written.stdout).toContain("left to you: ");
    expect(JSON.parse(readFileSync(config, "utf8"))).toEqual({ debug: true, features: { "containerd-snapshotter": true } });
    const undone = await run("--undo");
    expect([undone.status, undone.stdout]).toEqual([0, `put "${config}" back as it was\n\nundone\n`]);
    expect(readFileSync(config, "utf8")).toBe(before);
  });

  test("prints documents as their schema and docs/json.md tell", async () => {
    const { config, run } = machine();
    const there = ["--with", "containerd", "--daemon-config", config, "--format", "json"];
    const documents = [
      await run(...there),
      await run(...there, "--write"),
      await run("--undo", "--format", "json"),
      await run("--undo", "--format", "json"),
    ].map(({ stdout }) => JSON.parse(stdout) as { readonly outcome: string });
    expect(documents.map(({ outcome }) => outcome)).toEqual(["planned", "pending", "undone", "nothing"]);
    for (const document of documents) expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    compare("multihull fix --host --format json", documents);
    expect(validate({ ...documents[0], outcome: "perhaps" })).toBe(false);
  });

  test("killed while it makes a builder, it has recorded what --undo takes back", async () => {
    const real = fakeDocker(
      [
        { when: "buildx inspect multihull", status: 1, stderr: 'ERROR: no builder "multihull" found\n' },
        { when: "buildx rm multihull", stdout: "multihull removed\n" },
        ...HAPPY,
      ],
      "real",
    );
    onTestFinished(() => real.remove());
    // Made, and then nobody is there any more to hear of it.
    writeFileSync(
      join(real.folder, "docker"),
      `#!${process.execPath}
const { status, stdout, stderr } = require("node:child_process").spawnSync(__dirname + "/real", process.argv.slice(2));
if (process.argv[3] === "create") process.kill(process.ppid, "SIGKILL");
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = status;
`,
      { mode: 0o755 },
    );
    const env = { ...real.env, MULTIHULL_STORE: join(temporaryFolder(), "store") };
    const run = (...args: readonly string[]) => multihull(["fix", "--host", ...args], { env });
    expect((await run("--with", "buildx", "--write")).status).toBe(null);
    expect((await run("--with", "buildx")).stdout).toContain("note: an earlier run ended before it was through");
    const undone = await run("--undo");
    expect([undone.status, undone.stderr]).toEqual([0, ""]);
    expect(undone.stdout).toMatch(/^took back builder "multihull": docker buildx rm multihull\nremoved ".*buildkitd-multihull\.toml"\n\nundone\n$/);
    const calls = real.calls().map((words) => words.slice(0, 4).join(" "));
    expect(calls.filter((call) => /^buildx (?:create|rm)/.test(call))).toEqual(["buildx create --name multihull", "buildx rm multihull"]);
    expect((await run("--undo")).stdout).toContain("nothing to undo");
  });

  test("refuses a configuration that Docker refuses, and leaves no trace", async () => {
    const { config, run } = machine();
    writeFileSync(config, "{ // x\n}");
    const { status, stdout, stderr } = await run("--with", "containerd", "--daemon-config", config);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      `error[daemon-config-invalid]: "${config}" cannot be changed: it has a comment, which Docker refuses at line 1, column 3\nhelp: remove it: JSON has no comments, then run this again; nothing was changed\n`,
    );
    expect(existsSync(join(config, "../store"))).toBe(false);
  });

  test.each([
    ["a repository", ["--with", "containerd", "."], "--host mends this machine, not a repository"],
    ["a rule", ["--with", "containerd", "--rule", "x"], "--host mends this machine, not a repository"],
    ["both kinds of restart", ["--with", "containerd", "--restart", "--no-restart"], "--restart and --no-restart cannot both be meant"],
    ["no way", [], "there are two ways out"],
    ["an undo that writes", ["--undo", "--write"], "an undo takes back the last run that wrote, and is asked for alone"],
  ])("refuses %s", async (_name, args, message) => {
    const { status, stderr } = await machine().run(...args);
    expect([status, stderr.split("\n")[0]]).toEqual([2, `error[usage]: ${message}`]);
  });

  test.each([["--undo"], ["--daemon-config", "x"], ["--no-restart"], ["--platform", "linux/amd64"]])("is what %s is for", async (...args) => {
    const { status, stderr } = await multihull(["fix", ...args], { cwd: temporaryFolder() });
    expect([status, stderr.split("\n")[0]]).toEqual([2, `error[usage]: ${args[0]} is for mending this machine, not a repository`]);
  });
});
