import type { Platform } from "../core/platform.ts";
import { type ProblemCode, ProblemError } from "../core/problem.ts";
import type { BuildNeeds, EngineOption, Way } from "../engine/choice/option.ts";
import type { BuilderFact, BuilderNodeFact, Unknown } from "../host/facts.ts";
import { names } from "../host/node-choice.ts";
import type { BuildFacts } from "../host/read-build-facts.ts";

/** What BuildKit could do for a build here, and the problem to be told where it cannot at all. */
export interface BuildkitOption extends EngineOption {
  readonly problem?: ProblemError;
}

/** What speaks for and against the builder that `docker buildx build` would take, from what is known of it. */
export function buildkitOption(facts: BuildFacts, { programs }: BuildNeeds): BuildkitOption {
  const problem = problemOf(facts);
  const builder = facts.builder.known ? facts.builder.value : undefined;
  return {
    engine: "buildkit",
    ...(builder === undefined ? {} : { builder: { name: builder.name, driver: builder.driver } }),
    against: problem === undefined ? [] : [problem.message],
    ways: builder === undefined || problem !== undefined ? [] : programs.map((platform) => ({ platform, ...wayOn(builder, platform) })),
    ...(problem === undefined ? {} : { problem }),
  };
}

function problemOf({ buildx, builder, lost }: BuildFacts): ProblemError | undefined {
  const problem = builder.known ? (lost === undefined ? builderProblem(builder.value) : lostProblem(builder.value, lost)) : undefined;
  if (problem !== undefined) return problem;
  if (!buildx.known) return unknownProblem("buildx-unavailable", buildx);
  if (builder.known) return undefined;
  // A context that is not there is Docker's, whatever Buildx makes of it.
  return unknownProblem(builder.why.startsWith("there is no Docker context") ? "docker-unavailable" : "builder-unusable", builder);
}

const unknownProblem = (code: ProblemCode, { why, help, source, state }: Unknown): ProblemError =>
  new ProblemError(code, { message: why, hint: help, facts: { source, state } });

/** Without Docker there is no builder of its own; of another one it is told whose fault it is. */
function lostProblem({ name, driver }: BuilderFact, { why, help, source, state }: Unknown): ProblemError {
  const facts = { builder: name, driver, source, state };
  if (driver === "docker") return new ProblemError("docker-unavailable", { message: why, hint: help, facts });
  return new ProblemError("builder-unusable", {
    message: `the builder "${name}" cannot be used: ${why}`,
    hint: `${help}; or name another builder with --builder`,
    facts,
  });
}

function builderProblem({ name, driver, nodes }: BuilderFact): ProblemError | undefined {
  const facts = { builder: name, driver };
  if (driver === "docker" && nodes.some(({ containerdStore }) => containerdStore === false))
    return new ProblemError("builder-unusable", {
      message: `the builder "${name}" is Docker's own (driver docker) with the classic image store, which can neither hold nor export an image of several platforms`,
      hint: "multihull fix --host --with buildx makes a builder that can, --with containerd switches Docker's image store",
      facts,
    });
  return nodes.some(({ status }) => status !== "unreachable")
    ? undefined
    : new ProblemError("builder-unusable", {
        message: `the builder "${name}" has no nodes`,
        hint: `remove it (docker buildx rm ${name}), or name another with --builder`,
        facts,
      });
}

function wayOn({ nodes }: BuilderFact, platform: Platform): { readonly way: Way; readonly why?: string } {
  const alive = nodes.filter(({ status }) => status !== "unreachable");
  if (alive.some((node) => runsNatively(node, platform))) return { way: "native" };
  // What does not run yet has not told what it emulates.
  if (alive.some(({ platforms, status }) => status !== "running" || names(platforms, platform))) return { way: "emulated" };
  return { way: "impossible", why: "no node has an emulator for it" };
}

/** Whether a node's own machine runs a platform's programs. */
export const runsNatively = ({ native }: BuilderNodeFact, platform: Platform): boolean => names(native, platform);
