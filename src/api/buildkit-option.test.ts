import { expect, test } from "vitest";
import { parsePlatform } from "../core/platform.ts";
import type { BuilderFact, BuilderNodeFact, Unknown } from "../host/facts.ts";
import type { BuildFacts } from "../host/read-build-facts.ts";
import { buildkitOption } from "./buildkit-option.ts";

const node = (more: Partial<BuilderNodeFact> = {}): BuilderNodeFact => ({
  name: "n0",
  endpoint: "tcp://n:1",
  status: "running",
  buildkit: "0.34.2",
  platforms: ["linux/amd64", "linux/arm64"],
  declared: [],
  native: ["linux/amd64"],
  driverOptions: new Map(),
  containerdStore: undefined,
  problem: undefined,
  ...more,
});
const facts = (driver: BuilderFact["driver"], nodes: readonly BuilderNodeFact[], lost?: Unknown): BuildFacts => ({
  buildx: { known: true, value: { version: "0.29.1" }, source: "docker buildx version" },
  builder: { known: true, value: { name: "team", driver, nodes, problem: undefined }, source: "docker buildx inspect team" },
  ...(lost === undefined ? {} : { lost }),
});
const gone = (why: string, help: string): Unknown => ({ known: false, state: "absent", why, help, source: "docker buildx inspect team" });
const LOST = node({ status: "unreachable", native: ["linux/amd64"], platforms: [] });

interface Case {
  readonly facts: BuildFacts;
  /** How linux/amd64 and linux/arm64 would be run; absent: it cannot be used. */
  readonly ways?: readonly [string, string];
  readonly problem?: { readonly code: string; readonly message: string; readonly hint: string };
}

const CASES: Readonly<Record<string, Case>> = {
  "one node that emulates": { facts: facts("remote", [node()]), ways: ["native", "emulated"] },
  "a node for each": {
    facts: facts("remote", [node(), node({ name: "n1", native: ["linux/arm64"], platforms: ["linux/arm64"] })]),
    ways: ["native", "native"],
  },
  "a node that runs and has no emulator": { facts: facts("remote", [node({ platforms: ["linux/amd64"] })]), ways: ["native", "impossible"] },
  "a container that is stopped, which has not told": {
    facts: facts("docker-container", [node({ status: "stopped", platforms: [] })]),
    ways: ["native", "emulated"],
  },
  "one of two nodes that is dead": {
    facts: facts("remote", [LOST, node({ name: "n1", native: ["linux/arm64"], platforms: ["linux/arm64"] })]),
    ways: ["impossible", "native"],
  },
  "Docker's own with containerd's store": { facts: facts("docker", [node({ containerdStore: true })]), ways: ["native", "emulated"] },
  "Docker's own with the classic store": {
    facts: facts("docker", [node({ containerdStore: false })]),
    problem: {
      code: "builder-unusable",
      message:
        'the builder "team" is Docker\'s own (driver docker) with the classic image store, which can neither hold nor export an image of several platforms',
      hint: "multihull fix --host --with buildx makes a builder that can, --with containerd switches Docker's image store",
    },
  },
  "Docker's own, whose daemon is gone": {
    facts: facts("docker", [LOST], gone("no Docker daemon answers at unix:///x", "start it")),
    problem: { code: "docker-unavailable", message: "no Docker daemon answers at unix:///x", hint: "start it" },
  },
  "nodes that are all dead": {
    facts: facts("remote", [LOST, LOST], gone("nothing answers at tcp://n:1", "start BuildKit")),
    problem: {
      code: "builder-unusable",
      message: 'the builder "team" cannot be used: nothing answers at tcp://n:1',
      hint: "start BuildKit; or name another builder with --builder",
    },
  },
  "no nodes": {
    facts: facts("remote", []),
    problem: {
      code: "builder-unusable",
      message: 'the builder "team" has no nodes',
      hint: "remove it (docker buildx rm team), or name another with --builder",
    },
  },
  "no Buildx": {
    facts: { buildx: gone("the Docker CLI has no Buildx", "install it"), builder: gone("the Docker CLI has no Buildx", "install it") },
    problem: { code: "buildx-unavailable", message: "the Docker CLI has no Buildx", hint: "install it" },
  },
  "no such builder": {
    facts: { ...facts("remote", []), builder: gone('there is no builder "team"', "make it") },
    problem: { code: "builder-unusable", message: 'there is no builder "team"', hint: "make it" },
  },
  "no such context": {
    facts: { ...facts("remote", []), builder: gone('there is no Docker context "x", which DOCKER_CONTEXT names', "unset it") },
    problem: { code: "docker-unavailable", message: 'there is no Docker context "x", which DOCKER_CONTEXT names', hint: "unset it" },
  },
};

test.each(Object.entries(CASES))("BuildKit as it stands with %s", (_name, { facts: given, ways, problem }) => {
  const programs = ["linux/amd64", "linux/arm64"].map((text) => parsePlatform(text));
  const option = buildkitOption(given, { programs });
  expect(option.ways.map(({ way }) => way)).toEqual(ways ?? []);
  expect(option.against).toEqual(problem === undefined ? [] : [problem.message]);
  const { code, message, hint } = option.problem ?? {};
  expect(option.problem === undefined ? undefined : { code, message, hint }).toEqual(problem);
  expect(option.builder).toEqual(given.builder.known ? { name: "team", driver: given.builder.value.driver } : undefined);
});
