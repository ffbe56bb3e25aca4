import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { isProblem } from "../../../core/problem.ts";
import type { Candidate } from "./enter/candidates.ts";
import { tryWorlds } from "./enter/try-worlds.ts";
import { wardenProgram } from "./warden-program.ts";

const here = fileURLToPath(import.meta.url);

test("the first place that has it", () => {
  expect(wardenProgram(["/nowhere/sandbox-warden.mjs", here, "/elsewhere"])).toBe(here);
});

test("an installation without it is no matter of the machine: no other world is tried", async () => {
  const folder = mkdtempSync(join(tmpdir(), "multihull-worlds-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const world = (enter: Candidate["enter"]): Candidate => ({ world: "single-id", uids: [], gids: [], enter });
  const tried: string[] = [];
  const incomplete = world(async () => ({ command: [wardenProgram(["/nowhere"])], release: () => {} }));
  const other = world(async () => {
    tried.push("other");
    throw new Error("not permitted");
  });
  const failed = await tryWorlds({ folder, candidates: [incomplete, other] }).catch((error: unknown) => error);
  expect(isProblem(failed) && [failed.code, failed.hint]).toEqual(["run-unsupported", expect.stringContaining("npm run build")]);
  expect(failed).toMatchObject({ message: expect.not.stringMatching(/set apart|tried/) });
  expect(tried).toEqual([]);
  expect(readdirSync(join(folder, "leases"))).toEqual([]);
});
