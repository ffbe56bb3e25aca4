import { ProblemError } from "../../core/problem.ts";
import { buildxDoes, buildxHasDriver, buildxSince, buildxTakes } from "../../facts/buildx.ts";
import { atLeast } from "../../facts/version.ts";
import type { BuildkitBuilder } from "./request.ts";

/**
 * Refuses a build that asks more of a Buildx than its release can do, before anything is started. One that does not tell its version is taken to do everything.
 * @param args  of `buildkitArguments`
 * @throws {ProblemError} `buildx-unavailable`: what is too new for it, the release that has it, and the release that is new enough for all
 */
export function requireBuildx({ buildx, driver }: BuildkitBuilder, args: readonly string[]): void {
  if (buildx === undefined) return;
  const isBefore = (since: string | undefined): since is string => since !== undefined && atLeast(buildx, since) === false;
  for (const flag of flagsIn(args)) {
    const since = buildxTakes(flag);
    if (isBefore(since)) throw tooOld(buildx, since, `has no flag --${flag}`, { flag: `--${flag}` });
  }
  const since = buildxHasDriver(driver);
  if (isBefore(since)) throw tooOld(buildx, since, `has no driver "${driver}"`, { driver });
  if (!buildxDoes("progressAsJson", buildx)) {
    throw tooOld(buildx, buildxSince("progressAsJson"), "has no --progress rawjson, which multihull reads", { flag: "--progress rawjson" });
  }
}

const SWITCHES: readonly string[] = ["no-cache", "pull"];

/** Names of the flags, without dashes; what stands behind a flag is its value, whatever it looks like. */
function flagsIn(args: readonly string[]): ReadonlySet<string> {
  const flags = new Set<string>();
  for (let i = 0; i < args.length && args[i] !== "--"; i++) {
    const flag = (args[i] as string).slice(2);
    const value = SWITCHES.includes(flag) ? undefined : args[++i];
    // What nobody wants is not made by a Buildx that has no word for it.
    if (!(value === "false" && (flag === "provenance" || flag === "sbom"))) flags.add(flag);
  }
  return flags;
}

function tooOld(found: string, since: string, what: string, facts: Readonly<Record<string, string>>): ProblemError {
  const enough = newest(since, buildxSince("progressAsJson"));
  return new ProblemError("buildx-unavailable", {
    message: `Buildx ${found} ${what}: that came with Buildx ${since}`,
    hint: `update Buildx to ${enough} or newer (the package docker-buildx-plugin, or Docker Desktop), or build with --engine embedded`,
    facts: { ...facts, found, since, wanted: enough },
  });
}

const newest = (a: string, b: string): string => (atLeast(a, b) === true ? a : b);
