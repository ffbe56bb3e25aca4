import { describe, expect, test } from "vitest";
import { builderFact, hostFacts, nodeFact } from "../../../test/harness/host-facts.ts";
import type { BuilderFact } from "../facts.ts";
import { fitnessOf, type Wanted } from "./buildx-candidate.ts";

const both = ["linux/amd64", "linux/arm64"];
const idle = { status: "inactive", platforms: [] } as const;

describe("whether a builder can build for several platforms at once", () => {
  const cases: Readonly<Record<string, { builder: BuilderFact; wanted?: Partial<Wanted>; is: "fits" | "stopped" | RegExp }>> = {
    "Docker's own with the containerd store, whatever it emulates now": { builder: builderFact("default", "docker", { containerdStore: true }), is: "fits" },
    "Docker's own without": { builder: builderFact("default", "docker", { containerdStore: false }), is: /no containerd image store/ },
    "Docker's own, of which nothing is known": { builder: builderFact("default", "docker"), is: /no containerd image store/ },
    "a container that runs": { builder: builderFact("b", "docker-container", { platforms: both }), is: "fits" },
    "a variant of the architecture is emulated with it": {
      builder: builderFact("b", "docker-container", { platforms: ["linux/arm/v7"] }),
      wanted: { platforms: ["linux/arm/v6"] },
      is: "fits",
    },
    "declared platforms count": { builder: builderFact("b", "remote", { platforms: [], declared: both }), is: "fits" },
    "one platform is missing": { builder: builderFact("b", "remote"), is: /^it does not build for linux\/arm64$/ },
    "no platform in particular": { builder: builderFact("b", "remote"), wanted: { platforms: [] }, is: "fits" },
    "a container that never ran: its image brings emulators": { builder: builderFact("b", "docker-container", idle), is: "stopped" },
    "a container that is stopped, of an image that nobody knows": {
      builder: builderFact("b", "docker-container", { ...idle, native: [], driverOptions: new Map([["image", "x/y"]]) }),
      is: /^it does not build for linux\/arm64$/,
    },
    "a pod that does not run": { builder: builderFact("b", "kubernetes", { ...idle, declared: both }), is: "stopped" },
    "a remote one that does not answer cannot be started": {
      builder: builderFact("b", "remote", { ...idle, declared: both }),
      is: /^its node "b0" is inactive$/,
    },
    "one of two nodes is dead": {
      builder: {
        ...builderFact("b", "remote", { platforms: both }),
        nodes: [nodeFact({ platforms: both }), nodeFact({ name: "far", status: "unreachable", problem: "no route" })],
      },
      is: /^its node "far" is unreachable: no route$/,
    },
    "no nodes": { builder: { ...builderFact("b", "remote"), nodes: [] }, is: /^it has no node$/ },
    "a driver of another time": { builder: builderFact("b", "unknown", { platforms: both }), is: /^its driver is not known$/ },
    "one that does not answer": { builder: builderFact("b", "docker-container", {}, "timed out"), is: /^it does not answer: timed out$/ },
    "a remote one may be anywhere": { builder: builderFact("b", "remote", { platforms: both }), wanted: { onLoopback: ["localhost:5000"] }, is: "fits" },
    "a container with a network of its own": {
      builder: builderFact("b", "docker-container", { platforms: both }),
      wanted: { onLoopback: ["localhost:5000", "127.0.0.1:1"] },
      is: /^it has a network of its own, from which "localhost:5000", "127\.0\.0\.1:1" is not reached$/,
    },
  };
  test.each(Object.entries(cases))("%s", (_name, { builder, wanted, is }) => {
    const found = fitnessOf(builder, hostFacts(), { platforms: both, onLoopback: [], ...wanted });
    expect(found).toEqual(is instanceof RegExp ? { kind: "unfit", why: expect.stringMatching(is) } : { kind: is });
  });
});
