import { expect, test } from "vitest";
import { isProblem } from "../../core/problem.ts";
import { requireBuildx } from "./versions.ts";

function refusal(buildx: string | undefined, args: readonly string[], driver = "docker"): string {
  try {
    requireBuildx({ shown: "it", driver, buildx, env: {} }, args);
  } catch (error) {
    if (!isProblem(error, "buildx-unavailable")) throw error;
    return `${error.message} | ${error.facts.wanted}`;
  }
  return "fine";
}

test.each<[name: string, buildx: string | undefined, args: readonly string[], wanted: string, driver?: string]>([
  ["the first that is new enough", "0.12.0", ["--annotation", "a=b", "--provenance", "false", "--", "."], "fine"],
  ["written with a v", "v0.29.1", ["--build-context", "a=b", "--", "."], "fine"],
  ["a version nobody can read", "(devel)", ["--annotation", "a=b", "--", "."], "fine"],
  ["no version", undefined, ["--annotation", "a=b", "--", "."], "fine"],
  ["a flag", "0.11.2", ["--annotation", "a=b", "--", "."], "Buildx 0.11.2 has no flag --annotation: that came with Buildx 0.12.0 | 0.12.0"],
  [
    "an old flag names what is enough for all",
    "0.7.1",
    ["--build-context", "a=b", "--", "."],
    "Buildx 0.7.1 has no flag --build-context: that came with Buildx 0.8.0 | 0.12.0",
  ],
  [
    "what the user asked to be attested",
    "0.9.1",
    ["--provenance", "mode=max", "--", "."],
    "Buildx 0.9.1 has no flag --provenance: that came with Buildx 0.10.0 | 0.12.0",
  ],
  [
    "what is not wanted is not named",
    "0.9.1",
    ["--provenance", "false", "--sbom", "false", "--", "."],
    "Buildx 0.9.1 has no --progress rawjson, which multihull reads: that came with Buildx 0.12.0 | 0.12.0",
  ],
  ["a value that looks like a flag is a value", "0.12.0", ["--target", "--call", "--pull", "--", "--call"], "fine"],
  [
    "behind a switch comes a flag",
    "0.7.1",
    ["--pull", "--no-cache-filter", "a", "--", "."],
    "Buildx 0.7.1 has no flag --no-cache-filter: that came with Buildx 0.8.0 | 0.12.0",
  ],
  ["a driver", "0.8.2", ["--", "."], 'Buildx 0.8.2 has no driver "remote": that came with Buildx 0.9.0 | 0.12.0', "remote"],
  ["a driver nobody knows", "0.12.0", ["--", "."], "fine", "source"],
])("%s", (_name, buildx, args, wanted, driver) => {
  expect(refusal(buildx, args, driver)).toBe(wanted);
});
