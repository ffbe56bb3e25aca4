import { describe, expect, test } from "vitest";
import { planOf } from "../../../test/harness/plan-of.ts";
import { formatPlatform, parsePlatform } from "../../core/platform.ts";
import type { PlatformAbility, SandboxAbility } from "../sandbox.ts";
import { runProblems } from "./check-run.ts";

const can = (text: string, how: PlatformAbility["how"], why = "because"): PlatformAbility => ({ platform: parsePlatform(text), how, why });
const ability = (...platforms: readonly PlatformAbility[]): SandboxAbility => ({ world: "root", why: "root", notes: [], snapshots: "overlay", platforms });
const NONE: SandboxAbility = {
  world: "none",
  why: 'tried a user namespace ("Operation not permitted")',
  notes: ["run multihull with sudo", "allow user namespaces"],
  snapshots: "copy",
  platforms: [can("linux/amd64", "impossible")],
};
const TWO = { platforms: ["linux/amd64", "linux/arm64"] };
const DOCKERFILE = ["FROM debian:12", "RUN one", "COPY . /", "RUN two"];

describe("a plan's RUN steps upon a machine", () => {
  test("that runs all of their platforms have no problem", async () => {
    expect(runProblems(await planOf(DOCKERFILE, TWO), ability(can("linux/amd64", "native"), can("linux/arm64", "emulated")))).toEqual([]);
  });
  test("that gives no sandbox have one problem, with the steps and the ways out", async () => {
    const [problem, ...more] = runProblems(await planOf(DOCKERFILE), NONE);
    expect(more).toEqual([]);
    expect(problem).toMatchObject({
      code: "sandbox-unavailable",
      message:
        'RUN takes a sandbox, which this machine does not give: tried a user namespace ("Operation not permitted"); needed by Dockerfile:2, Dockerfile:4',
      hint: "run multihull with sudo; or allow user namespaces",
    });
  });
  test("that cannot run one platform have a problem for it alone, with its steps", async () => {
    const found = runProblems(await planOf(DOCKERFILE, TWO), ability(can("linux/amd64", "native"), can("linux/arm64", "impossible", "no QEMU was found")));
    expect(found.map(({ code, message, facts }) => [code, message, facts])).toEqual([
      [
        "emulator-missing",
        "programs for linux/arm64 cannot run on this machine: no QEMU was found; needed by Dockerfile:2, Dockerfile:4",
        { platform: "linux/arm64", steps: 2 },
      ],
    ]);
    for (const way of ["qemu-user-static", "--emulator debian", "--emulator IMAGE@sha256:", "$BUILDPLATFORM"]) expect(found[0]?.hint).toContain(way);
  });
  test("that was not asked for a platform is taken for one that cannot run it", async () => {
    expect(runProblems(await planOf(DOCKERFILE), ability()).map(({ code }) => code)).toEqual(["emulator-missing"]);
  });
  test("are only those that the image needs, on the platform whose programs they run", async () => {
    const lines = ["FROM --platform=$BUILDPLATFORM debian:12 AS build", "RUN cross", "FROM debian:12", "COPY --from=build /x /x"];
    const plan = await planOf(lines, { platforms: ["linux/arm64"], build: "linux/amd64" });
    expect(runProblems(plan, ability(can("linux/amd64", "native"), can("linux/arm64", "impossible")))).toEqual([]);
    expect(runProblems(plan, ability(can("linux/amd64", "impossible"))).map(({ facts }) => facts.platform)).toEqual([
      formatPlatform(parsePlatform("linux/amd64")),
    ]);
  });
  test("do not matter where there are none", async () => {
    expect(runProblems(await planOf(["FROM debian:12", "COPY . /"]), NONE)).toEqual([]);
  });
  test("are told up to eight, and then counted", async () => {
    const many = ["FROM debian:12", ...Array.from({ length: 11 }, (_, i) => `RUN step ${i}`)];
    expect(runProblems(await planOf(many), NONE)[0]?.message).toMatch(/Dockerfile:9 and 3 more$/);
  });
});
