import { describe, expect, test } from "vitest";
import { rejectedWith } from "../../../../test/harness/problem-of.ts";
import type { HostPrograms, ProgramAnswer } from "../../../host/ports.ts";
import { checkBuilderAbsent, makeBuilder, restart, restartAgain, unmakeBuilder, unmakeSelection } from "./change-command.ts";

const ended = (status: number, stderr = "", stdout = ""): ProgramAnswer => ({ kind: "ended", status, stdout, stderr });
const SOON = { limitMs: 3, everyMs: 1 };

/** Gives the answers one after another, the last for ever. */
function programs(answers: readonly ProgramAnswer[], calls: string[] = []): HostPrograms {
  return {
    run: async (program, args) => {
      calls.push([program, ...args].join(" "));
      return answers[Math.min(calls.length, answers.length) - 1] ?? { kind: "missing" };
    },
  };
}
const RESTART = { kind: "restart", command: ["systemctl", "restart", "docker.service"], byHand: "x", about: "" } as const;
const BUILDER = { kind: "builder", name: "b", command: ["docker", "buildx", "create"], undo: ["docker", "buildx", "rm", "b"], about: "" } as const;
const SELECT = {
  kind: "select",
  name: "b",
  before: "a",
  command: ["docker", "buildx", "use", "b"],
  undo: ["docker", "buildx", "use", "a"],
  about: "",
} as const;

describe("a restart", () => {
  test("waits until the daemon answers", async () => {
    const calls: string[] = [];
    await restart(
      RESTART,
      programs([ended(0), ended(1, "no daemon"), { kind: "silent", afterMs: 4, stdout: "", stderr: "" }, ended(0)], calls),
      { limitMs: 10, everyMs: 1 },
      undefined,
    );
    expect(calls).toEqual(["systemctl restart docker.service", ...Array<string>(3).fill("docker version --format {{.Server.Version}}")]);
  });
  test("fails when it does not come back", async () => {
    const problem = await rejectedWith(restart(RESTART, programs([ended(0), ended(1)]), SOON, undefined));
    expect([problem.code, problem.message]).toEqual([
      "host-change-failed",
      "Docker does not answer since it was restarted (systemctl restart docker.service), for 0.003 s",
    ]);
  });
  test("fails when the service manager refuses", async () => {
    const problem = await rejectedWith(restart(RESTART, programs([ended(1, "Job for docker.service failed\n")]), SOON, undefined));
    expect(problem.message).toBe('"systemctl restart docker.service" failed: status 1: Job for docker.service failed');
  });
  test("is nothing where it is the user's", async () => {
    const calls: string[] = [];
    await restart({ ...RESTART, command: undefined }, programs([], calls), SOON, undefined);
    expect(calls).toEqual([]);
  });
  test("lets systemd forget failed starts before it is tried again", async () => {
    const calls: string[] = [];
    await restartAgain(RESTART, programs([ended(0)], calls), SOON);
    expect(calls.slice(0, 2)).toEqual(["systemctl reset-failed docker.service", "systemctl restart docker.service"]);
  });
});

describe("a builder", () => {
  test.each<[string, ProgramAnswer, string | undefined]>([
    ["nobody has it", ended(1, 'ERROR: no builder "b" found'), undefined],
    ["it is there", ended(0), 'somebody has made a builder "b" meanwhile'],
    ["nobody knows", ended(1, "ERROR: broken store"), '"docker buildx inspect b" failed: status 1: ERROR: broken store'],
    ["nobody answers", { kind: "silent", afterMs: 20_000, stdout: "", stderr: "" }, '"docker buildx inspect b" failed: it did not end within 20 s'],
  ])("is made only under a free name: %s", async (_name, answer, message) => {
    const checked = checkBuilderAbsent(BUILDER, programs([answer]));
    if (message === undefined) await checked;
    else expect((await rejectedWith(checked)).message).toBe(message);
  });
  test("that is only started may be there", async () => {
    const calls: string[] = [];
    await checkBuilderAbsent({ ...BUILDER, undo: ["docker", "buildx", "stop", "b"] }, programs([], calls));
    expect(calls).toEqual([]);
  });
  test("that is gone already is taken back", async () => {
    await unmakeBuilder(BUILDER, programs([ended(1, 'ERROR: no builder "b" found')]));
    expect((await rejectedWith(unmakeBuilder(BUILDER, programs([ended(1, "ERROR: in use")])))).message).toMatch(/in use$/);
  });
  test("whose program cannot be started fails, without the secrets of what it says", async () => {
    expect((await rejectedWith(makeBuilder(BUILDER, programs([{ kind: "missing" }]), undefined))).message).toBe(
      '"docker buildx create" failed: there is no such program on PATH',
    );
    const proxied = ended(1, "dial http://me:hunter2@proxy: refused");
    expect((await rejectedWith(makeBuilder(BUILDER, programs([proxied]), undefined))).message).not.toContain("hunter2");
  });
});

describe("a selection", () => {
  test.each<[string, ProgramAnswer, boolean]>([
    ["is ours", ended(0, "", "Name:   b\nDriver: x\n"), true],
    ["is another's by now", ended(0, "", "Name:   c\n"), false],
    ["is not known", ended(1, "ERROR: x"), true],
  ])("is put back when it %s", async (_name, answer, isPutBack) => {
    const calls: string[] = [];
    await unmakeSelection(SELECT, programs([answer, ended(0)], calls));
    expect(calls.slice(1)).toEqual(isPutBack ? ["docker buildx use a"] : []);
  });
});
