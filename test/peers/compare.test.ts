// Needs: docker-registry, BuildKit, Docker with Buildx, crane, git
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CASES, RUN_CASES } from "../compare/cases/index.ts";
import { buildkitEngine, type CompareEngine, dockerEngine, ourEngine, outcomeOf, surroundings } from "../compare/engines.ts";
import { startServers } from "../compare/servers.ts";
import { verdict } from "../compare/verdict.ts";
import { peerSuite } from "./peer-suite.ts";

peerSuite("the same Dockerfile by BuildKit, Docker and ours", ["registry", "bases", "buildkitd", "buildx", "docker-containerd", "crane", "git"], () => {
  let engines: { readonly buildkit: CompareEngine; readonly docker: CompareEngine; readonly ours: CompareEngine };
  let world: string;
  let servers: { readonly stop: () => Promise<void> };
  const store = mkdtempSync(join(tmpdir(), "multihull-store-"));

  beforeAll(async () => {
    engines = { buildkit: buildkitEngine(), docker: dockerEngine(), ours: ourEngine(store) };
    world = surroundings();
    servers = await startServers();
  });
  afterAll(async () => {
    await servers.stop();
    rmSync(store, { recursive: true, force: true });
  });

  test("the table has every case once, and enough of them", () => {
    expect(new Set(CASES.map((theCase) => theCase.name)).size).toBe(CASES.length);
    expect(CASES.length - RUN_CASES.length).toBeGreaterThanOrEqual(450);
    expect(RUN_CASES.filter((theCase) => /^(ONBUILD )?RUN\b/m.test(theCase.dockerfile) && theCase.fails === undefined).length).toBeGreaterThanOrEqual(200);
  });

  // Programs take their time: of those cases Docker is asked for each fifth, unless for all.
  const judged = new Set(
    process.env.MULTIHULL_ALL_PEERS ? CASES : [...CASES.filter((theCase) => !RUN_CASES.includes(theCase)), ...RUN_CASES.filter((_, i) => i % 5 === 0)],
  );

  describe.concurrent.each(CASES.map((theCase) => [theCase.name, theCase] as const))("%s", (_, theCase) => {
    const tried = async (name: keyof typeof engines) => ({ name, outcome: await outcomeOf(engines[name], theCase, world) });

    test("ours equals BuildKit's", async () => {
      const ours = await tried("ours");
      const found = verdict(theCase, ours, await tried("buildkit"));
      if (found.length === 0) return;
      // Where two versions of BuildKit differ, ours may be like either.
      if (theCase.peersDiffer !== undefined && verdict(theCase, ours, await tried("docker")).length === 0) return;
      expect(found).toEqual([]);
    });

    test.runIf(judged.has(theCase))("Docker's equals BuildKit's, so that the judge can be trusted, or the case says why not", async () => {
      const found = verdict(theCase, await tried("docker"), await tried("buildkit"));
      if (theCase.peersDiffer === undefined) expect(found).toEqual([]);
      else expect(found, `no longer true: ${theCase.peersDiffer}`).not.toEqual([]);
    });
  });
});
