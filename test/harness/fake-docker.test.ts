import { spawnSync } from "node:child_process";
import { afterEach, expect, test } from "vitest";
import { type FakeDocker, fakeDocker } from "./fake-docker.ts";

let fake: FakeDocker | undefined;
afterEach(() => fake?.remove());

const call = (...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync("docker", args, { env: fake?.env as NodeJS.ProcessEnv, encoding: "utf8" });
  return `${status} ${stdout}${stderr}`;
};

test("the first answer that fits, for as many calls as it has", () => {
  fake = fakeDocker([
    { when: "a b", stdout: "once", times: 1 },
    { when: /^a/, stderr: "like a", status: 3 },
  ]);
  expect([call("a", "b"), call("a", "b"), call("a", "c"), call("x")]).toEqual(["0 once", "3 like a", "3 like a", "64 fake docker knows no answer to: x\n"]);
  expect(fake.calls()).toEqual([["a", "b"], ["a", "b"], ["a", "c"], ["x"]]);
});
