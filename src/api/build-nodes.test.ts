import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { fakeDocker } from "../../test/harness/fake-docker.ts";
import { builderFact, nodeFact } from "../../test/harness/host-facts.ts";
import { nodeWorld } from "../adapters/node/world.ts";
import { formatPlatform, parsePlatform } from "../core/platform.ts";
import type { Share } from "../engine/buildkit/build-shares.ts";
import type { BuildkitBuilder } from "../engine/buildkit/request.ts";
import type { BuilderFact, BuilderNodeFact } from "../host/facts.ts";
import { builderShares, givenShares, type NodesOptions } from "./build-nodes.ts";
import type { BuildkitOption } from "./buildkit-option.ts";
import { haveNodes, nodesOption, withPlatformsOfNodes } from "./nodes-option.ts";

const TEAM: BuildkitBuilder = { name: "team", shown: 'builder "team"', driver: "remote", buildx: "0.29.1", env: {} };
const OPTIONS: NodesOptions = { world: { ...nodeWorld(), cwd: "/work" }, folder: "/nowhere", buildx: "0.29.1" };
const all = (texts: readonly string[]) => texts.map((text) => parsePlatform(text));
const dealt = (shares: readonly Share[]) => shares.map(({ kind, short, platforms }) => `${kind} ${short}: ${platforms.map(formatPlatform).join(" ")}`);

/** What Buildx is told of a share's node. */
async function toldOf(share: (options: NodesOptions) => Share | undefined): Promise<readonly (readonly string[])[]> {
  const docker = fakeDocker([{ when: /^buildx create / }]);
  const folder = mkdtempSync(join(tmpdir(), "multihull-build-nodes-"));
  onTestFinished(() => {
    docker.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  await share({ ...OPTIONS, world: { ...OPTIONS.world, env: docker.env }, folder })?.builder(undefined);
  return docker.calls().map((call) => call.slice(4));
}

describe("--node", () => {
  const NODES = ["linux/amd64,linux/386=tcp://a:1", "linux/arm64=tcp://b:1"];
  test.each([
    ["no platform is asked for: all of all nodes", NODES, [], ["node a: linux/amd64 linux/386", "node b: linux/arm64"]],
    ["a node whose platforms are not asked for stays out", NODES, ["linux/arm64"], ["node b: linux/arm64"]],
    ["what no node was given falls to the builder", NODES, ["linux/arm64", "linux/s390x"], ["node b: linux/arm64", "builder team: linux/s390x"]],
  ])("%s", (_, nodes, platforms, wanted) => {
    expect(dealt(givenShares(nodes, all(platforms), { builder: TEAM }, OPTIONS))).toEqual(wanted);
  });

  test("what no node was given, and no builder can do, is refused with the reason", () => {
    expect(() => givenShares(NODES, all(["linux/arm64", "linux/s390x"]), { why: "there is no daemon" }, OPTIONS)).toThrow(
      "linux/s390x is given to no node, and there is no other builder: there is no daemon",
    );
  });

  test("files of TLS are found from where one stands", async () => {
    const text = "linux/arm64=tcp://b:1?cacert=tls/ca.pem&cert=/etc/me.pem&key=../me.key&servername=b";
    const calls = await toldOf((options) => givenShares([text], [], { builder: TEAM }, options)[0]);
    const given = ["cacert=/work/tls/ca.pem", "cert=/etc/me.pem", "key=/me.key", "servername=b"];
    expect(calls).toEqual([["--driver", "remote", ...given.flatMap((option) => ["--driver-opt", option]), "tcp://b:1"]]);
  });

  test.each([
    ["tcp://b:1", true],
    ["unix:///run/b.sock", true],
    ["ssh://ci@b", true],
    ["kubernetes://builds", false],
    ["docker-container://b", false],
  ])("whether %s is there can be seen from outside: %s", (address, seen) => {
    expect(givenShares([`linux/arm64=${address}`], [], { builder: TEAM }, OPTIONS)[0]?.watch !== undefined).toBe(seen);
  });
});

describe("a builder of several nodes", () => {
  const fact = (driver: BuilderFact["driver"], ...nodes: readonly Partial<BuilderNodeFact>[]): BuilderFact => ({
    ...builderFact("team", driver),
    nodes: nodes.map((node) => nodeFact(node)),
  });
  const BOTH = ["linux/amd64", "linux/arm64"];
  const amd = { name: "amd", endpoint: "tcp://a:1", platforms: BOTH, native: ["linux/amd64"] };
  const arm = { name: "arm", endpoint: "tcp://b:1", platforms: ["linux/arm64", "linux/amd64"], native: ["linux/arm64"] };

  test.each<[string, BuilderFact, readonly string[], readonly string[]]>([
    ["each platform where it is native, though the first emulates it", fact("remote", amd, arm), BOTH, ["node amd: linux/amd64", "node arm: linux/arm64"]],
    [
      "what is native nowhere, where Buildx puts it",
      fact("remote", { ...amd, platforms: [...BOTH, "linux/s390x"] }, arm),
      ["linux/s390x"],
      ["node amd: linux/s390x"],
    ],
    [
      "declared for a node that does not answer: it is that node that fails",
      fact("remote", { ...amd, native: [], platforms: [] }, { ...arm, declared: ["linux/arm64"], status: "unreachable" }),
      ["linux/arm64"],
      ["node arm: linux/arm64"],
    ],
    ["one node: the builder", fact("remote", amd), BOTH, ["builder team: linux/amd64 linux/arm64"]],
    ["no platform named: the builder", fact("remote", amd, arm), [], ["builder team: "]],
    ["containers that run", fact("docker-container", amd, arm), BOTH, ["node amd: linux/amd64", "node arm: linux/arm64"]],
    [
      "a container that must be made first, with the builder's own configuration",
      fact("docker-container", amd, { ...arm, status: "inactive" }),
      BOTH,
      ["node amd: linux/amd64", "builder team: linux/arm64"],
    ],
    ["a cluster: Buildx deals out", fact("kubernetes", amd, arm), BOTH, ["builder team: linux/amd64 linux/arm64"]],
  ])("%s", (_, builder, platforms, wanted) => {
    expect(dealt(builderShares(builder, all(platforms), TEAM, OPTIONS))).toEqual(wanted);
  });

  test("a node is spoken to under its own name, with its own options", async () => {
    const builder = fact("remote", amd, { ...arm, driverOptions: new Map([["servername", "arm"]]) });
    const calls = await toldOf((options) => builderShares(builder, all(["linux/arm64"]), TEAM, options)[0]);
    expect(calls).toEqual([["--driver", "remote", "--node", "arm", "--driver-opt", "servername=arm", "tcp://b:1"]]);
  });
});

describe("nodes in a plan", () => {
  const buildkit: BuildkitOption = {
    engine: "buildkit",
    builder: { name: "default", driver: "docker" },
    against: ["the builder cannot be used"],
    ways: [{ platform: parsePlatform("linux/s390x"), way: "emulated" }],
  };
  test("what a node was given is native, the rest is the builder's; what speaks against the builder alone speaks not against nodes", () => {
    const needs = { programs: all(["linux/arm64", "linux/s390x", "linux/386"]) };
    const { builder, against, ways } = nodesOption(["linux/arm64=tcp://b:1"], needs, buildkit);
    expect({ builder, against, ways: ways.map(({ way }) => way) }).toEqual({
      builder: { name: "tcp://b:1 for linux/arm64", driver: "nodes" },
      against: [],
      ways: ["native", "emulated", "impossible"],
    });
  });

  test.each([
    ["named", { platforms: ["linux/amd64"], nodes: ["linux/arm64=tcp://b:1"] }, ["linux/amd64"]],
    ["those of the nodes", { nodes: ["linux/arm64,linux/arm/v7=tcp://b:1"] }, ["linux/arm64", "linux/arm/v7"]],
    ["none without nodes", {}, undefined],
  ])("platforms of a request: %s", (_, request, platforms) => {
    expect(withPlatformsOfNodes<{ platforms?: readonly string[]; nodes?: readonly string[] }>(request).platforms).toEqual(platforms);
  });
});

test.each([
  ["all of them", ["linux/amd64", "linux/arm64"], true],
  ["none asked for: those of the nodes", [], true],
  ["one is left", ["linux/amd64", "linux/s390x"], false],
] as const)("whether every platform has a node: %s", (_, platforms, wanted) => {
  const nodes = ["linux/amd64=tcp://a:1", "linux/arm64=tcp://b:1"];
  expect(
    haveNodes(
      nodes,
      platforms.map((text) => parsePlatform(text)),
    ),
  ).toBe(wanted);
});
