// Needs: docker-registry, BuildKit, Docker with Buildx, crane, git
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Case } from "../compare/case.ts";
import { CASES, RUN_CASES } from "../compare/cases/index.ts";
import type { Outcome } from "../compare/differences.ts";
import {
  buildkitEngine,
  type CompareEngine,
  containerEngine,
  dockerEngine,
  type EngineName,
  ourEngine,
  type PeerName,
  throughOurs,
} from "../compare/engines.ts";
import { outcomeOf, surroundings } from "../compare/outcome.ts";
import { startServers } from "../compare/servers.ts";
import { handedOn, type Tried, verdict } from "../compare/verdict.ts";
import { peerSuite } from "./peer-suite.ts";

const PEERS: readonly PeerName[] = ["buildkit", "docker", "container"];
/** Programs take their time: of those cases Docker is asked for each so-manieth, unless for all. */
const DOCKER_RUNS_EACH = 5;
/** BuildKit is the same in its container, and our command only hands on: each so-manieth case sees that, a different one for each of them. */
const OTHERS_EACH = 32;

const everything = process.env.MULTIHULL_ALL_PEERS !== undefined;
const each = (cases: number, from: readonly Case[], offset: number): ReadonlySet<Case> =>
  new Set(everything ? from : from.filter((_, i) => i % cases === offset));

const needs = ["registry", "bases", "buildkit-image", "buildkitd", "buildx", "docker-containerd", "docker-classic", "crane", "git"] as const;
peerSuite("the same Dockerfile by BuildKit alone, in Docker and in a container, by the embedded engine, and by ours through each of them", needs, () => {
  const engines = new Map<EngineName, CompareEngine>();
  let world: string;
  let servers: { readonly stop: () => Promise<void> } | undefined;
  const store = mkdtempSync(join(tmpdir(), "multihull-store-"));

  beforeAll(async () => {
    const peers = [buildkitEngine(), dockerEngine(), await containerEngine()];
    for (const engine of [...peers, ourEngine(store), ...peers.map((peer) => throughOurs(peer, store))]) engines.set(engine.name, engine);
    world = surroundings();
    servers = await startServers();
  });
  afterAll(async () => {
    await servers?.stop();
    await engines.get("container")?.end();
    rmSync(store, { recursive: true, force: true });
  });

  test("the table has every case once, and enough of them", () => {
    expect(new Set(CASES.map((theCase) => theCase.name)).size).toBe(CASES.length);
    expect(CASES.length - RUN_CASES.length).toBeGreaterThanOrEqual(450);
    expect(RUN_CASES.filter((theCase) => /^(ONBUILD )?RUN\b/m.test(theCase.dockerfile) && theCase.fails === undefined).length).toBeGreaterThanOrEqual(200);
  });

  const withoutPrograms = CASES.filter((theCase) => !RUN_CASES.includes(theCase));
  const byDocker = new Set([...withoutPrograms, ...each(DOCKER_RUNS_EACH, RUN_CASES, 0)]);
  const inContainer = each(OTHERS_EACH, CASES, 0);
  const throughUs = PEERS.map((peer, i) => ({ peer, cases: each(OTHERS_EACH, CASES, (i + 1) * 4) }));

  describe.concurrent.each(CASES.map((theCase) => [theCase.name, theCase] as const))("%s", (_, theCase) => {
    // Tests of one case run beside each other, and each engine builds it once.
    const outcomes = new Map<EngineName, Promise<Outcome>>();
    const tried = async (name: EngineName): Promise<Tried> => {
      const outcome = outcomes.get(name) ?? outcomeOf(engines.get(name)!, theCase, world);
      outcomes.set(name, outcome);
      return { name, outcome: await outcome };
    };

    test("ours equals BuildKit's", async () => {
      const ours = await tried("ours");
      const found = verdict(theCase, ours, await tried("buildkit"));
      if (found.length === 0) return;
      // Where two versions of BuildKit differ, ours may be like either.
      if (theCase.peersDiffer !== undefined && verdict(theCase, ours, await tried("docker")).length === 0) return;
      expect(found).toEqual([]);
    });

    if (byDocker.has(theCase))
      test("Docker's equals BuildKit's, so that the judge can be trusted, or the case says why not", async () => {
        const found = verdict(theCase, await tried("docker"), await tried("buildkit"));
        if (theCase.peersDiffer === undefined) expect(found).toEqual([]);
        else expect(found, `no longer true: ${theCase.peersDiffer}`).not.toEqual([]);
      });

    if (inContainer.has(theCase))
      test("BuildKit's in a container equals BuildKit's", async () => {
        expect(verdict(theCase, await tried("container"), await tried("buildkit"))).toEqual([]);
      });

    for (const { peer, cases } of throughUs) {
      if (cases.has(theCase))
        test(`ours with ${peer} for a builder equals what that gives to Buildx`, async () => {
          const ours = await tried(`ours-${peer}`);
          const found = handedOn(theCase, ours, await tried(peer));
          // A Docker archive is written by us from what was built, as newer versions of BuildKit write it.
          if (found.length > 0 && theCase.peersDiffer !== undefined && handedOn(theCase, ours, await tried("buildkit")).length === 0) return;
          expect(found).toEqual([]);
        });
    }
  });
});
