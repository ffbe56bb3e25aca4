// Needs: docker-registry, BuildKit, Buildx, crane, QEMU, and a way to Debian's mirror, the npm registry and PyPI
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { PROGRAMS } from "../compare/cases/programs.ts";
import { buildkitEngine, ourEngine } from "../compare/engines.ts";
import { outcomeOf, surroundings } from "../compare/outcome.ts";
import { verdict } from "../compare/verdict.ts";
import { peerSuite } from "./peer-suite.ts";

/** Emulated package managers on a busy machine. */
const LONGEST_MS = 900_000;

peerSuite("real programs installed by BuildKit and ours, for amd64 and arm64", ["registry", "bases", "buildkitd", "buildx", "crane", "qemu"], () => {
  const store = mkdtempSync(join(tmpdir(), "multihull-store-"));
  afterAll(() => rmSync(store, { recursive: true, force: true }));

  describe.each(PROGRAMS.map((theCase) => [theCase.name, theCase] as const))("%s", (_, theCase) => {
    test("come to the same files", { timeout: LONGEST_MS }, async () => {
      const world = surroundings();
      const ours = { name: "ours" as const, outcome: await outcomeOf(ourEngine(store), theCase, world) };
      const theirs = { name: "buildkit" as const, outcome: await outcomeOf(buildkitEngine(), theCase, world) };
      expect(verdict(theCase, ours, theirs)).toEqual([]);
    });
  });
});
