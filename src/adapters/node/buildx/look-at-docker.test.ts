import { expect, test } from "vitest";
import type { ProgramAnswer } from "../../../host/ports.ts";
import { lookAtDocker } from "./look-at-docker.ts";

const looked = (answer: ProgramAnswer | Error): Promise<string | undefined> => {
  const run = async (): Promise<ProgramAnswer> => {
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return lookAtDocker("ssh://ci@arm", { run }, 6000)(new AbortController().signal);
};

test.each<[string, ProgramAnswer | Error, string | undefined]>([
  ["answers", { kind: "ended", status: 0, stdout: "28.5.2\n", stderr: "" }, undefined],
  ["is silent", { kind: "silent", afterMs: 6000, stdout: "", stderr: "" }, "ssh://ci@arm does not answer in 6 s"],
  [
    "cannot be logged in to",
    { kind: "ended", status: 1, stdout: "", stderr: "error during connect:\nci@arm: Permission denied (publickey).\n" },
    "ssh://ci@arm does not answer: ci@arm: Permission denied (publickey).",
  ],
  ["cannot be asked, for there is no program: the build tells it", { kind: "missing" }, undefined],
  ["is no longer asked", new Error("over"), undefined],
])("a Docker that %s", async (_, answer, wanted) => {
  expect(await looked(answer)).toBe(wanted);
});

test("is asked for its version over the address that was given", async () => {
  const asked: unknown[] = [];
  const run = async (program: string, args: readonly string[]): Promise<ProgramAnswer> => {
    asked.push([program, ...args]);
    return { kind: "ended", status: 0, stdout: "", stderr: "" };
  };
  await lookAtDocker("ssh://ci@arm", { run })(new AbortController().signal);
  expect(asked).toEqual([["docker", "--host", "ssh://ci@arm", "version", "--format", "{{.Server.Version}}"]]);
});
