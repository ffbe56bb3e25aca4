import { describe, expect, test } from "vitest";
import { builderFact, hostFacts, untold } from "../../../test/harness/host-facts.ts";
import type { HostFixPlan } from "./change.ts";
import { leftToUser, notHelped } from "./helped.ts";

const RESTART = { kind: "restart", command: ["systemctl", "restart", "docker"], byHand: "restart it", about: "" } as const;
const SELECT = { kind: "select", name: "b", before: undefined, command: ["docker"], undo: ["docker"], about: "" } as const;
const containerd: HostFixPlan = { with: "containerd", changes: [RESTART], notes: [] };
const buildx: HostFixPlan = { with: "buildx", changes: [SELECT], notes: [] };
const BOTH = ["linux/amd64", "linux/arm64"];
const platforms = ["linux/amd64", "linux/amd64/v2", "linux/arm64"];

test("only what the user alone can do is left to them", () => {
  expect(leftToUser(containerd)).toEqual([]);
  expect(leftToUser({ ...containerd, changes: [{ ...RESTART, command: undefined }] })).toEqual(["restart it"]);
});

describe("whether it helps", () => {
  test.each([
    ["the store is containerd's", hostFacts({ daemon: { store: "containerd" } }), undefined],
    ["the store is the classic one", hostFacts(), "Docker still has the classic image store"],
    ["no daemon answers", hostFacts({}, { daemon: untold("nobody listens", "start it", "silent") }), "nobody listens"],
  ])("%s", (_name, facts, why) => {
    expect(notHelped(containerd, facts, BOTH)).toBe(why);
  });
  test.each([
    ["the builder covers them", hostFacts({ builders: [builderFact("b", "docker-container", { platforms })] }), undefined],
    ["it declares them", hostFacts({ builders: [builderFact("b", "docker-container", { platforms: ["linux/amd64"], declared: ["linux/arm64"] })] }), undefined],
    [
      "it lacks one",
      hostFacts({ builders: [builderFact("b", "docker-container", { platforms: ["linux/amd64", "linux/arm/v7"] })] }),
      'the builder "b" does not build for linux/arm64',
    ],
    ["it is not there", hostFacts(), 'Buildx does not know the builder "b"'],
    [
      "it does not run",
      hostFacts({ builders: [builderFact("b", "docker-container", { platforms, status: "stopped" })] }),
      'the node "b0" of the builder "b" is stopped',
    ],
    ["it does not answer", hostFacts({ builders: [builderFact("b", "remote", {}, "no route")] }), 'the builder "b" does not answer: no route'],
    ["nobody knows", hostFacts({}, { builders: untold("no Buildx", "install it") }), "no Buildx"],
    [
      "it is Docker's own, which learns emulators when a build begins",
      hostFacts({ builders: [builderFact("b", "docker", { status: "inactive" })] }),
      undefined,
    ],
  ])("%s", (_name, facts, why) => {
    expect(notHelped(buildx, facts, BOTH)).toBe(why);
  });
});
