import { describe, expect, test } from "vitest";
import { builderFact, hostFacts, nodeFact, told, untold } from "../../test/harness/host-facts.ts";
import { builderOf } from "../simulate/builder-of.ts";
import { endpointKey, environmentOf } from "./environment.ts";
import type { HostFacts } from "./facts.ts";

/** What a build of nothing special would take. */
const taken = (facts: HostFacts) => {
  const { name, driver, store, certain, missing, noDaemon, context } = builderOf({ through: "docker buildx build", builder: undefined }, environmentOf(facts));
  return { name, driver, store, certain, missing, noDaemon, context };
};
const team = builderFact("team", "remote", { endpoint: "tcp://10.0.0.2:1234" });
const OWN = { name: "default", driver: "docker", store: "classic", certain: true, missing: undefined, noDaemon: false, context: "default" };

describe("the builder that a build takes on a machine", () => {
  test.each<[name: string, facts: HostFacts, wanted: object]>([
    ["the context's own", hostFacts(), OWN],
    ["with containerd's image store", hostFacts({ daemon: { store: "containerd" } }), { ...OWN, store: "containerd" }],
    ["not one that is only made", hostFacts({ builders: [team] }), OWN],
    ["one that is chosen", hostFacts({ builders: [team], selected: { builder: "team", chosenBy: "selection" } }), { ...OWN, name: "team", driver: "remote" }],
    ["the own one that is chosen", hostFacts({ builders: [team], selected: { builder: "default", chosenBy: "selection" } }), OWN],
    [
      "one that is named by BUILDX_BUILDER",
      hostFacts({ builders: [team], selected: { builder: "team", chosenBy: "BUILDX_BUILDER" } }),
      { ...OWN, name: "team", driver: "remote" },
    ],
    [
      "none, where BUILDX_BUILDER names what is not there",
      hostFacts({ selected: { builder: "gone", chosenBy: "BUILDX_BUILDER" } }),
      { ...OWN, name: "gone", driver: "unknown", missing: "no-such-builder" },
    ],
    [
      "that of an address in DOCKER_HOST, which is no context",
      hostFacts({ endpoint: { context: undefined, address: "tcp://10.0.0.3:2375", chosenBy: "DOCKER_HOST" } }),
      OWN,
    ],
    ["one that is chosen for an address in DOCKER_HOST", chosenAtAddress("unix:///run/other.sock"), { ...OWN, name: "team", driver: "remote" }],
    ["one that is chosen for the usual address in DOCKER_HOST", chosenAtAddress("unix:///var/run/docker.sock"), { ...OWN, name: "team", driver: "remote" }],
    ["that of another context", hostFacts({ endpoint: { context: "far", chosenBy: "config" } }), { ...OWN, name: "far", context: "far" }],
    ["the own one, where its daemon is down", hostFacts({}, { daemon: untold("no daemon answers", "start it") }), { ...OWN, store: "unknown", noDaemon: true }],
    [
      "the own one, where its daemon is silent: it may have any store",
      hostFacts({}, { daemon: untold("no answer", "wait", "silent") }),
      { ...OWN, store: "unknown" },
    ],
    ["perhaps, where nobody knows what is chosen", hostFacts({}, { selected: untold("no answer", "wait", "silent") }), { ...OWN, certain: false }],
    ["perhaps, where nobody knows the builders", hostFacts({}, { builders: untold("no answer", "wait", "silent") }), { ...OWN, certain: false }],
    [
      "nobody knows, without endpoint",
      hostFacts({}, { endpoint: untold("no such context", "make it", "broken") }),
      { ...OWN, name: undefined, driver: "unknown", store: "unknown", certain: false, context: undefined },
    ],
  ])("%s", (_name, facts, wanted) => {
    expect(taken(facts)).toEqual(wanted);
  });
});

function chosenAtAddress(address: string): HostFacts {
  return hostFacts({
    endpoint: { context: undefined, address, chosenBy: "DOCKER_HOST" },
    builders: [team],
    selected: { builder: "team", chosenBy: "selection" },
  });
}

test.each<[address: string, context: string | undefined, key: string]>([
  ["unix:///var/run/docker.sock", undefined, "default"],
  ["tcp://10.0.0.3:2375", undefined, "tcp://10.0.0.3:2375"],
  ["tcp://10.0.0.3:2375", "far", "far"],
])("Buildx remembers a choice for %s (context %s) under %s", (address, context, key) => {
  expect(endpointKey(hostFacts({ endpoint: { context, address } }))).toBe(key);
});

test("the store of another context is known by its builder", () => {
  const contexts = told([
    { name: "default", endpoint: "unix:///a", current: true },
    { name: "far", endpoint: "tcp://b", current: false },
    { name: "new", endpoint: "tcp://c", current: false },
  ]);
  const facts = hostFacts({ builders: [builderFact("far", "docker", { containerdStore: true })] }, { contexts });
  const found = environmentOf(facts).contexts;
  expect([...found].map(([name, { endpoint, daemon }]) => [name, endpoint, daemon?.store])).toEqual([
    ["default", "unix:///var/run/docker.sock", "classic"],
    ["far", "tcp://b", "containerd"],
    ["new", "tcp://c", "unknown"],
  ]);
});

test("facts name their sources", () => {
  const { contexts, builders, runner } = environmentOf(hostFacts({ builders: [{ ...team, nodes: [nodeFact(), nodeFact()] }] }));
  expect(contexts.get("default")?.daemon?.storeFact.sentence).toBe("the test says: the daemon has the classic image store (overlay2)");
  expect(builders.get("team")?.fact.sentence).toBe('the test says: builder "team" has the remote driver and 2 nodes');
  expect(runner.fact.sentence).toBe("the test says: the daemon's machine is amd64");
});

describe("emulators", () => {
  const arm64 = { architecture: "arm64", interpreter: "/q", flags: "PF", enabled: true };
  test.each<[name: string, facts: HostFacts, architectures: readonly string[], open: boolean]>([
    ["that are held open", hostFacts({ emulators: [arm64] }), ["arm64"], false],
    ["that containers do not see", hostFacts({ emulators: [{ ...arm64, flags: "P" }] }), [], false],
    ["that are turned off", hostFacts({ emulators: [{ ...arm64, enabled: false }] }), [], false],
    ["of a virtual machine, which nobody sees", hostFacts({ emulators: [arm64], daemon: { product: "Docker Desktop" } }), [], true],
    ["that nobody knows", hostFacts({}, { emulators: untold("not mounted", "mount it") }), [], true],
  ])("%s", (_name, facts, architectures, open) => {
    const { emulators } = environmentOf(facts);
    expect({ architectures: Array.from(emulators.architectures), open: emulators.open }).toEqual({ architectures, open });
  });
});
