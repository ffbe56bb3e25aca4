import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { readCommandLine } from "../src/cli/program.ts";
import { printVerified } from "../src/cli/run/print-verified.ts";
import { run } from "../src/cli/run/verify.ts";
import { everything } from "../src/report/verify/hand-made.ts";
import { makeImage, writeMadeLayout } from "./harness/made-image.ts";
import type { MadeImage, MadePlatform } from "./harness/made-image-spec.ts";
import { multihull, type Ran, temporaryFolder } from "./harness/multihull.ts";

const platform = (machine: string): MadePlatform => ({
  config: { Entrypoint: ["/app"], Env: ["PATH=/bin"] },
  layers: [{ createdBy: "COPY app /app", files: { app: { elf: { machine } } } }],
});
const SOUND: MadeImage = { platforms: { "linux/amd64": platform("amd64"), "linux/arm64": platform("arm64") } };
/** The known mistake: the amd64 program in both. */
const WRONG: MadeImage = { platforms: { "linux/amd64": platform("amd64"), "linux/arm64": platform("amd64") } };
const RULE = "start-of-other-architecture";

async function layouts(): Promise<string> {
  const folder = temporaryFolder();
  for (const [name, spec] of Object.entries({ sound: SOUND, wrong: WRONG })) {
    mkdirSync(join(folder, name));
    writeMadeLayout(await makeImage(spec), join(folder, name));
  }
  return folder;
}
const verify = (cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  multihull(["verify", "--store", join(cwd, "store"), ...args], { cwd, env });

test("a sound image ends with status 0, a wrong one with 1 and what is wrong with it; a job's summary has it, too", async () => {
  const folder = await layouts();
  const summary = join(folder, "summary.md");
  writeFileSync(summary, "before\n");
  const [sound, wrong] = await Promise.all([
    verify(folder, ["--summary", "oci:sound"]),
    verify(folder, ["--summary", "oci:wrong"], { GITHUB_STEP_SUMMARY: summary }),
  ]);
  expect(sound.stdout).toMatch(/^oci:sound sha256:[0-9a-f]{64}\n\nplatform .*\nlinux\/amd64 .*\nlinux\/arm64 .*\n[\s\S]* in 2 platforms; .*\n$/);
  expect([sound.status, wrong.status]).toEqual([0, 1]);
  expect(wrong.stdout).toMatch(
    new RegExp(`\\nlinux/arm64: error: .*amd64.* \\[${RULE}, certain\\]\\n {2}from: layer 1 \\(sha256:[0-9a-f]{12}\\): COPY app /app\\n {2}at: /app\\n`),
  );
  expect(wrong.stdout).toMatch(/\n1 error .*in 2 platforms; .*\n$/);
  for (const { stderr } of [sound, wrong]) expect(["", "reading layers\n"]).toContain(stderr);
  expect(readFileSync(summary, "utf8")).toMatch(/^before\n## multihull verify\n\n<code>oci&#58;wrong<\/code>/);
});

test("what is wanted, compared and left out decides over the status", async () => {
  const folder = await layouts();
  const [missing, changed, same] = await Promise.all([
    verify(folder, ["--platform", "linux/amd64,linux/arm64", "--platform", "linux/s390x", "oci:sound"]),
    verify(folder, ["--against", "oci:sound", "--equal", "--ignore", RULE, "--json", "oci:wrong"]),
    verify(folder, ["--against", "oci:sound", "--equal", "oci:sound"]),
  ]);
  expect(missing.stdout).toMatch(/: error: .*linux\/s390x/);
  expect(changed.stdout).not.toContain(RULE);
  expect(JSON.parse(changed.stdout)).toMatchObject({
    version: 1,
    failed: true,
    against: { mustBeEqual: true, platforms: [{ identical: true }, { identical: false, files: { changed: 1 } }] },
  });
  expect(same.stdout).toMatch(/\nagainst oci:sound sha256:[0-9a-f]{12}: identical\n/);
  expect([missing.status, changed.status, same.status]).toEqual([1, 1, 0]);
});

describe("each form is printed by its printer", () => {
  const forms: Readonly<Record<string, RegExp>> = {
    text: /^registry\.example:5000\/org\/app:1\.2 sha256:0+\n\nplatform /,
    json: /^\{\n {2}"version": 1,\n {2}"name": "registry/,
    sarif: /^\{\n {2}"\$schema": ".*sarif/,
    junit: /^<\?xml .*\n<testsuites /,
    markdown: /^## multihull verify\n/,
    github: /^::error title=/,
  };
  test.for(Object.entries(forms))("%s", async ([format, wanted]) => {
    const stdout = vi.spyOn(process.stdout, "write").mockImplementation(() => true);
    onTestFinished(() => stdout.mockRestore());
    await printVerified(everything, format);
    const said = stdout.mock.calls.map(([text]) => String(text)).join("");
    expect(said).toMatch(wanted);
    expect(said.endsWith("\n")).toBe(true);
  });
});

describe("wrong usage", () => {
  test.for([
    ["equal to nothing", { equal: true }, "--equal needs an image"],
    ["a time for no start", { smokeTimeout: "5" }, "--smoke-timeout is for starts"],
    ["an emulator for no start", { emulator: ["debian"] }, "--emulator is for starts"],
    ["two forms", { json: true, format: "junit" }, "--json and --format junit"],
    ["a time that is none", { smoke: true, smokeTimeout: "soon" }, '--smoke-timeout is "soon"'],
    ["no time", { smoke: true, smokeTimeout: "0" }, '--smoke-timeout is "0"'],
    ["more than a day", { smoke: true, smokeTimeout: "86401" }, '--smoke-timeout is "86401"'],
  ] as const)("is refused before anything is read: %s", async ([, given, said]) => {
    await expect(run("oci:nowhere", given, new AbortController().signal)).rejects.toThrow(said);
  });

  test("ends with status 2", async () => {
    const folder = temporaryFolder();
    const [rule, file] = await Promise.all([verify(folder, ["--ignore", `${RULE}x`, "oci:x"]), verify(folder, ["--json", "oci-archive:nowhere.tar"])]);
    expect(rule.stderr).toMatch(new RegExp(`^error\\[usage\\]: .*\\nhelp: did you mean ${RULE}\\?`));
    expect(JSON.parse(file.stdout)).toMatchObject({ problem: { code: "file-unreadable" } });
    expect([rule.status, file.status]).toEqual([2, 2]);
    const named = await Promise.all(["oci:", "docker-archive:", `oci-archive:${folder}`].map((name) => verify(folder, [name])));
    expect(named.map(({ stderr, status }) => `${status} ${stderr.split("\n")[0]}`)).toEqual([
      "2 error[usage]: the name of the image is empty",
      "2 error[usage]: the name of the image is empty",
      `2 error[file-unreadable]: "${folder}" is a folder, and no file`,
    ]);
  });

  const read = async (args: readonly string[]): Promise<unknown> => {
    const request = await readCommandLine(
      ["verify", ...args],
      "1",
      () => {},
      () => {},
    );
    return request.kind === "run" ? [request.argument, request.given.smoke] : request.kind;
  };
  test.for([
    ["no value", ["--smoke", "app:1"], ["app:1", true]],
    ["no value, behind the image", ["app:1", "--smoke"], ["app:1", true]],
    ["nothing as its value", ["--smoke=", "app:1"], ["app:1", true]],
    ["a command", ["--smoke=app --version", "app:1"], ["app:1", "app --version"]],
    ["not given", ["app:1"], ["app:1", undefined]],
    ["the name of the image", ["--", "--smoke"], ["--smoke", undefined]],
    ["a command that is no value", ["--smoke", "app --version", "app:1"], "wrong"],
  ] as const)("--smoke: %s", async ([, args, wanted]) => {
    expect(await read(args)).toEqual(wanted);
  });
});
