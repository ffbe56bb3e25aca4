import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type FakeAnswer, type FakeDocker, fakeDocker } from "../../../../test/harness/fake-docker.ts";
import { hostPrograms, OUTPUT_LIMIT_BYTES } from "./programs.ts";

const made: FakeDocker[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.remove();
});

function fake(...answers: readonly FakeAnswer[]): FakeDocker {
  const one = fakeDocker(answers);
  made.push(one);
  return one;
}

/** A program of this text in that world, beside the fake one. */
function program(world: FakeDocker, name: string, text: string): void {
  writeFileSync(join(world.folder, name), `#!${process.execPath}\n${text}`);
  chmodSync(join(world.folder, name), 0o755);
}

const LONG_MS = 60_000;

test("what a program says and how it ends", async () => {
  const world = fake({ when: "a b c", stdout: "out", stderr: "err", status: 3 });
  expect(await hostPrograms(world.env).run("docker", ["a", "b c"], { timeoutMs: LONG_MS })).toEqual({ kind: "ended", status: 3, stdout: "out", stderr: "err" });
  expect(world.calls()).toEqual([["a", "b c"]]);
});

test("no shell reads the arguments", async () => {
  const world = fake({ stdout: "x" });
  await hostPrograms(world.env).run("docker", ["$(touch /tmp/x); `id`", "*"], { timeoutMs: LONG_MS });
  expect(world.calls()).toEqual([["$(touch /tmp/x); `id`", "*"]]);
});

test("input, and variables over those of the world", async () => {
  const world = fake();
  program(
    world,
    "echo-it",
    'process.stdin.on("data", (c) => process.stdout.write(c)).on("end", () => process.stderr.write(process.env.HOME + process.env.MORE));',
  );
  const run = { timeoutMs: LONG_MS, stdin: "given", env: { HOME: "/other", MORE: "1" } };
  expect(await hostPrograms(world.env).run("echo-it", [], run)).toMatchObject({ stdout: "given", stderr: "/other1" });
});

test("a program that does not read its input is no failure", async () => {
  const answer = await hostPrograms(fake({ stdout: "x" }).env).run("docker", [], { timeoutMs: LONG_MS, stdin: "y".repeat(1 << 20) });
  expect(answer).toMatchObject({ kind: "ended", status: 0, stdout: "x" });
});

test("a missing program, one without the right to be started, and words that none can be given", async () => {
  const world = fake({});
  writeFileSync(join(world.folder, "no-right"), "#!/bin/sh\n");
  program(world, "lost", "");
  writeFileSync(join(world.folder, "lost"), "#!/nowhere/interpreter\n");
  const programs = hostPrograms(world.env);
  const run = { timeoutMs: LONG_MS };
  expect(await programs.run("absent", [], run)).toEqual({ kind: "missing" });
  expect(await programs.run("lost", [], run)).toEqual({ kind: "missing" });
  expect(await programs.run("no-right", [], run)).toEqual({ kind: "unstartable", why: "EACCES" });
  expect(await programs.run("docker", ["nul \0"], run)).toMatchObject({ kind: "unstartable" });
});

test("more output than is kept is dropped, and the program still ends by itself", async () => {
  const world = fake();
  program(world, "flood", `process.stdout.write("x".repeat(${2 * OUTPUT_LIMIT_BYTES}), () => process.exit(5));`);
  const answer = await hostPrograms(world.env).run("flood", [], { timeoutMs: LONG_MS });
  expect(answer).toMatchObject({ kind: "ended", status: 5 });
  expect((answer as { stdout: string }).stdout).toHaveLength(OUTPUT_LIMIT_BYTES);
});

/** A program that starts another, which writes its number into a file, and then hangs as that does. */
const PARENT = `
const { spawn } = require("node:child_process");
spawn(process.execPath, ["-e", "setInterval(() => {}, 1e9)"], { stdio: "inherit" }).once("spawn", function () {
  require("node:fs").writeFileSync(__dirname + "/child", String(this.pid));
  process.stdout.write("begun");
});
setInterval(() => {}, 1e9);
`;

const alive = (pid: number): boolean => {
  try {
    // A process that has ended and that nobody has asked after counts as gone.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

test("a program that does not end in time is silent, and what it said is kept", async () => {
  const world = fake({ stdout: "begun", hang: true });
  // It is ended at some moment after its beginning: what it has said by then is for it to choose.
  expect(await hostPrograms(world.env).run("docker", [], { timeoutMs: 300 })).toMatchObject({
    kind: "silent",
    afterMs: 300,
    stdout: expect.stringMatching(/^(?:begun)?$/),
  });
});

test.skipIf(process.platform !== "linux")("a program is ended with all that it started, and the signal's reason is thrown", async () => {
  const world = fake();
  program(world, "parent", PARENT);
  const stop = new AbortController();
  const running = hostPrograms(world.env).run("parent", [], { timeoutMs: LONG_MS, signal: stop.signal });
  const begun = join(world.folder, "child");
  await expect.poll(() => existsSync(begun) && readFileSync(begun, "utf8") !== "", { timeout: 10_000 }).toBe(true);
  const child = Number(readFileSync(begun, "utf8"));
  expect(alive(child)).toBe(true);
  stop.abort(new Error("enough"));
  await expect(running).rejects.toThrow("enough");
  await expect.poll(() => alive(child), { timeout: 10_000 }).toBe(false);
  await expect(hostPrograms(world.env).run("parent", [], { timeoutMs: LONG_MS, signal: stop.signal })).rejects.toThrow("enough");
});

test("a child that is left behind with the outputs in its hands holds nobody up", async () => {
  const world = fake();
  program(
    world,
    "leaver",
    `const child = require("node:child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 20000)"], { stdio: "inherit", detached: true });
     process.stdout.write("left " + child.pid, () => process.exit(0));`,
  );
  const answer = await hostPrograms(world.env).run("leaver", [], { timeoutMs: LONG_MS });
  expect(answer).toMatchObject({ kind: "ended", status: 0 });
  process.kill(Number((answer as { stdout: string }).stdout.slice("left ".length)), "SIGKILL");
});
