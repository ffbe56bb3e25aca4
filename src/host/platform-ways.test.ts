import { describe, expect, test } from "vitest";
import { builderFact, hostFacts, nodeFact, untold } from "../../test/harness/host-facts.ts";
import { parsePlatform } from "../core/platform.ts";
import type { BuilderFact, HostFacts } from "./facts.ts";
import { builderWay, platformWays } from "./platform-ways.ts";

const two: BuilderFact = {
  name: "team",
  driver: "remote",
  problem: undefined,
  nodes: [
    nodeFact({ name: "a", endpoint: "tcp://a", declared: ["linux/amd64"], platforms: ["linux/amd64", "linux/arm64"], native: ["linux/amd64"] }),
    nodeFact({ name: "b", endpoint: "tcp://b", declared: ["linux/arm64"], platforms: ["linux/arm64", "linux/arm/v7"], native: ["linux/arm64"] }),
  ],
};
const dead = (which: number): BuilderFact => ({
  ...two,
  nodes: two.nodes.map((node, i) => (i === which ? { ...node, status: "unreachable", problem: "it is gone" } : node)),
});
const arm64 = { architecture: "arm64", interpreter: "/usr/bin/qemu", flags: "PF", enabled: true };
const stopped = (changes: object = {}): BuilderFact => builderFact("mine", "docker-container", { status: "stopped", platforms: [], native: [], ...changes });

describe("what a builder makes of a platform", () => {
  test.each<[name: string, builder: BuilderFact, platform: string, facts: HostFacts, run: string, withoutRun: boolean | undefined, why: string | RegExp]>([
    ["its own", builderFact("b", "docker"), "linux/amd64", hostFacts(), "native", true, "it runs it without emulator"],
    [
      "386 on amd64, which it does not tell of",
      builderFact("b", "docker", { platforms: ["linux/amd64"] }),
      "linux/386",
      hostFacts(),
      "native",
      true,
      /without/,
    ],
    [
      "one that the kernel emulates",
      builderFact("b", "docker", { platforms: ["linux/amd64", "linux/arm64"] }),
      "linux/arm64",
      hostFacts({ emulators: [arm64] }),
      "emulated",
      true,
      "it has an emulator, which the kernel has registered: /usr/bin/qemu",
    ],
    [
      "one that another machine emulates",
      builderFact("b", "remote", { platforms: ["linux/amd64", "linux/arm64"], endpoint: "tcp://a" }),
      "linux/arm64",
      hostFacts({ emulators: [arm64] }),
      "emulated",
      true,
      "it has an emulator",
    ],
    ["one that it cannot run", builderFact("b", "docker"), "linux/arm64", hostFacts(), "impossible", true, "it has neither a processor nor an emulator for it"],
    ["the node that declares it", two, "linux/arm64", hostFacts(), "native", true, 'node "b" (tcp://b) runs it without emulator'],
    ["the node that tells of it", two, "linux/arm/v7", hostFacts(), "emulated", true, 'node "b" (tcp://b) has an emulator'],
    ["a dead node", dead(1), "linux/arm64", hostFacts(), "impossible", false, 'node "b": it is gone'],
    ["the node that lives", dead(1), "linux/amd64", hostFacts(), "native", true, 'node "a" (tcp://a) runs it without emulator'],
    [
      "what none declares, beside a dead node",
      dead(1),
      "linux/s390x",
      hostFacts(),
      "impossible",
      false,
      'node "b": it is gone, and no node declares this platform, so that all are asked',
    ],
    [
      "a remote one that does not run",
      builderFact("r", "remote", { status: "inactive", endpoint: "tcp://r" }),
      "linux/amd64",
      hostFacts(),
      "impossible",
      false,
      "nothing answers at tcp://r",
    ],
    [
      "one that is stopped, natively",
      stopped(),
      "linux/amd64",
      hostFacts({ builders: [stopped()] }),
      "native",
      true,
      "this machine runs linux/amd64 itself, once it is started",
    ],
    [
      "one that is stopped, by BuildKit's own emulator",
      stopped(),
      "linux/s390x",
      hostFacts({ builders: [stopped()] }),
      "emulated",
      true,
      'the BuildKit image of builder "mine" holds an emulator for s390x, once it is started',
    ],
    ["one without nodes", { ...two, nodes: [], problem: "it is broken" }, "linux/amd64", hostFacts(), "unknown", undefined, "it is broken"],
  ])("%s", (_name, builder, platform, facts, run, withoutRun, why) => {
    const way = builderWay(builder, parsePlatform(platform), facts);
    expect({ run: way.run, withoutRun: way.withoutRun }).toEqual({ run, withoutRun });
    expect(way.why).toEqual(typeof why === "string" ? why : expect.stringMatching(why));
  });
});

describe("engines of a machine", () => {
  const ask = [{ platform: "linux/amd64", how: "native", why: "the processor runs it" }] as const;
  const engines = (facts: HostFacts): readonly string[] => platformWays(facts, ask)[0]?.ways.map(({ by }) => by) ?? [];
  const far = builderFact("far", "docker");
  test.each<[name: string, facts: HostFacts, wanted: readonly string[]]>([
    ["ours, and Docker's", hostFacts(), ["multihull", "default"]],
    ["the chosen one before others", hostFacts({ builders: [two], selected: { builder: "team", chosenBy: "selection" } }), ["multihull", "team", "default"]],
    ["not that of another context", hostFacts({ builders: [far] }), ["multihull", "default"]],
    ["ours alone, without Docker", hostFacts({}, { cli: untold("no docker", "install it") }), ["multihull"]],
    ["ours alone, without Buildx", hostFacts({}, { buildx: untold("no buildx", "install it") }), ["multihull"]],
    ["ours alone, where builders are unknown", hostFacts({}, { builders: untold("silent", "wait", "silent") }), ["multihull"]],
  ])("%s", (_name, facts, wanted) => {
    expect(engines(facts)).toEqual(wanted);
  });
  test("ours puts files together for any platform", () => {
    const [windows] = platformWays(hostFacts(), [{ platform: "windows/amd64", how: "impossible", why: "RUN takes Linux" }]);
    expect(windows?.ways[0]).toEqual({ by: "multihull", driver: "embedded", node: undefined, withoutRun: true, run: "impossible", why: "RUN takes Linux" });
  });
});
